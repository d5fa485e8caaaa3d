//! Links in mails, as sealed tokens.
//!
//! A token holds all that it is for, and nothing in D1 is enough to make one. It proves that the mail was read, and no
//! more: what is asked for besides is for the routes that take it, and that it is used once is for the database.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{LinkId, OrganizationId, UserId},
    sealing::{self, CannotSeal, Form, Keys, NONCE_BYTES},
    time::UnixTime,
};

#[cfg(test)]
mod tests;

/// What a link is for. Part of the token's first letters and of its seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Replaces all factors, after the person's first factor.
    Reset,
    /// Leads a person without a first factor to a password.
    Invitation,
    /// Leads to a new password.
    Password,
    /// Says "this was not me", and makes things stricter.
    NotMe,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Reset, Self::Invitation, Self::Password, Self::NotMe];

    /// Seconds that a link works, where nothing else is said.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        match self {
            Self::Reset | Self::Password => 60 * 60,
            Self::Invitation => 24 * 60 * 60,
            Self::NotMe => 7 * 24 * 60 * 60,
        }
    }

    /// Seconds that a link works at most. Only that of a reset can be set.
    #[must_use]
    pub const fn longest_seconds(self) -> u64 {
        match self {
            Self::Reset => 24 * 60 * 60,
            _ => self.seconds(),
        }
    }

    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Invitation => "invitation",
            Self::Password => "password",
            Self::NotMe => "not_me",
        }
    }

    const fn form(self) -> Form {
        let (prefix, purpose) = match self {
            Self::Reset => ("pl_re_", sealing::Purpose::ResetLink),
            Self::Invitation => ("pl_in_", sealing::Purpose::InvitationLink),
            Self::Password => ("pl_pw_", sealing::Purpose::PasswordLink),
            Self::NotMe => ("pl_no_", sealing::Purpose::NotMeLink),
        };
        Form { prefix, purpose }
    }
}

/// A mailed link, opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it is for.
    pub purpose: Purpose,
    /// The organization of the user.
    pub organization: OrganizationId,
    /// The user of the address that it was mailed to.
    pub user: UserId,
    /// What it rests on, marked when it is used.
    pub id: LinkId,
    /// When it was made.
    pub opened_at: UnixTime,
    /// The first second in which it is over.
    pub expires_at: UnixTime,
}

/// Not a link of ours for this purpose: forged, damaged, edited, or of another deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotALink;

impl Link {
    /// A link that is made `now`. It works for `seconds`, at most [`Purpose::longest_seconds`]; where none are given,
    /// for [`Purpose::seconds`].
    #[must_use]
    pub fn new(
        purpose: Purpose,
        (organization, user): (OrganizationId, UserId),
        id: LinkId,
        seconds: Option<u64>,
        now: UnixTime,
    ) -> Self {
        let seconds = seconds.unwrap_or(purpose.seconds());
        Self {
            purpose,
            organization,
            user,
            id,
            opened_at: now,
            expires_at: now.plus(seconds.min(purpose.longest_seconds())),
        }
    }

    /// Seals the link into a token.
    ///
    /// # Errors
    /// As [`Keys::seal`].
    pub fn seal(&self, keys: &Keys, nonce: [u8; NONCE_BYTES]) -> Result<String, CannotSeal> {
        self.purpose.form().seal(keys, nonce, self)
    }

    /// Opens a token that is for `purpose`. Whether it is over is for the caller: an old one is authentic.
    ///
    /// # Errors
    /// [`NotALink`] for everything that [`Link::seal`] did not make for that purpose.
    pub fn open(purpose: Purpose, keys: &Keys, token: &str) -> Result<Self, NotALink> {
        purpose.form().open(keys, token).ok_or(NotALink)
    }

    /// Whether its time is over. One that was made by a clock that was ahead is not good yet.
    #[must_use]
    pub fn is_over(&self, now: UnixTime) -> bool {
        now >= self.expires_at || self.opened_at.is_ahead_of(now)
    }
}
