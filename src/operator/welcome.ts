import type { Settings } from '../config.ts';

export type WelcomeInput = {
  readonly url: string;
  readonly roles: readonly string[];
  readonly engines: { readonly sqs: string; readonly dynamodb: string } | undefined;
  /** The page of the workspace that stands in for Slack, if one does. */
  readonly workspace: string | undefined;
  readonly queueUrl: string;
  readonly madeKey: string | undefined;
  readonly settings: Settings;
};

/** What `ronda start` prints once it runs: where everything is, and what to try first. Pure. */
export function welcome(input: WelcomeInput): string {
  const { url, roles, engines, queueUrl, madeKey, settings, workspace } = input;
  const lines = [
    '',
    `  Ronda watches (${roles.join(', ')})`,
    '',
    ...(roles.includes('ingress') ? [`  HTTP      ${url}/api/v1`] : []),
    `  Health    ${url}/health/system`,
    `  Queue     ${reachable(queueUrl, engines?.sqs)}`,
    ...(workspace === undefined ? [] : [`  Slack     ${workspace}  (a stand-in: open it in a browser)`]),
    ...(engines === undefined ? [] : [`  Engines   SQS ${engines.sqs}  DynamoDB ${engines.dynamodb}`]),
    ...(engines === undefined ? [] : [`  Data      ${settings.RONDA_DATA_DIR}`]),
    ...(madeKey === undefined ? [] : [`  API key   ${madeKey}`]),
    ...(roles.includes('slack') ? [`  Board     ${whenShown(settings)}`] : []),
    '',
  ];
  if (roles.includes('ingress') && madeKey !== undefined) {
    const body = JSON.stringify({
      scheduler_id: 'eod-billing',
      service_name: 'billing',
      job_name: 'End of day',
    });
    lines.push(
      '  Try:',
      `    curl -X POST ${url}/api/v1/schedulers/register -H 'x-api-key: ${madeKey}' \\`,
      `      -H 'content-type: application/json' -d '${body}'`,
      '',
      '  Ctrl-C ends it.',
      '',
    );
  }
  return `${lines.join('\n')}\n`;
}

/** When the board is shown. */
function whenShown({ EOD_WINDOW, EOD_TIMEZONE, RONDA_BACKEND, RONDA_BOARDS }: Settings): string {
  if (RONDA_BOARDS !== undefined) return `as ${RONDA_BOARDS} has it`;
  if (EOD_WINDOW !== '00:00-24:00')
    return `in the night ${EOD_WINDOW} ${EOD_TIMEZONE} (EOD_WINDOW, EOD_TIMEZONE)`;
  const production =
    RONDA_BACKEND === 'embedded' ? '; production nights are 00:00-06:00 Asia/Jakarta: EOD_WINDOW' : '';
  return `now, all day, in ${EOD_TIMEZONE}${production}`;
}

/** The embedded engine names its queues under a host that not every resolver knows; it answers to any. */
function reachable(queueUrl: string, endpoint: string | undefined): string {
  return endpoint === undefined ? queueUrl : `${endpoint}${new URL(queueUrl).pathname}`;
}
