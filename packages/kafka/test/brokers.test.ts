import kafkajs from 'kafkajs';
import { expect, it } from 'vitest';
import type { ClientValues } from '../src/config/read-plan.js';
import { kafkaError } from '../src/source/brokers.js';

const client = { 'kafka.bootstrap.servers': ['sasl-kafka:9092'] } as unknown as ClientValues;
const answer = (type: string): Error =>
  new kafkajs.KafkaJSProtocolError(Object.assign(new Error('The answer of a broker.'), { type, retriable: false }));

it.each([
  ['a login', Object.assign(new Error('Who is that?'), { name: 'KafkaJSSASLAuthenticationError' })],
  ['a group', answer('GROUP_AUTHORIZATION_FAILED')],
  ['what is below', Object.assign(new Error('No.'), { cause: answer('TOPIC_AUTHORIZATION_FAILED') })],
])('a refusal of %s is one', (_, error) => {
  expect(kafkaError(error, client).code).toBe('TRQ_KAFKA_REFUSED');
});

it.each([
  new kafkajs.KafkaJSConnectionError('Connection error: getaddrinfo ENOTFOUND sasl-kafka'),
  answer('UNKNOWN_TOPIC_OR_PARTITION'),
])('%s is no refusal', (error) => {
  expect(kafkaError(error, client).code).toBe('TRQ_KAFKA_UNREACHABLE');
});
