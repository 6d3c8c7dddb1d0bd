import { readFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const source = new URL('../../packages/core/assembly/object-runs.ts', import.meta.url);

/** Where the module stands that {@link compileObjectRuns} gives. */
export const moduleFile = new URL('../../packages/core/src/event/object-runs-module.ts', import.meta.url).pathname;

/**
 * The TypeScript that carries the scanner as WebAssembly: the same bytes from the same source and compiler.
 * @throws Error with the compiler's words.
 */
export async function compileObjectRuns(): Promise<string> {
  const text = await readFile(source, 'utf8');
  let wasm = new Uint8Array(0);
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--initialMemory', '16', '--enable', 'simd'];
  let words = '';
  const { error } = await asc.main(['object-runs.ts', '-o', 'object-runs.wasm', ...flags], {
    readFile: (name) => (name === 'object-runs.ts' ? text : null),
    writeFile: (_, contents) => {
      wasm = Uint8Array.from(contents as Uint8Array);
    },
    listFiles: () => [],
    stderr: {
      write: (chunk: Uint8Array | string) => {
        words += Buffer.from(chunk).toString();
      },
    },
  });
  if (error !== null) throw new Error(`The scanner does not compile.\n${words}`, { cause: error });
  return `/** Made from assembly/object-runs.ts by \`npm run wasm\`. */
export const objectRunsModule =
  '${Buffer.from(wasm).toString('base64')}';
`;
}
