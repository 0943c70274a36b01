import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { apply, newWorkspace, snapshot, type Workspace } from './changes.ts';
import { change, type Change } from './state.ts';

export type Journal = {
  /** The workspace as the journal found it. */
  readonly workspace: Workspace;
  /**
   * Writes a change down; when it returns, a SIGKILL of this process no longer loses it.
   * @param after the workspace with the change
   */
  readonly append: (change: Change, after: Workspace) => void;
  readonly close: () => void;
};

const file = 'workspace.jsonl';
/** A board is edited for months: when this much was written, the journal is written anew. */
const rewriteAfterBytes = 32_000_000;

/**
 * Reads a directory's journal, shortens it to what still matters and goes on writing to it. Without a directory
 * nothing is kept.
 * @param rewriteAfter bytes of changes after which the journal is shortened again
 * @throws Error that names the line when one cannot be read; a torn last one is left out, it was never answered
 */
export function openJournal(dir: string | undefined, rewriteAfter = rewriteAfterBytes): Journal {
  if (dir === undefined) return { workspace: newWorkspace, append: () => undefined, close: () => undefined };
  mkdirSync(dir, { recursive: true });
  const path = join(dir, file);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const workspace = changesOf(text, path).reduce(apply, newWorkspace);
  let handle: number | undefined = rewrite(path, workspace);
  let written = 0;
  return {
    workspace,
    append: (change, after) => {
      // The number of a closed handle may by then be another file's.
      if (handle === undefined) throw new Error(`${path} is closed`);
      written += writeSync(handle, line(change));
      if (written < rewriteAfter) return;
      const before = handle;
      handle = rewrite(path, after);
      closeSync(before);
      written = 0;
    },
    close: () => {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
}

/** Atomic: a crash leaves the old journal or the new one. @returns a handle that appends to the new one */
function rewrite(path: string, workspace: Workspace): number {
  const next = `${path}.new`;
  writeFileSync(next, snapshot(workspace).map(line).join(''));
  renameSync(next, path);
  return openSync(path, 'a');
}

function line(change: Change): string {
  return `${JSON.stringify(change)}\n`;
}

function changesOf(text: string, path: string): Change[] {
  const lines = text.split('\n');
  // What stands behind the last line feed is a write that never ended.
  return lines.slice(0, -1).map((json, index) => {
    try {
      const parsed: unknown = JSON.parse(json);
      return change.parse(parsed);
    } catch (cause) {
      throw new Error(`${path}: line ${index + 1} is no change of a workspace`, { cause });
    }
  });
}
