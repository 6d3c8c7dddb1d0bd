import { expect, it } from 'vitest';
import { startEmulator } from '../src/emulators.js';

const names = ['kinesis-local', 'kinesalite', 'dynalite', 'dynamodb-local'] as const;

it.each(names)('%s listens until it is stopped', async (name) => {
  const emulator = await startEmulator(name);
  const ask = (): Promise<number> => fetch(emulator.url, { method: 'POST' }).then(({ status }) => status);
  expect(await ask()).toBeGreaterThan(0);
  await emulator.stop();
  await expect(ask()).rejects.toThrow('fetch failed');
});
