//! What the types with a text of their own are on the wire, for the API's document. All others derive
//! their schema from their fields.

use alloc::borrow::{Cow, ToOwned as _};

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{
            AdditionalProperties, KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat,
            Type,
        },
    },
};

use crate::{
    ids::{
        AuthenticatorId, BackupCodeSetId, ChallengeId, EnrollmentId, EventId, KnownBrowserId,
        MailId, OrganizationId, SessionId, TrustedDeviceId, UserId,
    },
    names::{DisplayName, ExternalId, Group, MailAddress, OrganizationName, Surface, Username},
    passkeys::{Base64UrlString, CredentialId, UserHandle},
    passwords::Password,
    policy::{MAX_PROMPT_DAYS, MAX_TRUST_DAYS, Prompt, Reason, Rule, TrustedDevices, Verdict},
    time::UnixTime,
};

/// Types that are texts of a certain form: `Type: lengths, "pattern", "example", "description";`.
macro_rules! texts {
    ($($name:ident: $least:literal..=$most:literal, $pattern:literal, $example:literal, $about:literal;)*) => {$(
        impl ToSchema for $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some($about))
                    .min_length(Some($least))
                    .max_length(Some($most))
                    .pattern(Some($pattern))
                    .examples([$example])
                    .into()
            }
        }
    )*

        #[cfg(test)]
        const EXAMPLES: &[(&str, fn() -> bool)] = &[
            $((stringify!($name), || serde_json::from_value::<$name>($example.into()).is_ok()),)*
        ];
    };
}

texts! {
    OrganizationId: 28..=28, "^o_[a-z2-7]{26}$", "o_aaaaaaaaaaaaaaaaaaaaaaaaaa", "An organization's id.";
    UserId: 28..=28, "^u_[a-z2-7]{26}$", "u_aaaaaaaaaaaaaaaaaaaaaaaaaa", "A user's id.";
    AuthenticatorId: 28..=28, "^a_[a-z2-7]{26}$", "a_aaaaaaaaaaaaaaaaaaaaaaaaaa", "An authenticator's id.";
    EnrollmentId: 28..=28, "^n_[a-z2-7]{26}$", "n_aaaaaaaaaaaaaaaaaaaaaaaaaa", "A pending enrollment's id.";
    BackupCodeSetId: 28..=28, "^b_[a-z2-7]{26}$", "b_aaaaaaaaaaaaaaaaaaaaaaaaaa", "The id of a set of backup codes.";
    SessionId: 28..=28, "^s_[a-z2-7]{26}$", "s_aaaaaaaaaaaaaaaaaaaaaaaaaa", "A session's id.";
    ChallengeId: 28..=28, "^c_[a-z2-7]{26}$", "c_aaaaaaaaaaaaaaaaaaaaaaaaaa", "A challenge's id.";
    TrustedDeviceId: 28..=28, "^d_[a-z2-7]{26}$", "d_aaaaaaaaaaaaaaaaaaaaaaaaaa", "A trusted device's id.";
    KnownBrowserId: 28..=28, "^w_[a-z2-7]{26}$", "w_aaaaaaaaaaaaaaaaaaaaaaaaaa", "A known browser's id.";
    EventId: 28..=28, "^e_[a-z2-7]{26}$", "e_aaaaaaaaaaaaaaaaaaaaaaaaaa", "An audit event's id.";
    MailId: 28..=28, "^m_[a-z2-7]{26}$", "m_aaaaaaaaaaaaaaaaaaaaaaaaaa", "A mail's id.";

    OrganizationName: 1..=63, "^[a-z0-9][a-z0-9_-]*$", "acme",
        "An organization's id, as its application chose it.";
    ExternalId: 1..=128, "^(?!\\.{1,2}$)[A-Za-z0-9._~@+-]+$", "alice",
        "A user's id, as the application chose it.";
    Username: 1..=128, "\\S", "alice",
        "What a person types to sign in: trimmed, and compared as RFC 8265 says.";
    DisplayName: 1..=64, "\\S", "My phone", "Characters that can be seen, trimmed.";
    Group: 1..=64, "\\S", "staff", "A group of users: characters that can be seen, trimmed.";
    Surface: 1..=63, "^[a-z0-9][a-z0-9_-]*$", "control_panel",
        "A thing that people sign in to, as the deployment's setting `SURFACES` names it.";
    MailAddress: 1..=254, "^[^@\\s]{1,64}@[^@\\s]+\\.[^@\\s]+$", "alice@acme.test",
        "One mail address, in ASCII.";

    Base64UrlString: 0..=65536, "^[A-Za-z0-9_-]*$", "AAEC",
        "Bytes in base64url without padding (RFC 4648 section 5).";
    CredentialId: 2..=1364, "^[A-Za-z0-9_-]+$", "AAEC",
        "A passkey's credential id, 1 to 1023 bytes, in base64url without padding.";
    UserHandle: 86..=86, "^[A-Za-z0-9_-]+$",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "The user handle of passkeys, 64 bytes, in base64url without padding.";
}

impl ToSchema for Password {}

impl PartialSchema for Password {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .description(Some("A password, compared as RFC 8265 section 4.2 says."))
            .into()
    }
}

impl ToSchema for UnixTime {}

impl PartialSchema for UnixTime {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .description(Some("Seconds since 1970-01-01T00:00:00Z."))
            .minimum(Some(0))
            .examples([1_790_000_000])
            .into()
    }
}

impl ToSchema for Verdict {}

impl PartialSchema for Verdict {
    fn schema() -> RefOr<Schema> {
        let verdicts = [
            Self::Complete,
            Self::Challenge,
            Self::Enroll { deadline: None },
            Self::Refuse,
        ];
        let about = "`complete`: that is enough. `challenge`: a second factor is asked for. `enroll`: an \
            authenticator must be enrolled first. `refuse`: nothing that was shown counts.";
        words(about, verdicts.map(Self::as_str))
    }
}

impl ToSchema for Reason {}

impl PartialSchema for Reason {
    fn schema() -> RefOr<Schema> {
        let codes = Self::ALL.iter().map(|reason| reason.as_str());
        words("Why, as a stable code.", codes)
    }
}

impl ToSchema for Rule {
    fn name() -> Cow<'static, str> {
        "PolicyRule".into()
    }
}

impl PartialSchema for Rule {
    fn schema() -> RefOr<Schema> {
        let codes = Self::ALL.iter().map(|rule| rule.as_str());
        let about = "The rule that decided: a field of the policy, or `evidence`, what was shown.";
        words(about, codes)
    }
}

impl ToSchema for TrustedDevices {
    fn name() -> Cow<'static, str> {
        "TrustedDevicesRule".into()
    }
}

impl PartialSchema for TrustedDevices {
    fn schema() -> RefOr<Schema> {
        off_or_days(
            "Whether a browser may skip the second factor.",
            "For so many days, counted from the proof.",
            MAX_TRUST_DAYS.into(),
        )
    }
}

impl ToSchema for Prompt {
    fn name() -> Cow<'static, str> {
        "PromptRule".into()
    }
}

impl PartialSchema for Prompt {
    fn schema() -> RefOr<Schema> {
        off_or_days(
            "Whether people who need not enroll are offered it after signing in.",
            "Until they enroll; after \"not now\" again when so many days are over.",
            MAX_PROMPT_DAYS,
        )
    }
}

/// `off`, or a number of days.
fn off_or_days(about: &str, about_days: &str, most: u16) -> RefOr<Schema> {
    let days = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("How many days."))
        .minimum(Some(1))
        .maximum(Some(most));
    let for_days = ObjectBuilder::new()
        .description(Some(about_days))
        .property("days", days)
        .required("days")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    OneOfBuilder::new()
        .description(Some(about))
        .item(words("Never.", ["off"]))
        .item(for_days)
        .into()
}

/// What kind an authenticator is of.
#[must_use]
pub fn authenticator_kind() -> RefOr<Schema> {
    words("An authenticator app, or a passkey.", ["passkey", "totp"])
}

/// One of `words`.
pub fn words(about: &str, words: impl IntoIterator<Item = &'static str>) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(about.to_owned()))
        .enum_values(Some(words))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_read() {
        for (name, is_read) in EXAMPLES {
            assert!(is_read(), "the example of {name}");
        }
    }
}
