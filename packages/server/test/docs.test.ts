import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { openApi } from '../src/open-api.js';
import { serverProperties } from '../src/properties.js';
import { loadServerConfig } from '../src/server-config.js';
import { checkAccess } from '../src/listen/check-access.js';

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);
const read = (path: string): string => readFileSync(at(path), 'utf8');

interface Row {
  readonly description: string;
  readonly default?: string;
  readonly only?: { readonly reason: string };
}

describe('docs/server.md', () => {
  const page = read('../../docs/server.md');

  it('tells every property as the code has it', () => {
    const expected = Object.entries<Row>(serverProperties).map(([name, { default: value, description, only }]) => {
      const limit = only === undefined ? '' : ` **${only.reason}**`;
      return `- \`${name}\` (${value === undefined ? 'unset' : `\`${value}\``}): ${description}${limit}`;
    });
    expect(page.replace(/\n {2}(?=\S)/g, ' ').match(/^- `https?\.[\w.]+` \(.*$/gm)).toEqual(expected);
  });

  it('has every route', () => {
    for (const path of Object.keys(openApi.paths)) expect(page).toContain(path.replace('{dataSource}', 'DATASOURCE'));
  });
});

describe('what comes for deployment', () => {
  it('builds an image of files that there are', () => {
    const copied = [...read('deploy/Dockerfile').matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, paths = '']) =>
      paths.split(' '),
    );
    expect(copied.length).toBeGreaterThan(5);
    for (const path of [...copied, 'packages/cli/bin/tranquility.js', 'packages/cli/tsconfig.lib.json']) {
      expect([path, existsSync(at(`../../${path}`))]).toEqual([path, true]);
    }
  });

  it('composes with files that there are, or that have an example', () => {
    const { services } = parse(read('deploy/compose.yaml')) as {
      services: { tranquility: { build: { context: string; dockerfile: string }; volumes: string[] } };
    };
    const { build, volumes } = services.tranquility;
    expect(existsSync(at(`deploy/${build.context}/${build.dockerfile}`))).toBe(true);
    expect(volumes.map((volume) => volume.split(':')[0])).toEqual(['./server.json', './clients.json', 'journal']);
    expect(existsSync(at('deploy/server.json')) && existsSync(at('deploy/clients.example.json'))).toBe(true);
  });

  it('keeps the journal where it may be written, and outlives the container', () => {
    const { properties } = JSON.parse(read('deploy/server.json')) as { properties: Record<string, unknown> };
    const directory = properties['journal.directory'];
    expect(directory).toBe('/journal');
    expect(read('deploy/Dockerfile')).toContain(`RUN install -d -o node -g node ${String(directory)}\n`);
    expect(parse(read('deploy/compose.yaml'))).toMatchObject({
      services: {
        tranquility: { read_only: true, volumes: expect.arrayContaining([`journal:${String(directory)}`]) as unknown },
      },
      volumes: { journal: null },
    });
    const [, pods] = parseAllDocuments(read('deploy/kubernetes.yaml')).map((document) => document.toJS() as unknown);
    const mount = { name: 'journal', mountPath: directory };
    expect(pods).toMatchObject({
      spec: {
        template: {
          spec: { containers: [{ volumeMounts: expect.arrayContaining([mount]) as unknown }] },
        },
        volumeClaimTemplates: [{ metadata: { name: 'journal' }, spec: { accessModes: ['ReadWriteOncePod'] } }],
      },
    });
  });

  it('has Prometheus say who it is', () => {
    const { scrape_configs: jobs } = parse(read('deploy/prometheus.yaml')) as {
      scrape_configs: { basic_auth: { username: string } }[];
    };
    const { clients } = JSON.parse(read('deploy/clients.example.json')) as { clients: object[] };
    expect(clients).toContainEqual(expect.objectContaining({ name: jobs[0]?.basic_auth.username, monitor: true }));
    expect(read('deploy/kubernetes.yaml')).not.toContain('prometheus.io/');
  });

  it('has configs that are right', async () => {
    const [map, pods, service, names] = parseAllDocuments(read('deploy/kubernetes.yaml')).map(
      (document) => document.toJS() as unknown,
    );
    const inMap = JSON.parse((map as { data: Record<string, string> }).data['server.json'] ?? '') as object;
    expect(inMap).toEqual(JSON.parse(read('deploy/server.json')));
    const { program, warnings } = await loadServerConfig(inMap);
    checkAccess(program);
    expect([warnings, program['http.port']]).toEqual([[], 8200]);
    const port = { name: 'http' };
    expect(pods).toMatchObject({
      kind: 'StatefulSet',
      spec: {
        serviceName: (names as { metadata: { name: string } }).metadata.name,
        template: {
          spec: {
            containers: [
              {
                ports: [{ ...port, containerPort: 8200 }],
                livenessProbe: { httpGet: { path: '/health', port: 'http' } },
                readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
              },
            ],
          },
        },
      },
    });
    expect(service).toMatchObject({ kind: 'Service', spec: { ports: [{ ...port, targetPort: 'http' }] } });
  });
});
