import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dropReasons } from '../../src/event/outcome.js';
import { errorCodes } from '../../src/errors/codes.js';
import { messageOf, TranquilityError } from '../../src/errors/tranquility-error.js';

const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');

describe('docs/errors.md', () => {
  it('explains every error code, and none that does not exist', () => {
    const explained = [...page.matchAll(/^### `(TRQ_\w+)`$/gm)].map(([, code]) => code);
    expect(explained).toEqual(Object.keys(errorCodes).sort());
  });

  it('says of each whether trying again may help', () => {
    for (const [code, { retryable }] of Object.entries(errorCodes)) {
      const section = page.split(`### \`${code}\``)[1]?.split('###')[0]?.replaceAll('\n', ' ') ?? '';
      expect(section, code).toContain(retryable ? 'Trying again may help.' : 'Trying again does not help.');
    }
  });

  it('explains every reason for a drop, and none that does not exist', () => {
    const explained = [...page.matchAll(/^- `(\w+)`: /gm)].map(([, reason]) => reason);
    expect(explained).toEqual(Object.keys(dropReasons).sort());
  });
});

describe('a TranquilityError', () => {
  it('has its code’s retryable, details and cause', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new TranquilityError('TRQ_PUSH_FAILED', 'no push', { cause, details: { taskId: 'x' } });
    expect(error).toMatchObject({ code: 'TRQ_PUSH_FAILED', retryable: true, cause, details: { taskId: 'x' } });
    expect(messageOf(error)).toBe('no push: ECONNREFUSED');
  });

  it('is told by its brand, also from another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('tranquility-js.error')]: true });
    expect(foreign instanceof TranquilityError).toBe(true);
    expect(new Error('x') instanceof TranquilityError).toBe(false);
  });
});
