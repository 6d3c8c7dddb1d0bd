import { Buffer } from 'node:buffer';

/** What a WebAssembly module exports as `export const` of a number, or lets change. */
export interface ExportedNumber {
  readonly value: number;
}

/** What of WebAssembly is used here: its types are those of browsers, which do not belong to this package. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

/**
 * Compiles a module and makes an instance of it.
 * @param base64 the module.
 * @returns what it exports.
 */
export function instantiate(
  base64: string,
  imports: Readonly<Record<string, Readonly<Record<string, (...parameters: number[]) => number | boolean>>>>,
): object {
  const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
  return new WebAssembly.Instance(module, imports).exports;
}
