//! D1 and KV as this product uses them: models, copies, the settlement of attempts, events.

pub mod batch;
pub mod copies;
pub mod d1;
pub mod event_detail;
pub mod links;
#[cfg(test)]
mod lint;
pub mod mail;
pub mod models;
pub mod noted;
pub mod people;
pub mod records;
pub mod resealing;
pub mod sessions;
pub mod settlement;
pub mod survivors;
