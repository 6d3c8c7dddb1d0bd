/** Packs every package, installs the tarballs into a throw-away app, uses them there as a user would, and runs the examples there. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const mayShip = /^(package\.json|[\w.]+\.schema\.json|README\.md|LICENSE|(bin|dist|page|src)\/.+(?<!\.tsbuildinfo))$/;
const mustShip = ['package.json', 'README.md', 'LICENSE'];

const faults = [];
const app = mkdtempSync(join(tmpdir(), 'tranquility-js-pack-smoke-'));

const run = (cwd, command, ...args) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 });

/** Runs it in the app, and notes the fault with what it printed, less the stack, if it does not exit with 0. */
function attempt(what, command, ...args) {
  try {
    return run(app, command, ...args);
  } catch (error) {
    const said = stripVTControlCharacters(`${error.stdout ?? ''}\n${error.stderr ?? ''}`).split('\n');
    const lines = said.filter((line) => line.trim() !== '' && !line.trim().startsWith('at '));
    faults.push(`${what}: exit ${error.status ?? error.code}\n    ${lines.slice(0, 12).join('\n    ')}`);
    return undefined;
  }
}

function checkFiles({ name, files }) {
  const paths = files.map(({ path }) => path);
  for (const path of paths.filter((path) => !mayShip.test(path))) faults.push(`${name} ships ${path}`);
  for (const path of mustShip.filter((path) => !paths.includes(path))) faults.push(`${name} ships no ${path}`);
  if (!paths.some((path) => path.startsWith('dist/'))) faults.push(`${name} ships no dist: build it first`);
}

function checkUse({ name, version, exports, bin }) {
  const entries = Object.keys(exports ?? {}).filter((entry) => entry !== './package.json');
  for (const path of entries) {
    const entry = JSON.stringify(`${name}${path.slice(1)}`);
    const how = path.endsWith('.json') ? ", { with: { type: 'json' } }" : '';
    attempt(`import ${entry}`, process.execPath, '--input-type=module', '--eval', `await import(${entry}${how})`);
    attempt(`require(${entry})`, process.execPath, '--input-type=commonjs', '--eval', `require(${entry})`);
  }
  for (const command of Object.keys(bin ?? {})) {
    const file = join(app, 'node_modules/.bin', command);
    const printed = attempt(`${command} --version`, file, '--version');
    if (printed !== undefined && !printed.includes(version))
      faults.push(`${command} --version does not say ${version}`);
    attempt(`${command} --help`, file, '--help');
  }
}

/** What an example needs besides our packages, at the versions that we have ourselves. */
function othersOf(example) {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(root, 'examples', example, 'package.json'), 'utf8'),
  );
  return Object.keys({ ...dependencies, ...devDependencies })
    .filter((name) => !name.startsWith('@tranquility-js/'))
    .map(
      (name) => `${name}@${JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version}`,
    );
}

/** Runs an example in the app. It must say that rows arrived: it prints a table of them last. */
function checkExample(example) {
  const folder = join(app, example);
  cpSync(join(root, 'examples', example), folder, { recursive: true, filter: (path) => !path.endsWith('/dist') });
  const isTypeScript = existsSync(join(folder, 'tsconfig.json'));
  const compiler = join(app, 'node_modules/typescript/bin/tsc');
  if (isTypeScript && attempt(`tsc of ${example}`, process.execPath, compiler, '-p', folder) === undefined) return;
  const main = join(folder, isTypeScript ? 'dist/main.js' : 'main.js');
  const printed = attempt(`example ${example}`, process.execPath, main);
  if (printed !== undefined && !/\/page\/0\D+\d/.test(printed))
    faults.push(`example ${example} found no rows in Druid`);
}

try {
  const folders = readdirSync(join(root, 'packages')).map((folder) => `./packages/${folder}`);
  const tarballs = JSON.parse(run(root, 'npm', 'pack', '--json', '--pack-destination', app, ...folders));
  tarballs.forEach(checkFiles);

  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true }));
  const examples = readdirSync(join(root, 'examples')).filter((name) =>
    existsSync(join(root, 'examples', name, 'package.json')),
  );
  const options = ['--prefer-offline', '--engine-strict', '--no-audit', '--no-fund', '--no-package-lock'];
  const installed = attempt(
    'npm install',
    'npm',
    'install',
    ...options,
    ...tarballs.map(({ filename }) => `./${filename}`),
    ...new Set(examples.flatMap(othersOf)),
  );
  if (installed !== undefined) {
    for (const { name } of tarballs) {
      checkUse(JSON.parse(readFileSync(join(app, 'node_modules', name, 'package.json'), 'utf8')));
    }
    examples.forEach(checkExample);
  }
  console.log(
    `${tarballs.length} packages packed, installed and used with ${examples.length} examples on Node ${process.version}, ${faults.length} faults`,
  );
} finally {
  rmSync(app, { recursive: true, force: true });
}

for (const fault of faults) console.error(`- ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
