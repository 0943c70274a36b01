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
  /** Writes a change down; when it returns, a SIGKILL of this process no longer loses it. */
  readonly append: (change: Change) => void;
  readonly close: () => void;
};

const file = 'workspace.jsonl';

/**
 * Reads a directory's journal, shortens it to what still matters and goes on writing to it. Without a directory
 * nothing is kept.
 * @throws Error that names the line when one cannot be read; a torn last one is left out, it was never answered
 */
export function openJournal(dir: string | undefined): Journal {
  if (dir === undefined) return { workspace: newWorkspace, append: () => undefined, close: () => undefined };
  mkdirSync(dir, { recursive: true });
  const path = join(dir, file);
  const workspace = changesOf(existsSync(path) ? readFileSync(path, 'utf8') : '', path).reduce(
    apply,
    newWorkspace,
  );
  writeFileSync(`${path}.new`, snapshot(workspace).map(line).join(''));
  // Atomic: a crash leaves the old journal or the new one.
  renameSync(`${path}.new`, path);
  const handle = openSync(path, 'a');
  let isOpen = true;
  return {
    workspace,
    append: (change) => {
      // The number of a closed handle may by then be another file's.
      if (!isOpen) throw new Error(`${path} is closed`);
      writeSync(handle, line(change));
    },
    close: () => {
      isOpen = false;
      closeSync(handle);
    },
  };
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
