//! Who is asking, and what they may ask.
//!
//! The first argument of every handler is one of the classes below, and only the extractors here can
//! make one. So a handler cannot forget to check who calls: what reads or changes a user's data takes
//! the class as an argument, and a weaker class is another type. The examples at each class do not
//! compile, which the tests check.
//!
//! A function that takes no class is no handler:
//!
//! ```compile_fail,E0277
//! use postern_worker::http::{body::NoContent, route};
//!
//! async fn handler() -> NoContent {
//!     NoContent
//! }
//! route::access(&handler);
//! ```

mod application;
mod change;
mod keeper;
mod live_session;
mod public;
pub(crate) mod refused;
mod session;
mod set_up;

pub use application::Application;
pub use change::{Change, change};
pub(crate) use keeper::still_keeps;
pub use keeper::{Admin, FreshAdmin, FreshOwner, Keeper, Owner};
pub use live_session::{LiveSession, held, session_token};
pub use public::{Challenger, Public};
pub use session::{Aal2, Adding, Enrolling, Fresh, Load, Session, Unrestricted};
pub use set_up::SetUp;
