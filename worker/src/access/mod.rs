//! Who is asking, and what they may ask.

pub mod caller;
