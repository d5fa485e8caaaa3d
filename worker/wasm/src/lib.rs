//! The Worker's WebAssembly: everything that [`postern_worker`] exports, linked and optimized as one.

pub use postern_worker::*;
