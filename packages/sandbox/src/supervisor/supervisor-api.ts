import { absent, failure, json, text, type Answer } from '../http/answer.js';
import { bodyObject, type SandboxRequest } from '../http/request.js';
import type { Routes } from '../http/routes.js';
import { Unsupported } from '../ingest/unsupported.js';
import { isJsonObject } from '../json.js';
import type { Supervisor } from './supervisor.js';
import { InvalidSpec } from './supervisor-spec.js';
import { statusOf } from './supervisor-status.js';
import type { Supervisors } from './supervisors.js';

const root = '/druid/indexer/v1/supervisor';

export interface SupervisorApi {
  readonly supervisors: Supervisors;
  /** Whether Druid has the extension that reads Kafka. */
  readonly kafkaExtension: boolean;
  readonly now: () => number;
}

/** What the overlord that leads answers about supervisors. */
export function supervisorRoutes({ supervisors, kafkaExtension, now }: SupervisorApi): Routes {
  const byId =
    (act: (supervisor: Supervisor, request: SandboxRequest) => Answer | Promise<Answer>) =>
    (request: SandboxRequest, id = ''): Answer | Promise<Answer> => {
      const supervisor = supervisors.find(id);
      return supervisor === undefined
        ? text(`Cannot find any supervisor with id: [${id}]`, 404)
        : act(supervisor, request);
    };
  const repost = (suspended: boolean) =>
    byId((supervisor) => {
      const { dataSource } = supervisor.spec.schema;
      if (supervisor.spec.suspended === suspended) {
        return failure(400, `[${dataSource}] is already ${suspended ? 'suspended' : 'running'}`);
      }
      return json(specOf(supervisors.repost(supervisor, suspended)));
    });
  const notHere = (): Answer =>
    absent('has only spec, status, health, suspend, resume, terminate, reset and taskGroups/handoff of supervisors.');
  return {
    [`POST ${root}`]: (request) => post(supervisors, kafkaExtension, request),
    [`GET ${root}`]: ({ query }) => json(supervisors.all.map((supervisor) => listed(supervisor, query))),
    [`GET ${root}/*`]: byId((supervisor) => json(specOf(supervisor))),
    [`GET ${root}/*/status`]: byId((supervisor) => json(statusOf(supervisor, now()))),
    [`GET ${root}/*/health`]: byId(({ health: { healthy } }) => json({ healthy }, healthy ? 200 : 503)),
    [`POST ${root}/*/suspend`]: repost(true),
    [`POST ${root}/*/resume`]: repost(false),
    [`POST ${root}/*/terminate`]: byId((supervisor) => {
      supervisors.terminate(supervisor);
      return json({ id: supervisor.spec.schema.dataSource });
    }),
    [`POST ${root}/*/reset`]: byId(async (supervisor) => {
      await supervisor.reset();
      return json({ id: supervisor.spec.schema.dataSource });
    }),
    [`POST ${root}/*/taskGroups/handoff`]: byId(handOff),
    [`GET ${root}/*/*`]: notHere,
    [`POST ${root}/*/*`]: notHere,
  };
}

function post(supervisors: Supervisors, kafkaExtension: boolean, request: SandboxRequest): Answer {
  const posted = bodyObject(request);
  if (posted === undefined) return failure(400, 'The body is no JSON object.');
  const type = String(posted['type']);
  const known = [...(kafkaExtension ? ['kafka'] : []), ...otherTypes];
  if (!known.includes(type)) return failure(400, unknownType(type, known));
  if (type !== 'kafka') return absent(`has no supervisors of type "${type}". It has kafka.`);
  try {
    const unlessSame = request.query.get('skipRestartIfUnmodified') === 'true';
    return json({ id: supervisors.post(posted, unlessSame).spec.schema.dataSource });
  } catch (error) {
    if (error instanceof Unsupported) return absent(error.message);
    if (error instanceof InvalidSpec) return failure(400, `${cannotConstruct}, problem: ${error.message}${place}`);
    throw error;
  }
}

function handOff(supervisor: Supervisor, request: SandboxRequest): Answer {
  const ids = bodyObject(request)?.['taskGroupIds'];
  if (!Array.isArray(ids) || ids.length === 0) return failure(400, "List of task groups to handoff can't be empty");
  supervisor.handOff(ids.map(Number));
  return { status: 200 };
}

function listed(supervisor: Supervisor, query: URLSearchParams): unknown {
  const { spec, health } = supervisor;
  const { dataSource } = spec.schema;
  const isFull = query.has('full');
  if (!isFull && query.get('state') !== 'true') return dataSource;
  const { state, detailedState, healthy } = health;
  const { suspended } = spec;
  const told = { id: dataSource, dataSource, state, detailedState, healthy, suspended };
  return isFull ? { ...told, spec: specOf(supervisor) } : told;
}

/** In Druid its parts stand beside the spec too. */
function specOf({ json: posted, spec }: Supervisor): object {
  const parts = isJsonObject(posted['spec']) ? posted['spec'] : {};
  return { ...parts, ...posted, suspended: spec.suspended };
}

const otherTypes = ['NoopSupervisorSpec', 'autocompact', 'scheduled_batch'];
const place = '\n at [Source: (org.eclipse.jetty.server.HttpInputOverHTTP); line: 1, column: 1]';
const cannotConstruct = 'Cannot construct instance of `org.apache.druid.indexing.kafka.supervisor.KafkaSupervisorSpec`';

function unknownType(type: string, known: readonly string[]): string {
  return (
    `Please make sure to load all the necessary extensions and jars with type '${type}' on 'druid/overlord' service. ` +
    `Could not resolve type id '${type}' as a subtype of \`org.apache.druid.indexing.overlord.supervisor.SupervisorSpec\` ` +
    `known type ids = [${known.join(', ')}]${place}`
  );
}
