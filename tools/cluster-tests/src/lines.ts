const together = 1_000;

/** Objects as lines of JSON, in pieces that are not too small to be written one by one. */
export function* linesOf(objects: readonly object[]): Generator<string, void, undefined> {
  for (let at = 0; at < objects.length; at += together) {
    const piece = objects.slice(at, at + together);
    yield piece.map((object) => `${JSON.stringify(object)}\n`).join('');
  }
}
