/** `npm run bench -- sender [--json] [--full] [CONTESTANT...]`: see README.md. */
import { parseArgs } from 'node:util';
import { benchSender } from './sender.js';

const small = { rounds: 5, warmUpRows: 300_000, rows: 300_000 };
const full = { rounds: 7, warmUpRows: 1_000_000, rows: 3_000_000 };

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean' }, full: { type: 'boolean' } },
  allowPositionals: true,
});
const [what, ...only] = positionals;
if (what !== 'sender') {
  process.stderr.write(
    'Usage: npm run bench -- sender [--json] [--full] [objects raw bare-client tranquility-0.8.3]\n',
  );
  process.exit(64);
}
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
for (const line of await benchSender(values.full === true ? full : small, only, tell)) {
  const { name, versus, metric, ours, theirs, ratio } = line;
  const text = `${name}: ${ours} ${metric}; ${versus}: ${theirs}; ratio ${ratio}`;
  process.stdout.write(`${values.json === true ? JSON.stringify(line) : text}\n`);
}
