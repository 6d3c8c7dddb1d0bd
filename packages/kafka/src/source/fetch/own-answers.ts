import { answerVersion, readFetchAnswer } from './fetch-answer.js';
import { Ranges, type Answered, type Asked, type FetchWatch, type Leaders } from './ranges.js';

/** The number of the request for records. */
const fetchKey = 1;

interface Call {
  readonly request: { readonly apiVersion: number };
  readonly response: { readonly decode: (bytes: Buffer) => Promise<Answered> };
}

type LookUp = (key: number, definition: unknown) => (...args: unknown[]) => Call;

interface Broker {
  readonly nodeId: number;
  lookupRequest: LookUp;
}

/** What kafkajs has of a cluster for one consumer. */
export interface Cluster extends Leaders {
  findBroker(...args: unknown[]): Promise<Broker>;
}

/**
 * Lets us read the answers to one consumer's fetches, in place of kafkajs, which makes more than ten objects of each record. What is of
 * another version, or of old formats, it reads itself.
 * @param watch is told of all answers, and of places that are out of range, of which kafkajs learns nothing.
 */
export function readOwnAnswers(cluster: Cluster, watch: FetchWatch): void {
  const find = cluster.findBroker.bind(cluster);
  const ours = new WeakSet<LookUp>();
  cluster.findBroker = async (...args) => {
    const broker = await find(...args);
    // A broker looks anew after each connect.
    if (!ours.has(broker.lookupRequest)) {
      broker.lookupRequest = readingAnswers(broker.lookupRequest, new Ranges(cluster, broker.nodeId, watch));
      ours.add(broker.lookupRequest);
    }
    return broker;
  };
}

function readingAnswers(lookUp: LookUp, ranges: Ranges): LookUp {
  return (key, definition) => {
    const call = lookUp(key, definition);
    if (key !== fetchKey) return call;
    return (...args) => {
      const made = call(...args);
      const { request, response } = made;
      const isOurs = request.apiVersion === answerVersion;
      const decode = async (bytes: Buffer): Promise<Answered> => {
        const own = isOurs ? await readFetchAnswer(bytes) : undefined;
        return ranges.watched(own ?? (await response.decode(bytes)), args[0] as Asked);
      };
      return { ...made, response: { ...response, decode } };
    };
  };
}
