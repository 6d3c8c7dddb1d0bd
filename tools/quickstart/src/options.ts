import { parseArgs } from 'node:util';

export const help = `Usage: npm run quickstart -- [OPTIONS]

Replays real flights into an embedded Druid as if they took place now, shows what happens, and asks SQL about them.

Options:
  --keep         Go on until Ctrl-C, so that you can ask questions of your own.
  --druid URL    Write to a real Druid instead: the URL of a router with its management proxy, as npm run druid:up prints.
  --seconds N    How long the picture is shown. Default: 20.
  --rate N       Events a second. Default: 2000.
  --help         Show this.
`;

export interface QuickstartOptions {
  readonly keep: boolean;
  readonly druid: string | undefined;
  readonly seconds: number;
  readonly rate: number;
}

/** @returns `'help'` when the user asks for it. @throws Error that tells what is wrong. */
export function readOptions(args: readonly string[]): QuickstartOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      keep: { type: 'boolean' },
      druid: { type: 'string' },
      seconds: { type: 'string' },
      rate: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  if (values.druid !== undefined && !URL.canParse(values.druid)) {
    throw new Error(`--druid ${values.druid}: expected a URL, such as http://localhost:8888.`);
  }
  return {
    keep: values.keep === true,
    druid: values.druid?.replace(/\/$/, ''),
    seconds: whole('--seconds', values.seconds ?? '20'),
    rate: whole('--rate', values.rate ?? '2000'),
  };
}

function whole(name: string, text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Number(text);
  throw new Error(`${name} ${text}: expected a whole number from 1.`);
}
