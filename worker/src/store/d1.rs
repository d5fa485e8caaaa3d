//! D1 as the rooms use it: statements, the trips they take, and batches that write.

pub(crate) use crate::platform::statement;
pub use crate::platform::{Database, DatabaseError, Rows, Statement, Value, run, text};
pub use crate::store::batch::{Batch, Effect, Recording, write};
pub(crate) use crate::store::batch::{effect, recording, recording_text};
