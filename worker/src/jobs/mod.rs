//! What runs on a schedule.

pub mod scheduled;
