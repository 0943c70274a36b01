import importX from 'eslint-plugin-import-x';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

/**
 * Who may import whom. A folder may import itself and what stands in its list, a room or a file, nothing else of ours.
 * The order is the flow of docs/architecture.md: facts below, rules above them, roles above rules.
 */
const light = ['src/clock.ts', 'src/backoff.ts', 'src/duration.ts', 'src/errors.ts', 'src/printable.ts'];
const shared = [...light, 'src/log.ts', 'src/config.ts', 'src/aws.ts', 'src/in-parallel.ts'];
const rules = ['src/events', 'projections'];
const plumbing = [...rules, ...shared, 'src/queue', 'src/store', 'src/night'];
export const mayImport = {
  'src/events': [],
  projections: ['src/events'],
  'src/night': [...rules],
  'src/queue': [...rules, ...shared],
  'src/store': [...rules, ...shared],
  'src/ingress': [...plumbing, 'src/board'],
  'src/consumer': plumbing,
  'src/alerts': [...rules, ...shared, 'src/store', 'src/night'],
  // One rule says which line of an error tells the cause, whoever shows it.
  'src/board': [...plumbing, 'src/alerts/cause-line.ts'],
  'src/watch': [...plumbing, 'src/alerts', 'src/board'],
  'src/transports/slack': [...plumbing, 'src/alerts', 'src/board'],
  'src/transports/webhook': [...plumbing, 'src/alerts'],
  // What both the roles and the operator's commands start from.
  'src/settings': [...shared, 'src/night'],
  'src/provision': [...rules, ...shared, 'src/queue', 'src/store'],
  // It stands outside, as the fleet of services does.
  'src/simulate': [...plumbing, 'src/job', 'src/terminal.ts'],
  'src/operator': [
    ...plumbing,
    ...['src/alerts', 'src/board', 'src/job', 'src/settings', 'src/provision', 'src/simulate'],
    'src/terminal.ts',
  ],
  // It stands beside every job of a machine: nothing of the service is loaded for it.
  'src/job': light,
};
export const rooms = [
  ...Object.keys(mayImport),
  ...[
    'clock',
    'backoff',
    'duration',
    'printable',
    'terminal',
    'log',
    'errors',
    'config',
    'aws',
    'in-parallel',
    'connect',
    'transports/registry',
    'server',
    'stand-ins',
    'main',
    'program',
    'stop',
    'cli',
  ].map((name) => `src/${name}.ts`),
  ...['src/health', 'localstack', 'test', 'bench'],
];
const zones = Object.entries(mayImport).flatMap(([target, allowed]) =>
  rooms
    .filter((room) => room !== target && !allowed.includes(room))
    .map((room) => ({
      target,
      from: room,
      // Of a room that is closed otherwise, single files.
      except: allowed
        .filter((one) => one.startsWith(`${room}/`))
        .map((one) => `./${one.slice(room.length + 1)}`),
    })),
);

export default tseslint.config(
  { ignores: ['node_modules', 'coverage', '.data'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'CallExpression[callee.object.name="Date"][callee.property.name="now"], NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'Only clock.ts reads time: take a Clock as an argument.',
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'projections/**/*.ts'],
    plugins: { jsdoc },
    rules: {
      'jsdoc/require-jsdoc': ['error', { publicOnly: true, require: { ArrowFunctionExpression: true } }],
    },
  },
  { files: ['src/clock.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
);
