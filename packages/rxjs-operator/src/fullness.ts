import { BehaviorSubject, distinctUntilChanged, map, type Observable } from 'rxjs';

/** Whether any of several senders is full. */
export class Fullness {
  readonly #full$ = new BehaviorSubject(0);
  readonly isFull$: Observable<boolean> = this.#full$.pipe(
    map((count) => count > 0),
    distinctUntilChanged(),
  );

  /** One more, which is full until it says otherwise. @returns to be told whether it is full; and that it is no more, by `false`. */
  add(): (isFull: boolean) => void {
    let wasFull = true;
    this.#full$.next(this.#full$.value + 1);
    return (isFull) => {
      if (isFull === wasFull) return;
      wasFull = isFull;
      this.#full$.next(this.#full$.value + (isFull ? 1 : -1));
    };
  }
}
