import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { imports } from './tools/gates/imports.js';

/** Who may import whom among our packages. `*` is every package. What is not listed imports none of ours. */
const packages = {
  core: [],
  sandbox: ['core'],
  'node-streams': ['core'],
  'rxjs-operator': ['core'],
  connect: ['core'],
  kafka: ['core', 'connect', 'operations', 'schema-registry'],
  kinesis: ['core', 'connect', 'operations', 'schema-registry'],
  operations: ['core'],
  server: ['core', 'operations'],
  'schema-registry': ['core'],
  cli: ['*'],
};

/** The layers of `core`, lowest first: a folder imports only folders that stand before it. */
const layers = {
  core: [
    'errors',
    'time',
    'observe',
    'spec',
    'config',
    'event',
    'decode',
    'journal',
    'partition',
    'smile',
    'transport',
    'zookeeper',
    'druid',
    'coordination',
    'beam',
    'pull',
    'append',
    'realtime',
    'relay',
    'lane',
    'operator',
    'sender',
  ],
};

export default defineConfig(
  // In an assembly folder is AssemblyScript, which looks like TypeScript and has other types and operators.
  { ignores: ['**/.readme-*/**', '**/dist/**', '**/out-tsc/**', '**/coverage/**', '**/.nx/**', '**/assembly/**'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.ts', 'packages/*/vitest.config.ts', 'tools/*/vitest.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly' } },
  },
  {
    files: ['packages/server/page/**'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...['document', 'fetch', 'localStorage', 'performance', 'setTimeout'],
          ...['AbortSignal', 'ResizeObserver', 'TextDecoder', 'TextEncoder'],
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['examples/**'],
    languageOptions: { globals: { require: 'readonly' } },
    rules: { 'no-console': 'off' },
  },
  {
    files: ['packages/**/*.ts'],
    plugins: { tranquility: { rules: { imports } } },
    rules: { 'tranquility/imports': ['error', { packages, layers }] },
  },
);
