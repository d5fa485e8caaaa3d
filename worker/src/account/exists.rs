//! Whether what a path names is there, read in the trip that loads the session.

use std::{fmt::Display, marker::PhantomData, str::FromStr};

use postern::refusal::Refusal;
use serde::Deserialize;

use crate::{
    access::Load,
    http::{context::Home, request::Request},
    platform::Fault,
    store::d1::{Rows, Statement, text},
};

/// Whether the row that the path names is there.
pub struct Exists<T>(bool, PhantomData<T>);

/// A row of a person that a path names.
pub trait Named: FromStr<Err: Into<Refusal>> + Display {
    /// Finds it: ?1 organization 2 user 3 id
    const EXISTS: &'static str;
}

impl<T> Exists<T> {
    /// Refuses a row that is not there.
    ///
    /// # Errors
    /// `not_found`.
    pub const fn found(&self) -> Result<(), Refusal> {
        if self.0 {
            Ok(())
        } else {
            Err(Refusal::NotFound)
        }
    }
}

#[derive(Deserialize)]
struct Found {}

impl<T: Named> Load for Exists<T> {
    fn statements(request: &Request, home: Home) -> Vec<Statement> {
        let claimed = request.path_text(0).parse::<T>().ok();
        let claimed = claimed.map(|id| id.to_string());
        let values = [text(home.organization), text(home.user), claimed.into()];
        vec![Statement::new(T::EXISTS, values)]
    }

    fn read(rows: &mut Rows) -> Result<Self, Fault> {
        Ok(Self(rows.first::<Found>()?.is_some(), PhantomData))
    }
}
