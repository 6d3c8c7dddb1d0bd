/** Writes the JSON Schema of config files anew, after a change of the properties or of what is read of a spec: `npm run schema`. */
import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { configSchema } from '../../packages/core/src/config/config-schema.ts';

const file = new URL('../../packages/core/config.schema.json', import.meta.url).pathname;
const style = await resolveConfig(file);
await writeFile(file, await format(JSON.stringify(configSchema()), { ...style, filepath: file }));
