// The wasm half, fetched once and only by a page that draws or previews something.

import init, * as web from "../wasm/pkg/postern_web.js";

let loading: Promise<typeof web> | undefined;

export function loadWeb(): Promise<typeof web> {
  loading ??= init().then(
    () => web,
    (error: unknown) => {
      // The next call tries again: a lost connection must not stay with the page.
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

export type Web = typeof web;
