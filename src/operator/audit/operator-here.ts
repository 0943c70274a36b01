import { hostname, userInfo } from 'node:os';

/** The user of this process and its machine. */
export function operatorHere(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have a number and no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
