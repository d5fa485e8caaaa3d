//! Answers that are files, written in parts that a Worker holds without effort.

use std::marker::PhantomData;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::http::route::Answer;

/// A format of files.
pub trait Format {
    /// The value of `Content-Type`.
    const MEDIA: &'static str;
    /// The file's name.
    const NAME: &'static str;
    /// How long a part is, and how parts belong together.
    #[cfg(not(target_family = "wasm"))]
    const ABOUT: &'static str;
}

/// A part of a file.
#[derive(Debug)]
pub struct File<F> {
    text: Vec<u8>,
    /// The query of the next part, if there is one.
    next: Option<String>,
    format: PhantomData<F>,
}

impl<F> File<F> {
    /// A part, and the query of the next one.
    pub const fn new(text: Vec<u8>, next: Option<String>) -> Self {
        Self {
            text,
            next,
            format: PhantomData,
        }
    }
}

impl<F: Format> IntoResponse for File<F> {
    fn into_response(self) -> Response {
        let mut response = self.text.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(F::MEDIA));
        let disposition = format!("attachment; filename=\"{}\"", F::NAME);
        let next = self.next.map(|query| format!("<?{query}>; rel=\"next\""));
        for (name, value) in [
            (header::CONTENT_DISPOSITION, Some(disposition)),
            (header::LINK, next),
        ] {
            if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
                headers.insert(name, value);
            }
        }
        response
    }
}

impl<F: Format> Answer for File<F> {
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        let media = F::MEDIA.split(';').next().unwrap_or(F::MEDIA);
        description.answers_text(http::StatusCode::OK, F::ABOUT, media);
    }
}

/// The text as a spreadsheet shows it and does not compute it: an apostrophe stands before what would
/// begin a formula (OWASP, CSV Injection), also behind what some spreadsheets take for the end of a cell.
pub fn plain(text: &str) -> String {
    let begins = |c: char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
        )
    };
    let mut written = String::with_capacity(text.len());
    let mut before = ';';
    for c in text.chars() {
        if begins(c) && matches!(before, ';' | ',' | '\t' | '\r' | '\n') {
            written.push('\'');
        }
        written.push(c);
        before = c;
    }
    written
}
