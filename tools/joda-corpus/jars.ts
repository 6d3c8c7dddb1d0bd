import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The directory of the jars of Druid 28.0.0, which Maven fetches the first time. */
export function druidJars(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const jars = join(cache, 'tranquility-js', 'joda-corpus', 'druid-28.0.0');
  if (!existsSync(jars)) {
    const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy-dependencies';
    execFileSync('mvn', ['-q', '-B', '-f', join(import.meta.dirname, 'pom.xml'), copy, `-DoutputDirectory=${jars}`], {
      stdio: ['ignore', 2, 'inherit'],
    });
  }
  return jars;
}
