import { isJsonObject, parseJsonObject } from '../spec/json.js';
import type { ZooKeeperClient } from '../zookeeper/zookeeper-client.js';
import { originOf } from './origin.js';
import type { OverlordAddresses } from './overlord-addresses.js';

interface Instance {
  readonly origin: string;
  readonly registeredAt: number;
}

/** Finds Druid's processes where they announce themselves in ZooKeeper (Curator's service discovery). */
export class ZooKeeperDiscovery {
  readonly #client: ZooKeeperClient;
  readonly #path: string;
  readonly #prefersTls: boolean;

  /**
   * @param path `druid.discovery.curator.path`.
   * @param prefersTls which of two open ports is used.
   */
  constructor(client: ZooKeeperClient, path: string, prefersTls: boolean) {
    this.#client = client;
    this.#path = path;
    this.#prefersTls = prefersTls;
  }

  /** Where the instances of a service listen, the newest first. */
  async find(service: string, signal?: AbortSignal): Promise<readonly string[]> {
    const path = this.#pathOf(service);
    const ids = (await this.#client.getChildren(path, { signal })) ?? [];
    const nodes = await Promise.all(ids.map((id) => this.#client.getData(`${path}/${id}`, { signal })));
    return nodes
      .map((node) => (node === undefined ? undefined : readInstance(node.data, this.#prefersTls)))
      .filter((instance) => instance !== undefined)
      .sort((a, b) => b.registeredAt - a.registeredAt)
      .map(({ origin }) => origin);
  }

  /** The overlords that announce themselves under this name: `druid/overlord`. Only the one that leads does. */
  overlords(service: string): OverlordAddresses {
    const path = this.#pathOf(service);
    return {
      place: `${path} in ZooKeeper`,
      remedy:
        'Check zookeeper.connect, druid.discovery.curator.path, and that druid.selectors.indexing.serviceName is the overlord’s druid.service.',
      find: async (signal) => {
        const origins = await this.find(service, signal);
        if (origins.length === 0) throw new Error(`no overlord is announced under ${path}`);
        return origins;
      },
    };
  }

  #pathOf(service: string): string {
    return `${this.#path}/${service.replaceAll('/', ':')}`;
  }
}

/** Reads Curator's `ServiceInstance`; `enabled` is absent in those of older versions. */
function readInstance(data: Buffer, prefersTls: boolean): Instance | undefined {
  const instance = parseJsonObject(data.toString());
  if (!isJsonObject(instance) || instance['enabled'] === false) return undefined;
  const { address: host, port, sslPort: tlsPort, registrationTimeUTC } = instance;
  const origin = originOf({ host, port, tlsPort }, prefersTls);
  const registeredAt = typeof registrationTimeUTC === 'number' ? registrationTimeUTC : 0;
  return origin === undefined ? undefined : { origin, registeredAt };
}
