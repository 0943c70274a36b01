import { afterAll } from '@jest/globals';
import { clientOf, startTestWorkspace } from './workspace-fixtures.ts';

/** A workspace and its app's client, for the tests of a file: it ends after the last. */
export async function openTestWorkspace() {
  const workspace = await startTestWorkspace();
  afterAll(() => workspace.stop());
  return { workspace, client: clientOf(workspace) };
}
