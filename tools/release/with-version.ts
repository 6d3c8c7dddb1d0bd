const unreleased = '## Unreleased\n';
const fresh = `${unreleased}\n### New\n\n### Improved\n\n### Fixed\n`;

/** The changelog in which the Unreleased section, less its empty headings, is that of a version, under a fresh one. */
export function withVersion(changelog: string, title: string): string {
  const start = changelog.indexOf(unreleased);
  const next = changelog.indexOf('\n## ', start + 1);
  const end = next === -1 ? changelog.length : next;
  const entries = changelog.slice(start + unreleased.length, end).replace(/### \w+\n\s*(?=###|$)/g, '');
  if (start === -1 || entries.trim() === '') throw new Error('CHANGELOG.md has no Unreleased section with entries');
  return `${changelog.slice(0, start)}${fresh}\n## ${title}\n${entries.trimEnd()}\n${changelog.slice(end)}`;
}
