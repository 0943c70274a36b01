import { createInterface } from 'node:readline';
import type { Output } from '../../terminal.ts';

/** Whether somebody says yes. */
export type Ask = (question: string) => Promise<boolean>;

/** Somebody's keyboard, or whatever standard input is. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/**
 * Asks whoever sits at the terminal; where nobody does, the command itself was the yes.
 * @param stopAsked gives what aborts at Ctrl-C: that is a no, and what is open can still be closed
 */
export function askOn(openInput: () => Input, output: Output, stopAsked: () => AbortSignal): Ask {
  return async (question) => {
    const input = openInput();
    if (input.isTTY !== true || output.isTTY !== true) return true;
    output.write(`${question} [y/N] `);
    // Not a terminal to readline: it would take Ctrl-C for itself.
    for await (const line of createInterface({ input, terminal: false, signal: stopAsked() })) {
      return /^\s*y(es)?\s*$/i.test(line);
    }
    return false;
  };
}
