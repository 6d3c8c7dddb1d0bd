/**
 * The gates that every project passes, as nx targets inferred from where the project lies: no project writes them down.
 * A publishable package is one under `packages/`.
 */
import { dirname } from 'node:path';

const published = (root) => root.startsWith('packages/');

function gates(root) {
  const inputs = ['default', '^production'];
  const targets = {
    lint: { command: 'eslint --max-warnings 0 .', options: { cwd: root }, cache: true, inputs },
  };
  if (!published(root)) return targets;
  const built = { dependsOn: ['build'], cache: true, inputs: ['production', '^production'] };
  return {
    ...targets,
    publint: { ...built, command: 'publint --strict', options: { cwd: root } },
    attw: { ...built, command: 'attw --pack . --profile esm-only', options: { cwd: root } },
  };
}

export const name = 'tranquility-js/gates';

export const createNodesV2 = [
  '{packages,tools}/*/package.json',
  (files) =>
    files.map((file) => {
      const root = dirname(file);
      return [file, { projects: { [root]: { targets: gates(root) } } }];
    }),
];
