import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { properties, type Property } from '../../src/config/properties.js';

const page = readFileSync(new URL('../../../../docs/properties.md', import.meta.url), 'utf8');

/** The lines of the page for the engine's properties, made from the table in the code. */
function expectedRows(): string[] {
  return Object.entries<Property<unknown>>(properties).map(([name, { default: value, description, only }]) => {
    const limit = only === undefined ? '' : ` **${only.reason}**`;
    return `- \`${name}\` (${value === undefined ? 'unset' : `\`${value}\``}): ${description}${limit}`;
  });
}

describe('docs/properties.md', () => {
  it('tells every property as the code has it', () => {
    const rows = page.replace(/\n {2}(?=\S)/g, ' ').match(/^- `[\w.]+` \(.*$/gm) ?? [];
    expect(rows).toEqual(expectedRows());
  });

  it('has defaults that are valid', () => {
    for (const [name, property] of Object.entries<Property<unknown>>(properties)) {
      if (property.default !== undefined) expect(property.kind.read(property.default), name).toBeDefined();
    }
  });
});
