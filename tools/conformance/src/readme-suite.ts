import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxLike } from './adapter-druid.js';

const dataSource = 'clicks';
const base = resolve(import.meta.dirname, '../../../tsconfig.base.json');

/**
 * Compiles and runs each `ts` block of a README as a module of its own. Where it reads `clicks.json`, `clicks.ndjson` or
 * `https://example.com/clicks.ndjson`, it gets a config for a sandbox, a file of clicks, and the same over HTTP. Each must have sent something.
 * @param tests the folder of a package's tests: the README lies beside it, and the modules in it while they run.
 */
export function readmeSuite(
  tests: string,
  startSandbox: () => Promise<Pick<SandboxLike, 'url' | 'sql' | typeof Symbol.asyncDispose>>,
): void {
  const blocks = [...readFileSync(join(tests, '../README.md'), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(
    ([, code = '']) => code,
  );

  describe('the examples of the README', () => {
    const directory = mkdtempSync(join(tests, '.readme-'));
    const files = blocks.map((_, index) => join(directory, `example-${index + 1}.ts`));
    let sandbox: Awaited<ReturnType<typeof startSandbox>>;
    let server: Server;

    beforeAll(async () => {
      sandbox = await startSandbox();
      const clicks = Array.from({ length: 1_000 }, (_, user) => JSON.stringify({ time: Date.now(), user }));
      server = createServer((_, response) => response.end(clicks.join('\n')));
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const path = (name: string): string => JSON.stringify(join(directory, name));
      writeFileSync(join(directory, 'clicks.json'), JSON.stringify(configOf(sandbox.url)));
      writeFileSync(join(directory, 'clicks.ndjson'), clicks.join('\n'));
      blocks.forEach((code, index) => {
        const local = code
          .replaceAll(
            `'https://example.com/clicks.ndjson'`,
            `'http://127.0.0.1:${(server.address() as AddressInfo).port}'`,
          )
          .replaceAll(`'clicks.json'`, path('clicks.json'))
          .replaceAll(`'clicks.ndjson'`, path('clicks.ndjson'));
        writeFileSync(files[index] ?? '', `${local}\nexport {};\n`);
      });
    });
    afterAll(async () => {
      rmSync(directory, { recursive: true, force: true });
      server.closeAllConnections();
      server.close();
      await sandbox[Symbol.asyncDispose]();
    });

    it('compile', { timeout: 120_000 }, () => {
      expect(blocks.length).toBeGreaterThan(0);
      expect(faultsOf(files)).toEqual([]);
    });

    it.each(files.map((file, index) => ({ index: index + 1, file })))('run: $index', async ({ file }) => {
      const before = await sent(sandbox);
      await import(pathToFileURL(file).href);
      expect(await sent(sandbox)).toBeGreaterThan(before);
    });
  });
}

async function sent(sandbox: Pick<SandboxLike, 'sql'>): Promise<number> {
  const [row] = await sandbox.sql(
    `SELECT COUNT(*) AS c FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = '${dataSource}'`,
  );
  if (Number(row?.['c']) === 0) return 0;
  const [sum] = await sandbox.sql(`SELECT SUM("count") AS c FROM ${dataSource}`);
  return Number(sum?.['c']);
}

function configOf(overlord: string): object {
  const timestampSpec = { column: 'time', format: 'auto' };
  const granularitySpec = { segmentGranularity: 'HOUR', queryGranularity: 'NONE' };
  const dataSchema = {
    ...{ dataSource, timestampSpec, granularitySpec, dimensionsSpec: { dimensions: ['user'] } },
    metricsSpec: [{ type: 'count', name: 'count' }],
  };
  const tuningConfig = { type: 'realtime', windowPeriod: 'PT1H' };
  return { dataSources: [{ spec: { dataSchema, tuningConfig } }], properties: { 'druid.overlord.urls': overlord } };
}

/** What the compiler says of these files. */
function faultsOf(files: readonly string[]): string[] {
  const { config } = ts.readConfigFile(base, (path) => readFileSync(path, 'utf8')) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, dirname(base));
  const program = ts.createProgram([...files], {
    ...options,
    ...{ composite: false, incremental: false, noEmit: true, erasableSyntaxOnly: false },
  });
  const own = new Set(files);
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file !== undefined && own.has(file.fileName))
    .map(({ file, messageText }) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}
