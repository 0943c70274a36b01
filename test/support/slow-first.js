import TestSequencer from '@jest/test-sequencer';

/** Where suites wait for processes of their own: whatever else there is, runs beside them. */
const slow = /[/\\](?:process|chaos|nights|fate|localstack|dlq)[/\\]/;

/** Without figures of an earlier run, jest begins with the largest files; the slowest are what decides. */
export default class SlowFirst extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    return [
      ...sorted.filter(({ path }) => slow.test(path)),
      ...sorted.filter(({ path }) => !slow.test(path)),
    ];
  }
}
