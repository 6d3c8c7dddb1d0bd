import { existsSync } from 'node:fs';
import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Who may import whom among our packages. `*` is every package. What is not listed imports none of ours. */
const mayImport = {
  core: [],
  sandbox: [],
  'node-streams': ['core'],
  'rxjs-operator': ['core'],
  kafka: ['core'],
  kinesis: ['core'],
  server: ['core'],
  cli: ['*'],
};

/** The layers of `core`, lowest first: a folder imports only folders that stand before it. */
const coreLayers = [
  'errors',
  'time',
  'observe',
  'spec',
  'config',
  'event',
  'transport',
  'druid',
  'coordination',
  'beam',
  'realtime',
  'sender',
];

const importRule = (patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

const packageRules = Object.entries(mayImport)
  .filter(([name, allowed]) => !allowed.includes('*') && existsSync(`${import.meta.dirname}/packages/${name}`))
  .map(([name, allowed]) => ({
    files: [`packages/${name}/src/**/*.ts`],
    rules: importRule([
      {
        regex: `^@tranquility-js/(?!(?:${['', ...allowed].filter(Boolean).join('|') || '-'})(?:/|$))`,
        message: `${name} may import ${allowed.join(', ') || 'none of our packages'}.`,
      },
      { regex: '^(\\.\\./)+packages/', message: 'Import another package by its name.' },
    ]),
  }));

const layerRules = coreLayers.map((layer, index) => {
  const later = coreLayers.slice(index + 1);
  return {
    files: [`packages/core/src/${layer}/**/*.ts`],
    rules: importRule([
      { regex: '^@tranquility-js/', message: 'core imports none of our packages.' },
      { regex: '^(\\.\\./)+index', message: 'Import the file that defines it, not the package entry.' },
      ...(later.length === 0
        ? []
        : [{ regex: `^\\.\\./(${later.join('|')})/`, message: `${layer} is below ${later.join(', ')}.` }]),
    ]),
  };
});

export default defineConfig(
  { ignores: ['**/dist/**', '**/out-tsc/**', '**/coverage/**', '**/.nx/**'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.ts', 'packages/*/vitest.config.ts', 'tools/*/vitest.config.ts'] }, tsconfigRootDir: import.meta.dirname } },
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
  ...packageRules,
  ...layerRules,
);
