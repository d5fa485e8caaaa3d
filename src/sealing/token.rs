//! Records that are sealed into tokens, and stored nowhere else.

use alloc::{format, string::String};

use serde::{Serialize, de::DeserializeOwned};

use super::{CannotSeal, Keys, NONCE_BYTES, Place, Purpose};

/// What tokens of one kind look like. The letters in front say what a token is for, and the seal proves it.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// First letters.
    pub prefix: &'static str,
    /// What the record is sealed for.
    pub purpose: Purpose,
}

impl Form {
    const fn place(&self) -> Place<'static> {
        Place {
            purpose: self.purpose,
            path: &[],
        }
    }

    /// Seals `record` into a token.
    ///
    /// # Errors
    /// As [`Keys::seal`].
    pub fn seal(
        &self,
        keys: &Keys,
        nonce: [u8; NONCE_BYTES],
        record: &impl Serialize,
    ) -> Result<String, CannotSeal> {
        let text = serde_json::to_vec(record).map_err(|_| CannotSeal)?;
        let blob = keys.seal(&self.place(), nonce, &text)?;
        Ok(format!("{}{blob}", self.prefix))
    }

    /// The record of a token; `None` for everything that [`Form::seal`] did not make.
    #[must_use]
    pub fn open<T: DeserializeOwned>(&self, keys: &Keys, token: &str) -> Option<T> {
        let blob = token.strip_prefix(self.prefix)?;
        let text = keys.open(&self.place(), blob).ok()?;
        serde_json::from_slice(&text).ok()
    }
}
