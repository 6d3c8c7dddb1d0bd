import { loadProgramConfig, strandedEvents, type ProgramConfig } from '@tranquility-js/core/internal';
import { isServerProperty, serverProperties } from './properties.js';

/** A config with the server's properties. */
export type ServerConfig = ProgramConfig<typeof serverProperties>;

/**
 * Reads the server's config, and looks whether the journal has events that are not in it.
 * @param properties win over those of the config, by name.
 * @throws TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, or TRQ_CONFIG_INVALID with every problem in it.
 */
export async function loadServerConfig(
  config: string | object,
  properties: Readonly<Record<string, unknown>> = {},
): Promise<ServerConfig> {
  const loaded = await loadProgramConfig(config, serverProperties, isServerProperty, { properties });
  return { ...loaded, warnings: [...loaded.warnings, ...(await strandedEvents(loaded))] };
}
