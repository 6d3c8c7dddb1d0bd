import { kindOf, sentenceOf } from './aws/error-kind.js';
import type { KinesisTrouble } from './trouble.js';

/** What a group does again and again. Each may fail while the others go on. */
export type Loop = 'leases' | 'shards' | 'checkpoints';

/** What keeps each loop of a group from its work, until it is done once more. */
export class LoopTroubles {
  readonly #stream: string;
  readonly #tell: (trouble: KinesisTrouble) => void;
  readonly #lasting = new Map<Loop, KinesisTrouble>();

  /** @param tell called with each trouble that is new: what lasts is told once, and so is what keeps several loops from their work. */
  constructor(stream: string, tell: (trouble: KinesisTrouble) => void) {
    this.#stream = stream;
    this.#tell = tell;
  }

  /** In sentences. */
  get reasons(): string[] {
    return [...new Set([...this.#lasting.values()].map(({ message }) => message))];
  }

  failed(loop: Loop, error: unknown): void {
    const stream = this.#stream;
    const trouble = { kind: troubleKind(error), message: `${stream}: ${sentenceOf(error)} It is tried again.`, stream };
    const isTold = this.#lasting.get(loop)?.kind === trouble.kind || this.reasons.includes(trouble.message);
    this.#lasting.set(loop, trouble);
    if (!isTold) this.#tell(trouble);
  }

  done(loop: Loop): void {
    this.#lasting.delete(loop);
  }
}

function troubleKind(error: unknown): KinesisTrouble['kind'] {
  const kind = kindOf(error);
  if (kind === 'gone') return 'deleted';
  return kind === 'refused' ? 'refused' : 'disconnected';
}
