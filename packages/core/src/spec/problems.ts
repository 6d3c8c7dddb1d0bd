/** A place in a structure: keys and list positions from the root. */
export type Path = readonly (string | number)[];

/** One thing that is wrong in a config. */
export interface Problem {
  readonly path: Path;
  /** The value, what was expected, and what to do. */
  readonly message: string;
}

/** Collects everything that is wrong, so that a user mends a file once and not mistake by mistake. */
export class Problems {
  readonly errors: Problem[] = [];
  readonly warnings: Problem[] = [];

  error(path: Path, message: string): void {
    this.errors.push({ path, message });
  }

  warn(path: Path, message: string): void {
    this.warnings.push({ path, message });
  }
}

/** `dataSources[0].spec.dataSchema`; keys that hold dots are quoted: `properties["task.partitions"]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[\w-]+$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

const longestValue = 80;

/** A value as an error message shows it. */
export function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
