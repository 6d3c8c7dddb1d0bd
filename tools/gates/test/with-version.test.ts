import { expect, it } from 'vitest';
import { withVersion } from '../../release/with-version.ts';

const fresh = '# Changelog\n\n## Unreleased\n\n### New\n\n### Improved\n\n### Fixed\n';
const entries = '\n### New\n\n- A thing.\n\n### Improved\n\n### Fixed\n\n- A fault.\n';

it('gives the unreleased entries their version, and leaves out empty headings', () => {
  expect(withVersion(`# Changelog\n\n## Unreleased\n${entries}`, '0.1.0')).toBe(
    `${fresh}\n## 0.1.0\n\n### New\n\n- A thing.\n\n### Fixed\n\n- A fault.\n`,
  );
});

it('keeps earlier versions below', () => {
  const earlier = '\n## 0.1.0\n\n### New\n\n- The first.\n';
  expect(withVersion(`# Changelog\n\n## Unreleased\n\n### Fixed\n\n- A fault.\n${earlier}`, '0.1.1')).toBe(
    `${fresh}\n## 0.1.1\n\n### Fixed\n\n- A fault.\n${earlier}`,
  );
});

it.each([fresh, '# Changelog\n'])('refuses a release that has nothing to tell', (changelog) => {
  expect(() => withVersion(changelog, '0.1.0')).toThrow('no Unreleased section with entries');
});
