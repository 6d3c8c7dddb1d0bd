import { requests } from './kafka-requests.js';

/** What frames are made from: valid requests for a topic. */
function seeds(topic: string): readonly Buffer[] {
  const asked = { [topic]: [{ index: 0, at: 0 }] };
  const versions = (oldest: number, newest: number): number[] =>
    Array.from({ length: newest - oldest + 1 }, (_, index) => oldest + index);
  return [
    ...versions(0, 4).map((version) => requests.apiVersions(version)),
    ...versions(1, 9).flatMap((version) => [requests.metadata(version, null), requests.metadata(version, [topic])]),
    ...versions(1, 7).map((version) => requests.listOffsets(version, asked)),
    ...versions(4, 12).map((version) => requests.fetch(version, asked)),
    requests.saslHandshake('PLAIN'),
    ...versions(0, 2).map((version) => requests.saslAuthenticate(version, Buffer.from('\0a\0b'))),
  ];
}

/**
 * Frames that no client sends: valid ones with bytes changed, cut, repeated, with lengths and counts beyond all measure, or nothing but
 * noise. The same seed gives the same frames.
 */
export function* hostileFrames(seed: number, topic: string): Generator<Buffer, never> {
  const random = generator(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const valid = seeds(topic);
  const extremes = [0, 1, 0x7f, 0x80, 0xff];
  for (;;) {
    const frame = Buffer.from(valid[below(valid.length)] ?? '');
    const body = frame.subarray(4);
    switch (below(8)) {
      case 0:
        for (let times = 1 + below(8); times > 0; times--) body[below(body.length)] = below(256);
        yield frame;
        break;
      case 1:
        body[below(body.length)] = extremes[below(extremes.length)] ?? 0;
        yield frame;
        break;
      case 2:
        yield withLength(body.subarray(0, below(body.length)));
        break;
      case 3:
        if (body.length > 12)
          body.writeInt32BE([0x7fff_ffff, -1, -0x8000_0000, 0x0100_0000][below(4)] ?? 0, 8 + below(body.length - 11));
        yield frame;
        break;
      case 4:
        frame.writeInt32BE([0x7fff_ffff, -1, 0, 0x1000_0000][below(4)] ?? 0);
        yield frame;
        break;
      case 5:
        body.writeInt16BE(below(0x1_0000) - 0x8000, below(2) * 2);
        yield frame;
        break;
      case 6:
        yield Buffer.from(Array.from({ length: 1 + below(64) }, () => below(256)));
        break;
      default:
        yield withLength(Buffer.concat([body, body.subarray(below(body.length))]));
    }
  }
}

function withLength(body: Buffer): Buffer {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length);
  body.copy(frame, 4);
  return frame;
}

/** Numbers from 0 to 1 that only look like chance (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
