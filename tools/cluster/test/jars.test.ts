import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jarsIn, pickJars, resolveJars } from '../src/jars.js';
import { fakeTool, testContext } from './support.js';

const set = { name: 'druid', version: '28.0.0', property: 'druid.version' };
const readTarget = `
[ "$1" = -version ] && exit 0
echo run >> "$COUNT_FILE"
for argument; do case $argument in -DoutputDirectory=*) target=\${argument#*=};; -Ddruid.version=*) version=\${argument#*=};; esac; done`;

async function contextWithMaven(script: string) {
  const context = await testContext();
  const countFile = join(context.directory, 'count');
  await fakeTool('mvn', readTarget.replace('$COUNT_FILE', countFile) + script);
  return context;
}

test('asks Maven once, and then finds the jars in the cache', async () => {
  const context = await contextWithMaven(
    '\necho jar > $target/b-$version.jar; echo jar > $target/a.jar; echo > $target/c.pom',
  );
  const jars = await resolveJars(context, set);
  expect(jars.files).toEqual(['a.jar', 'b-28.0.0.jar'].map((name) => join(context.cache, 'druid-28.0.0', name)));
  await fakeTool('mvn', 'exit 1');
  expect(await resolveJars(context, set)).toEqual(jars);
  expect(pickJars(jars, ['b-'])).toEqual([join(context.cache, 'druid-28.0.0', 'b-28.0.0.jar')]);
});

test('leaves nothing in the cache when Maven fails half-way', async () => {
  const context = await contextWithMaven('\necho jar > $target/a.jar; echo the network is down; exit 1');
  await expect(resolveJars(context, set)).rejects.toThrow(/mvn .*failed \(exit code 1\)[^]*the network is down/);
  expect(readdirSync(context.cache)).toEqual([]);
});

test('lets two resolve the same at once', async () => {
  const context = await contextWithMaven('\necho jar > $target/a.jar; sleep 0.2');
  const [first, second] = await Promise.all([resolveJars(context, set), resolveJars(context, set)]);
  expect(first).toEqual(second);
  expect(readdirSync(context.cache)).toEqual(['druid-28.0.0']);
});

test('tells what to install when there is no Maven', async () => {
  const context = await testContext();
  const path = process.env['PATH'];
  process.env['PATH'] = context.directory;
  try {
    await expect(resolveJars(context, set)).rejects.toThrow(/There is no `mvn` on the PATH. Install Apache Maven/);
  } finally {
    process.env['PATH'] = path;
  }
});

test('refuses a directory without jars', async () => {
  const { directory } = await testContext();
  expect(existsSync(directory)).toBe(true);
  await expect(jarsIn(directory)).rejects.toThrow(/There is no jar in/);
});
