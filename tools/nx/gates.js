/**
 * The gates as nx targets, inferred from where a project lies: no project writes them down.
 * A publishable package is one under `packages/`. The root project carries what is checked once for all of them.
 */
import { dirname } from 'node:path';

const published = (root) => root.startsWith('packages/');

const lint = (root, files) => ({
  command: `eslint --max-warnings 0 ${files}`,
  options: { cwd: root },
  cache: true,
  inputs: ['default', '^production'],
});

function gatesOfProject(root) {
  if (!published(root)) return { lint: lint(root, '.') };
  const built = { dependsOn: ['build'], cache: true, inputs: ['production', '^production'] };
  return {
    lint: lint(root, '.'),
    publint: { ...built, command: 'publint --strict', options: { cwd: root } },
    attw: { ...built, command: 'attw --pack . --profile esm-only', options: { cwd: root } },
    // npm packs only what lies in the package, so the one license text is copied there before a package is packed.
    license: {
      command: `cp LICENSE ${root}/LICENSE`,
      cache: true,
      inputs: ['{workspaceRoot}/LICENSE'],
      outputs: ['{projectRoot}/LICENSE'],
    },
  };
}

/** These look at the whole tree, so a cached answer is never known to be right. */
const gatesOfRepository = {
  lint: lint(
    '.',
    '*.js *.ts .ci examples tools/config-schema tools/gates tools/joda-corpus tools/nx tools/parser-corpus tools/release tools/wasm',
  ),
  typecheck: { command: 'tsc --project tools' },
  test: { command: 'vitest run', options: { cwd: 'tools/gates' } },
  format: { command: 'prettier --check .' },
  'dead-code': { command: 'knip' },
  duplicates: {
    command:
      'jscpd --min-lines 8 --min-tokens 70 --exit-code 1 --fail-on-empty --no-tips --format typescript,javascript packages/*/src tools/*/src',
  },
  'pack-smoke': {
    command: 'node tools/gates/pack-smoke.mjs',
    dependsOn: [
      { projects: 'packages/*', target: 'build' },
      { projects: 'packages/*', target: 'license' },
    ],
  },
};

export const name = 'tranquility-js/gates';

export const createNodesV2 = [
  '{package.json,{packages,tools}/*/package.json}',
  (files) =>
    files.map((file) => {
      const root = dirname(file);
      const targets = root === '.' ? gatesOfRepository : gatesOfProject(root);
      return [file, { projects: { [root]: { targets } } }];
    }),
];
