import { Cursor } from '../../src/spec/cursor.js';
import { readInputFormat, type InputFormat } from '../../src/spec/input-format.js';
import { pathText, Problems } from '../../src/spec/problems.js';

/** Reads the format of text that a parser or an inputFormat says; or what is wrong with it. */
export function inputFormatOf(parser: unknown, inputFormat?: unknown): { format?: InputFormat; errors: string[] } {
  const problems = new Problems();
  const format = readInputFormat(
    new Cursor(parser, ['parser'], problems),
    new Cursor(inputFormat, ['inputFormat'], problems),
    false,
  );
  const errors = problems.errors.map(({ path, message }) => `${pathText(path)} ${message}`);
  return errors.length > 0 || format === undefined ? { errors } : { format, errors };
}
