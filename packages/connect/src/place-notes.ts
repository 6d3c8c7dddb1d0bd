/** The most notes of a partition: of 50 journals, and one of the connector's own. The one that is written longest ago is forgotten first. */
const mostNotes = 51;

/**
 * Up to where each journal has written of a partition, as the source keeps it beside the partition's place: so a process that died between
 * its commit and its next step learns whether the commit was taken, whoever has read on meanwhile. A place is a text without spaces.
 */
export class PlaceNotes {
  readonly #places: ReadonlyMap<string, string>;

  private constructor(places: ReadonlyMap<string, string>) {
    this.#places = places;
  }

  /** @param text what the source keeps; that of others means nothing to us. */
  static read(text: string | null | undefined): PlaceNotes {
    const [name, ...notes] = (text ?? '').split(' ');
    if (name !== 'tranquility') return new PlaceNotes(new Map());
    return new PlaceNotes(
      new Map(
        notes.map((note) => {
          const [journal = '', place = ''] = note.split('=');
          return [journal, place] as const;
        }),
      ),
    );
  }

  /** The place up to which a journal has written; nothing if it never has. */
  of(journal: string): string | undefined {
    return this.#places.get(journal);
  }

  /** These, and that some journals have written up to a place. */
  with(journals: readonly string[], place: string): PlaceNotes {
    const others = [...this.#places].filter(([journal]) => !journals.includes(journal));
    const all = [...others, ...journals.map((journal) => [journal, place] as const)];
    return new PlaceNotes(new Map(all.slice(-mostNotes)));
  }

  toString(): string {
    const notes = [...this.#places].map(([journal, place]) => ` ${journal}=${place}`);
    return notes.length === 0 ? '' : `tranquility${notes.join('')}`;
  }
}
