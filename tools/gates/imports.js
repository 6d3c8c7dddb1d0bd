/**
 * The lint rule of who may import whom. Every import is followed to the package, and to the layer within it, that it
 * leads into, however it is written: by name or by path, static, re-exported, dynamic or in a type.
 */
import { dirname, relative, resolve, sep } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const scope = '@tranquility-js/';

/** Where a file lies: its package, whether it is source, and the layer (folder of the source) that holds it. */
function place(file) {
  const [group, name, area, ...rest] = relative(root, file).split(sep);
  if (group !== 'packages') return undefined;
  return { name, source: area === 'src', layer: rest.length > 1 ? rest[0] : undefined };
}

function faultOfName(from, target, packages) {
  if (!from.source) return undefined;
  if (target === from.name) return 'Import the file that defines it, not the package itself.';
  const allowed = packages[from.name] ?? [];
  if (allowed.includes('*') ? target in packages : allowed.includes(target)) return undefined;
  return `${from.name} may import ${allowed.join(', ').replace('*', 'any of packages/') || 'none of our packages'}.`;
}

function faultOfPath(from, to, layers) {
  if (to?.name !== from.name) {
    return from.source || to ? 'This path leaves the package. Import another package by its name.' : undefined;
  }
  const order = layers[from.name];
  if (!order || !from.source || from.layer === undefined || from.layer === to.layer) return undefined;
  if (to.layer === undefined) return 'Import the file that defines it, not the package entry.';
  if (order.indexOf(to.layer) < order.indexOf(from.layer)) return undefined;
  return `The layer ${from.layer} is below ${to.layer}, and imports point down.`;
}

/** A folder that has no place in the order is refused, or it would escape the rule. */
function isUnplaced(from, layers) {
  const order = layers[from.name];
  return from.source && order && from.layer !== undefined && !order.includes(from.layer);
}

export const imports = {
  meta: {
    type: 'problem',
    schema: [{ type: 'object', properties: { packages: { type: 'object' }, layers: { type: 'object' } } }],
  },
  create(context) {
    const [{ packages, layers }] = context.options;
    const from = place(context.filename);
    if (!from) return {};

    const check = (node) => {
      const target = node.source?.value;
      if (typeof target !== 'string') return;
      let message;
      if (target.startsWith('.'))
        message = faultOfPath(from, place(resolve(dirname(context.filename), target)), layers);
      else if (target.startsWith(scope))
        message = faultOfName(from, target.slice(scope.length).split('/')[0], packages);
      if (message) context.report({ node: node.source, message });
    };

    return {
      Program(node) {
        if (isUnplaced(from, layers))
          context.report({ node, message: `Give ${from.layer} its place among the layers.` });
      },
      ImportDeclaration: check,
      ExportAllDeclaration: check,
      ExportNamedDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};
