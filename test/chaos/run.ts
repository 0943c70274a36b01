import { spawn } from 'node:child_process';

/**
 * `npm run chaos`: every way to kill a process while it posts, a line for each as it ends. It exits as Jest does.
 * Arguments go to Jest, such as `-t 'late post'`.
 */
const jest = spawn(
  process.execPath,
  [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    ...['node_modules/jest/bin/jest.js', 'test/chaos', ...process.argv.slice(2)],
  ],
  { stdio: 'inherit', env: { ...process.env, RONDA_CHAOS: 'all' } },
);
jest.on('close', (code) => {
  process.exitCode = code ?? 1;
});
