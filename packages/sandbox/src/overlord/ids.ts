/** Why an id, or the name of a dataSource, is refused (`IdUtils.validateId`); undefined if it is not. */
export function faultOfId(what: string, id: string): string | undefined {
  const refuse = (why: string): string => `Invalid value for field [${what}]: ${why}`;
  if (id === '') return refuse('must not be null');
  if (id.startsWith('.')) return refuse(`Value [${id}] cannot start with '.'.`);
  if (id.includes('/')) return refuse(`Value [${id}] cannot contain '/'.`);
  for (const character of id) {
    const code = character.codePointAt(0) ?? 0;
    if (character !== ' ' && /\s/.test(character))
      return refuse(`Value [${id}] contains illegal whitespace characters. Only space is allowed.`);
    if (code < 32 || code === 127 || code > 0xffff)
      return refuse(`Value [${id}] contains illegal UTF8 character [#${code}]`);
  }
  return undefined;
}
