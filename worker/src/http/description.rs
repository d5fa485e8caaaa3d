//! What a handler's types know of its route, for the API's document.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use utoipa::{
    ToSchema,
    openapi::{Ref, RefOr, schema::Schema},
};

/// A description under construction.
#[derive(Default)]
pub struct Description {
    /// The values of the path's placeholders, in order.
    pub path: Vec<RefOr<Schema>>,
    /// The query parameters.
    pub query: Vec<(&'static str, RefOr<Schema>)>,
    /// The body, and its size at most in bytes.
    pub body: Option<(RefOr<Schema>, usize)>,
    /// The answers that are no problems, each with what it says.
    pub answers: BTreeMap<StatusCode, Success>,
    /// Whether an answer may set cookies.
    pub sets_cookies: bool,
    /// The codes of problems.
    pub refuses: BTreeSet<&'static str>,
    /// The schemas that are named.
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

/// An answer that is no problem.
pub struct Success {
    /// In words.
    pub about: &'static str,
    /// The media type of the body.
    pub media: &'static str,
    /// The body, if there is one.
    pub body: Option<RefOr<Schema>>,
}

impl Description {
    /// Adds the value of the path's next placeholder.
    pub fn path<T: ToSchema>(&mut self) {
        let schema = self.named::<T>();
        self.path.push(schema);
        self.refuses.insert("malformed");
    }

    /// Adds a query parameter.
    pub fn query(&mut self, name: &'static str, schema: impl Into<RefOr<Schema>>) {
        self.query.push((name, schema.into()));
    }

    /// Adds the body, of at most `most` bytes.
    pub fn body<T: ToSchema>(&mut self, most: usize) {
        self.body = Some((self.named::<T>(), most));
    }

    /// Adds an answer with a body.
    pub fn answers<T: ToSchema>(&mut self, status: StatusCode, about: &'static str) {
        let body = Some(self.named::<T>());
        let media = "application/json";
        self.answers.insert(status, Success { about, media, body });
    }

    /// Adds an answer of text in this format.
    pub fn answers_text(&mut self, status: StatusCode, about: &'static str, media: &'static str) {
        let body = Some(<String as utoipa::PartialSchema>::schema());
        self.answers.insert(status, Success { about, media, body });
    }

    /// Adds the answer without a body.
    pub fn nothing(&mut self) {
        let about = "Done.";
        let (media, body) = ("application/json", None);
        let done = Success { about, media, body };
        self.answers.insert(StatusCode::NO_CONTENT, done);
    }

    /// A reference to the schema of `T`, which is kept with those that it names.
    pub fn named<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let name = T::name().into_owned();
        let reference = Ref::from_schema_name(&name).into();
        self.schemas.push((name, T::schema()));
        T::schemas(&mut self.schemas);
        reference
    }
}
