import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheDirectory } from '../src/cache.js';

test.each([
  [{ TRANQUILITY_CLUSTER_CACHE: '/own', XDG_CACHE_HOME: '/xdg' }, '/own'],
  [{ XDG_CACHE_HOME: '/xdg' }, '/xdg/tranquility-js/cluster'],
  [{ TRANQUILITY_CLUSTER_CACHE: '' }, join(homedir(), '.cache', 'tranquility-js', 'cluster')],
])('chooses the cache by the environment %j', (environment, directory) => {
  expect(cacheDirectory(environment)).toBe(directory);
});
