import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../src/exit-codes.js';
import { runCommand } from './support/command.js';

const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');

describe('docs/cli.md', () => {
  it.each([
    'kafka',
    'kinesis',
    'push',
    'reindex-spec',
    'resume',
    'server',
    'status',
    'suspend',
    'terminate',
    'validate',
  ])('has every option of %s', async (command) => {
    const { out } = await runCommand(command, '--help');
    const options = out.match(/^ {2}-.*?(?= {2,})/gm)?.flatMap((line) => line.match(/--?[a-zA-Z-]+/g) ?? []) ?? [];
    expect(options.length).toBeGreaterThan(4);
    for (const option of options) expect(page).toContain(`\`${option}`);
    expect(page).toContain(`\n## ${command}\n`);
  });

  it('has every command and every exit code', async () => {
    const { out } = await runCommand('--help');
    const commands = [...out.matchAll(/^ {2}([\w-]+) {2,}/gm)].map(([, name]) => name);
    expect([...page.matchAll(/^\| \[`([\w-]+)`\]/gm)].map(([, name]) => name).sort()).toEqual(commands.sort());
    for (const code of Object.values(exitCodes)) expect(page).toMatch(new RegExp(`^\\| ${code} `, 'm'));
  });
});
