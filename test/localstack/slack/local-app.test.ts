import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makeDataDir } from '../../../localstack/data-dir.ts';
import { localAppOf } from '../../../localstack/slack/local-app.ts';
import { run } from '../../process/program.ts';
import { cleanUp, newDataDir } from '../fixtures.ts';

const after = cleanUp();
/** A data directory that is there. */
async function madeDataDir(): Promise<string> {
  const dir = await newDataDir(after);
  makeDataDir(dir);
  return dir;
}
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

test('every data directory has an app of its own, which its owner alone can read, and keeps it', async () => {
  const [one, other] = [await madeDataDir(), await madeDataDir()];
  const app = localAppOf(one);
  expect(localAppOf(one)).toEqual(app);
  expect(localAppOf(other)).not.toEqual(app);
  expect(await modeOf(join(one, 'slack-app.json'))).toBe('600');
  await chmod(join(one, 'slack-app.json'), 0o644);
  localAppOf(one);
  expect(await modeOf(join(one, 'slack-app.json'))).toBe('600');
});

test('one that cannot be read is a user’s to mend', async () => {
  const dir = await madeDataDir();
  await writeFile(join(dir, 'slack-app.json'), 'broken');
  expect(() => localAppOf(dir)).toThrow(/slack-app\.json cannot be read: delete it/);
  expect(await readFile(join(dir, 'slack-app.json'), 'utf8')).toBe('broken');
});

test('a data directory is its owner’s alone, also one that was there before', async () => {
  const parent = await madeDataDir();
  makeDataDir(join(parent, 'new'));
  await mkdir(join(parent, 'old'), { mode: 0o755 });
  makeDataDir(join(parent, 'old'));
  expect([await modeOf(join(parent, 'new')), await modeOf(join(parent, 'old'))]).toEqual(['700', '700']);
});

test.each([
  ['without a secret', ['--host', '0.0.0.0', '--allow-host', 'workspace'], {}],
  [
    'without a name',
    ['--host', '0.0.0.0'],
    { SLACK_BOT_TOKEN: 'xoxb-1-a', SLACK_SIGNING_SECRET: '0123456789abcdef' },
  ],
])('a workspace at another address %s does not start', async (_what, args, env) => {
  const { code, stdout, stderr } = await run(['workspace', '--port', '0', ...args], env);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('--host 0.0.0.0: needs SLACK_BOT_TOKEN');
});
