/** Compiles the scanner of runs of events anew, after a change of packages/core/assembly: `npm run wasm`. */
import { writeFile } from 'node:fs/promises';
import { compileObjectRuns, moduleFile } from './compile.ts';

await writeFile(moduleFile, await compileObjectRuns());
