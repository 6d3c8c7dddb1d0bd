import { probe, TranquilityError, type Finding } from '@tranquility-js/core';
import { readChosen, type Chosen } from '../chosen.js';
import { exitCodes } from '../exit-codes.js';
import type { Command } from '../run.js';
import type { Terminal } from '../terminal.js';
import { connectorWarnings } from './connectors.js';
import { readValidateOptions, validateHelp, type ValidateOptions } from './options.js';
import { summaryOf, summaryText } from './summary.js';

/** `tranquility validate`: whether a config is right, and whether its servers are there. */
export const validate: Command = async (args, { terminal }) => {
  const options = readValidateOptions(args);
  if (options === 'help') {
    terminal.out.write(validateHelp);
    return exitCodes.ok;
  }
  return options.json ? asJson(options, terminal) : forPeople(options, terminal);
};

async function forPeople(options: ValidateOptions, { out, err }: Terminal): Promise<number> {
  const { dataSources, warnings } = await readWith(options);
  for (const each of warnings) err.write(`warning: ${each}\n`);
  out.write(`${options.config} is valid.\n\n${dataSources.map(summaryText).join('\n')}`);
  if (!options.probe) return exitCodes.ok;
  const findings = await probe(dataSources, { timeout: options.timeout });
  out.write(`\n${findings.map(findingText).join('')}`);
  return exitCodeOf(findings);
}

async function asJson(options: ValidateOptions, { out }: Terminal): Promise<number> {
  let chosen: Chosen;
  let findings: readonly Finding[] | undefined;
  try {
    chosen = await readWith(options);
    if (options.probe) findings = await probe(chosen.dataSources, { timeout: options.timeout });
  } catch (error) {
    if (!(error instanceof TranquilityError)) throw error;
    const { code, message, details } = error;
    const { problems = [message] } = details;
    out.write(`${JSON.stringify({ config: options.config, valid: false, code, problems })}\n`);
    return exitCodes.config;
  }
  const { dataSources, warnings } = chosen;
  const summary = { config: options.config, valid: true, warnings, dataSources: dataSources.map(summaryOf) };
  out.write(`${JSON.stringify({ ...summary, ...(findings === undefined ? {} : { probe: findings }) })}\n`);
  return exitCodeOf(findings ?? []);
}

/** What the config is about, with what connectors say of it. */
async function readWith(options: ValidateOptions): Promise<Chosen> {
  const { dataSources, warnings } = await readChosen(options);
  return { dataSources, warnings: [...new Set([...warnings, ...(await connectorWarnings(options))])] };
}

function findingText({ check, status, message, remedy }: Finding): string {
  return `${status.padEnd(7)}  ${check.padEnd(10)}  ${message}${remedy === undefined ? '' : ` ${remedy}`}\n`;
}

function exitCodeOf(findings: readonly Finding[]): number {
  return findings.some(({ status }) => status === 'failure') ? exitCodes.failed : exitCodes.ok;
}
