/** `npm run bench -- sender|sandbox [--json] [--full] [CONTESTANT...]`: see README.md. */
import { parseArgs } from 'node:util';
import { benchSandbox } from './sandbox.js';
import { benchSender } from './sender.js';

const small = { rounds: 5, warmUpRows: 300_000, rows: 300_000 };
const full = { rounds: 7, warmUpRows: 1_000_000, rows: 3_000_000 };

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean' }, full: { type: 'boolean' } },
  allowPositionals: true,
});
const [what, ...only] = positionals;
if (what !== 'sender' && what !== 'sandbox') {
  process.stderr.write(
    'Usage: npm run bench -- sender [--json] [--full] [objects raw bare-client tranquility-0.8.3]\n       npm run bench -- sandbox [--json] [--full]\n',
  );
  process.exit(64);
}
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
const size = values.full === true ? full : small;
const lines = what === 'sender' ? await benchSender(size, only, tell) : await benchSandbox(size, tell);
for (const line of lines) {
  const { name, versus, metric, ours, theirs, ratio } = line;
  const text = `${name}: ${ours} ${metric}; ${versus}: ${theirs}; ratio ${ratio}`;
  process.stdout.write(`${values.json === true ? JSON.stringify(line) : text}\n`);
}
