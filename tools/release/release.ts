/**
 * Releases every package at one version. Without `--no-dry-run` it only shows what it would do: it writes nothing, and
 * npm stays offline.
 *
 *     npm run release -- --version minor
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ReleaseClient } from 'nx/release';
import changelogRenderer from 'nx/release/changelog-renderer';
import { withVersion } from './with-version.ts';

/** Hands nx release the whole changelog, which is written by hand, in place of one made from commits. */
class WrittenChangelog extends changelogRenderer.default {
  override render(): Promise<string> {
    const changelog = readFileSync(resolve(import.meta.dirname, '../../CHANGELOG.md'), 'utf8');
    const date = new Date().toISOString().slice(0, 10);
    return Promise.resolve(withVersion(changelog, `${this.changelogEntryVersion} (${date})`));
  }
}

function refuse(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

const { values } = parseArgs({
  allowNegative: true,
  options: { 'dry-run': { type: 'boolean', default: true }, version: { type: 'string' } },
});
const dryRun = values['dry-run'];

if (values.version === undefined) refuse('Say which version: --version with major, minor, patch or a version.');
if (!dryRun && process.env['GITHUB_ACTIONS'] !== 'true') {
  refuse(
    'A release is made by the Release workflow, which npm trusts to publish. Here it can only be tried: leave out --no-dry-run.',
  );
}
// npm would look up published versions even in a dry run.
if (dryRun) process.env['npm_config_offline'] = 'true';

const release = new ReleaseClient({ changelog: { workspaceChangelog: { renderer: WrittenChangelog } } });

const { workspaceVersion, projectsVersionData, releaseGraph } = await release.releaseVersion({
  dryRun,
  specifier: values.version,
  stageChanges: true,
  gitCommit: false,
  gitTag: false,
});

await release.releaseChangelog({
  dryRun,
  releaseGraph,
  version: workspaceVersion ?? null,
  versionData: projectsVersionData,
  replaceExistingContents: true,
  gitCommit: true,
  gitTag: true,
  gitPush: true,
});

const published = await release.releasePublish({ dryRun, releaseGraph, access: 'public' });
const failed = Object.entries(published).filter(([, { code }]) => code !== 0);
if (failed.length > 0) refuse(`Not published: ${failed.map(([name]) => name).join(', ')}`);
