/** What is wrong with dataSources, as sentences: one for all that have the same. */
export function toldTogether(
  failures: Iterable<readonly [dataSource: string, failure: { readonly message: string }]>,
): string[] {
  const names = new Map<string, string[]>();
  for (const [dataSource, { message }] of failures) names.set(message, [...(names.get(message) ?? []), dataSource]);
  return [...names].map(([message, dataSources]) => `${dataSources.sort().join(', ')}: ${message}`);
}
