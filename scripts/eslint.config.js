import path from 'node:path';
import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';

const root = path.resolve(import.meta.dirname, '..');

/** One zone a rule of the architecture: what `target` may not import, and why. */
const zone = (target, from, message, except = []) => ({ target, from, message, except });

const zones = [
  zone('guest-agent/src/api', 'guest-agent/src', 'api/ is the contract: it imports nothing else of the repository', [
    './api',
  ]),
  zone('daemon/src/api', 'daemon/src', 'api/ is the contract: it imports nothing else of the repository', ['./api']),
  zone('guest-agent', 'daemon', 'the daemon knows the agent, never the other way round'),
  zone('guest-agent/src/!(server)/**', 'guest-agent/src/server', 'domain code does not know the HTTP server'),
  zone('guest-agent/src/containerd', 'guest-agent/src/!(containerd|api|gen)/**', 'an adapter knows no domain'),
  zone('daemon', 'desktop', 'the daemon serves the built pages, but knows nothing of them'),
  zone('desktop', 'guest-agent', 'the desktop knows the control API only'),
  zone('desktop/src', 'daemon', 'the desktop knows the control API only', ['./src/api', './dist/api']),
  zone('desktop/src/renderer', 'desktop/src/!(renderer|shared)/**', 'pages run in a browser, too'),
  zone(
    'daemon/src/vm',
    'daemon/src/!(vm|api|process|concurrency)/**',
    'drivers know the machine only, not who uses it',
  ),
];

export default tseslint.config(
  { basePath: root, ignores: ['**/dist/**', '**/gen/**', 'vm-images/out/**', '**/node_modules/**'] },
  {
    basePath: root,
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.recommended],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: path.join(root, 'tsconfig.json') })],
    },
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['guest-agent/bundle.ts', 'desktop/bundle.ts'] },
        tsconfigRootDir: root,
      },
    },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 3],
      'import-x/no-default-export': 'error',
      'import-x/no-cycle': ['error', { maxDepth: 6 }],
      'import-x/no-restricted-paths': ['error', { basePath: root, zones }],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['fs', 'path', 'net', 'http', 'os', 'stream', 'crypto', 'child_process'],
              message: "built-ins are imported as 'node:…'",
            },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'the environment is read in config/env.ts (daemon) or config.ts (agent) only',
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
    },
  },
  {
    basePath: root,
    files: [
      'daemon/src/config/env.ts',
      'guest-agent/src/config.ts',
      'desktop/src/main/environment.ts',
      'test/**',
      'scripts/**',
      'vm-images/src/main.ts',
    ],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    basePath: root,
    files: ['**/*.test.ts', 'test/**', '**/testing/**'],
    rules: { 'max-lines-per-function': 'off' },
  },
  { basePath: root, files: ['**/vitest.config.ts'], rules: { 'import-x/no-default-export': 'off' } },
);
