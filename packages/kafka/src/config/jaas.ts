/** User and password in Java's `sasl.jaas.config`. @returns nothing where they are not to be found. */
export function readJaas(text: string): { readonly username: string; readonly password: string } | undefined {
  if (!/\b(Plain|Scram)LoginModule\s+required\b/.test(text)) return undefined;
  const username = option(text, 'username');
  const password = option(text, 'password');
  return username === undefined || password === undefined ? undefined : { username, password };
}

function option(text: string, name: string): string | undefined {
  const found = new RegExp(`\\b${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`).exec(text);
  return found?.[1]?.replaceAll(/\\(.)/g, '$1') ?? found?.[2];
}
