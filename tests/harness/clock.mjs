// A clock that tests move. It replaces `Date` in this isolate, which is where the Worker reads the time.

const Real = Date;
let offset = 0;
let frozenAt;
let ahead = 0;

const Movable = class Date extends Real {
  constructor(...given) {
    if (given.length === 0) super(Movable.now());
    else super(...given);
  }
  static now() {
    return trueNow() + ahead;
  }
};
globalThis.Date = Movable;

/** What the database's clock says, which tells every instance the same. */
export const trueNow = () => frozenAt ?? Real.now() + offset;

/** Milliseconds that no test can move, for what the harness itself waits for. */
export const realNow = () => Real.now();

/**
 * Sets the clock: `at` stops it there (milliseconds since 1970), `offset` lets it run that far off,
 * neither gives the real time back. `ahead` is how far this instance alone is wrong.
 */
export function setClock({ at, offset: moved, ahead: wrong }) {
  frozenAt = at;
  offset = moved ?? 0;
  ahead = wrong ?? 0;
  return { now: Movable.now() };
}
