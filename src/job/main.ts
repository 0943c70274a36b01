import { existsSync } from 'node:fs';
import { notBegun, runCommand } from './command.ts';
import { thisProcess } from './process/host.ts';

/** Runs `ronda run` in this process, and ends it. */
export async function main(argv: readonly string[]): Promise<void> {
  const host = thisProcess();
  const reportFault = (error: unknown): void => {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    host.outputs.err
      .write(Buffer.from(`ronda: This is a fault of Ronda's, please report it: ${reason}\n`))
      .catch(() => undefined);
  };
  // A job that runs is not left alone for it.
  process.on('uncaughtException', reportFault);
  /**
   * An ordinary exit waits for every write that is under way, for as long as nobody takes it. A program that takes
   * this process's place does not.
   */
  const leave = (code: number): void => {
    if (host.isWriting() && existsSync('/bin/sh'))
      process.execve?.('/bin/sh', ['sh', '-c', `exit ${code}`], {});
    process.exit(code);
  };
  try {
    leave(await runCommand(argv, process.env, host));
  } catch (error) {
    reportFault(error);
    leave(notBegun);
  }
}
