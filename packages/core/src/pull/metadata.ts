import { kafkaErrors } from './kafka-errors.js';
import type { Request } from './request.js';
import type { EndpointNode, TopicPartition, Topics } from './topics.js';
import { WireWriter } from './wire-writer.js';

const noEpoch = -1;
const notAsked = -(2 ** 31);
const clusterId = 'tranquility-js';

/** Who serves what. Any node answers for all of them, and once for a topic that is named twice. */
export function answerMetadata(
  { body, version, flexible }: Request,
  nodes: readonly EndpointNode[],
  topics: Topics,
): WireWriter {
  const asked = body.nullableArray(() => {
    const name = body.string();
    body.tags();
    return name;
  });
  const writer = new WireWriter(flexible);
  if (version >= 3) writer.int32(0);
  writer.array(nodes, ({ id, host, port }) => writer.int32(id).string(host).int32(port).string(undefined).tags());
  if (version >= 2) writer.string(clusterId);
  writer.int32(nodes[0]?.id ?? 0);
  writer.array([...new Set(asked ?? topics.keys())], (name) => {
    const partitions = topics.get(name);
    writer.int16(partitions === undefined ? kafkaErrors.unknownTopicOrPartition : kafkaErrors.none);
    writer.string(name).int8(0);
    writer.array([...(partitions ?? []).entries()], ([index, partition]) =>
      writePartition(writer, version, index, partition),
    );
    if (version >= 8) writer.int32(notAsked);
    writer.tags();
  });
  if (version >= 8) writer.int32(notAsked);
  return writer.tags();
}

function writePartition(writer: WireWriter, version: number, index: number, { leader }: TopicPartition): void {
  const writeNode = (id: number): unknown => writer.int32(id);
  writer.int16(kafkaErrors.none).int32(index).int32(leader);
  if (version >= 7) writer.int32(noEpoch);
  writer.array([leader], writeNode).array([leader], writeNode);
  if (version >= 5) writer.array([], writeNode);
  writer.tags();
}
