//! Who is asking, and what they may ask.
//!
//! The first argument of every handler is one of the classes below, and only the extractors here can
//! make one. So a handler cannot forget to check who calls: what reads or changes a user's data takes
//! the class as an argument, and a weaker class is another type.
//!
//! A session cannot be made up:
//!
//! ```compile_fail,E0433
//! use postern_worker::access::{LiveSession, Fresh};
//! let forged: Fresh = Fresh { live: LiveSession::default(), ..todo!() };
//! ```

mod application;
mod change;
mod live_session;
mod owner;
mod public;
mod session;

pub use application::Application;
pub use change::{Change, change};
pub use live_session::{LiveSession, held, session_token};
pub use owner::{FreshOwner, Owner, OwnerOrApplication};
pub use public::{Challenger, Public};
pub use session::{Aal2, Adding, Enrolling, Fresh, Load, Session, Unrestricted};
