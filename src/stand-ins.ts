import { codeOf, UsageError } from './errors.ts';

/**
 * What stands in for AWS and Slack on one machine, for those who ask for it: a production install has neither the
 * modules nor the packages that they need, and loads none of them.
 * @throws UsageError where they are not installed
 */
export async function standIns() {
  return await present(async () => {
    const [{ keepEngines }, { localApp, newLocalApp, registerApp }, { loopbackNames }, { startWorkspace }] =
      await Promise.all([
        import('../localstack/supervisor.ts'),
        import('../localstack/slack/local-app.ts'),
        import('../localstack/request-guard.ts'),
        import('../localstack/slack/workspace.ts'),
      ]);
    return { keepEngines, localApp, newLocalApp, registerApp, loopbackNames, startWorkspace };
  });
}

export type StandIns = Awaited<ReturnType<typeof standIns>>;

/** The engines themselves, to run in this process. @throws UsageError as `standIns` */
export async function engineRunner() {
  return await present(async () => await import('../localstack/engines-process.ts'));
}

async function present<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (codeOf(cause) !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new UsageError(
      'This is a production install, without the engines and the workspace that stand in for AWS and Slack: ' +
        'set RONDA_BACKEND=aws and SLACK_BOT_TOKEN, or install with development dependencies.',
      { cause },
    );
  }
}
