//! D1 and KV as this product uses them: models, copies, the settlement of attempts, events.

pub mod copies;
pub mod d1;
pub mod mail;
pub mod people;
pub mod readiness;
pub mod resealing;
pub mod settlement;
pub mod survivors;
