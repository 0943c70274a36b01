#!/usr/bin/env node
/**
 * Where a command line goes. `ronda run` stands beside every job of a machine, so it loads nothing of the service;
 * all else is program.ts.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Most of a start is compiling; where the folder cannot be written to, it stays so.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/ronda', import.meta.url)));

const [, , command, ...args] = process.argv;
if (command === 'run') {
  const { main } = await import('./job/main.ts');
  await main(args);
} else if (command === 'help' && args[0] === 'run') {
  const { main } = await import('./job/main.ts');
  await main(['--help']);
} else {
  await import('./program.ts');
}
