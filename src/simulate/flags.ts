/** What `ronda simulate` can be told, in the form of commander: flags, and what they mean. */
export const simulateFlags: readonly (readonly [flags: string, meaning: string])[] = [
  ['--seed <n>', 'which night: the same number gives the same one (default: 1)'],
  ['--schedulers <n>', 'how many schedulers (default: 40)'],
  ['--url <url>', 'where Ronda listens (default: http://127.0.0.1:3000)'],
  ['--key <key>', 'an API key with scope ingest (default: RONDA_API_KEY)'],
  ['--sqs <queue-url>', 'the events queue, for those that send to it themselves (default: all use HTTP)'],
  [
    '--speed <n>',
    'how many times faster than six hours the night passes (default: 240, or 1 on a fast clock)',
  ],
  ['--start <time>', 'when the night begins, ISO 8601; what is past is sent at once (default: now)'],
  ['--dry-run', 'print what would be sent, one JSON object a line, and send nothing'],
  ['--json', 'print the closing summary as one JSON object'],
];
