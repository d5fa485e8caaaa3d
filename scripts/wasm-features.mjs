// The features of rustc's wasm target and wasm-bindgen's glue, named one by one:
// `--all-features` would let a newer binaryen emit encodings that workerd, Node 20 and the browsers
// of last year do not read.

export const FEATURES = [
  "mutable-globals",
  "sign-ext",
  "nontrapping-float-to-int",
  "bulk-memory",
  "multivalue",
  "reference-types",
  "exception-handling",
].map((name) => `--enable-${name}`);
