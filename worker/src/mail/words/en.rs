//! Mails in English.

use time::{Month, OffsetDateTime};

use super::{Labels, Words, is_before_sign_in};
use crate::{
    mail::facts::{Actor, Facts},
    store::mail::Kind,
};

/// English.
pub struct En;

impl Words for En {
    fn code(&self) -> &'static str {
        "en"
    }

    fn subject(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::AddressChanged => "your mail address was changed",
            Kind::AuthenticatorAdded => "an authenticator was added",
            Kind::AuthenticatorRemoved => "an authenticator was removed",
            Kind::BackupCodeUsed => "a backup code was used",
            Kind::BackupCodesGone => "your last backup code was used",
            Kind::BackupCodesLow => "few backup codes are left",
            Kind::BackupCodesRenewed => "new backup codes were made",
            Kind::EnrollmentDue => "please set up your second step",
            Kind::HelpRequested => "help was asked for in your name",
            Kind::HelpWanted => "a person cannot sign in",
            Kind::Invitation => "you are invited",
            Kind::LockedOut => "a way to sign in was closed",
            Kind::MfaOff => "your second step was turned off",
            Kind::MfaRevoked => "your second step was revoked",
            Kind::NotMe => "everything was signed out",
            Kind::PasswordChanged => "your password was changed",
            Kind::PasswordForgotten => "choose a new password",
            Kind::PolicyOff => "the second step is no longer asked for",
            Kind::PolicyStricter => "new rules for signing in",
            Kind::PossibleClone => "a passkey may have been copied",
            Kind::ResetCancelled => "your reset was cancelled",
            Kind::ResetCompleted => "your second step was replaced",
            Kind::ResetStarted => "replace your second step",
            Kind::SecondFactorFailed => "a second step failed",
            Kind::SignedOut => "you were signed out everywhere",
            Kind::TrustedDeviceReused => "a trusted browser was refused",
            Kind::TrustedDevicesCleared => "trusted browsers were forgotten",
            Kind::Unlocked => "your account was unlocked",
        }
    }

    fn greeting(&self, person: Option<&str>) -> String {
        match person {
            Some(person) => format!("Hello {person},"),
            None => "Hello,".to_owned(),
        }
    }

    fn news(&self, facts: &Facts) -> Vec<String> {
        let organization = &facts.organization;
        let account = format!("your account at {organization}");
        match facts.kind {
            Kind::AddressChanged => vec![
                format!("The mail address of {account} was changed."),
                "Mail about your account goes to the new address from now on. This message goes to the new address and, if there was one, to the old one.".to_owned(),
            ],
            Kind::AuthenticatorAdded => vec![
                format!("An authenticator was added to {account}."),
                "From now on it can be used for the second step when signing in.".to_owned(),
            ],
            Kind::AuthenticatorRemoved => vec![
                format!("An authenticator was removed from {account}."),
                "It can no longer be used for the second step when signing in.".to_owned(),
            ],
            Kind::BackupCodeUsed => vec![
                format!("One of your backup codes was used for {account}. It does not work a second time."),
                "If you no longer have your phone or passkey, add a new authenticator on your security page.".to_owned(),
            ],
            Kind::BackupCodesGone => vec![
                format!("You have no backup codes left for {account}."),
                "Without one, losing your phone can lock you out. Please make new ones on your security page.".to_owned(),
            ],
            Kind::BackupCodesLow => vec![
                match facts.left {
                    Some(1) => format!("You have one backup code left for {account}."),
                    Some(left) => format!("You have {left} backup codes left for {account}."),
                    None => format!("You have few backup codes left for {account}."),
                },
                "You can make ten new ones on your security page. The old ones then stop working, also those on paper.".to_owned(),
            ],
            Kind::BackupCodesRenewed => vec![
                format!("New backup codes were made for {account}."),
                "All earlier ones have stopped working, also those on paper.".to_owned(),
            ],
            Kind::EnrollmentDue => vec![
                format!("{organization} asks for a second step when you sign in, and the time to set one up is over."),
                "Your next sign-in begins with setting it up. That takes a few minutes. Have your phone at hand, or use a passkey.".to_owned(),
            ],
            Kind::HelpRequested => vec![
                format!("Someone completed the first step of signing in to {account}, could not complete the second, and asked for help."),
                "Owners or admins who can help have been told. If it was you, they will get in touch with you.".to_owned(),
            ],
            Kind::HelpWanted => vec![
                match &facts.about {
                    Some(about) => format!("{about} completed the first step of signing in to {organization}, cannot complete the second, and asks for help."),
                    None => format!("A person completed the first step of signing in to {organization}, cannot complete the second, and asks for help."),
                },
                "Before you help, make sure who is asking, for instance by a call to a number that you know. A thief who has the password would ask in the same way.".to_owned(),
            ],
            Kind::Invitation => vec![
                format!("You are invited to {organization}."),
                "With this link you choose a password, and set up a second step if one is needed. If you did not expect this, you need not do anything.".to_owned(),
            ],
            Kind::LockedOut => vec![
                format!("There were too many wrong attempts to sign in to {account}, so one way of signing in is closed for now."),
                "You can sign in another way, wait, or ask an owner or admin to unlock it.".to_owned(),
            ],
            Kind::MfaOff => vec![
                format!("The second step of {account} was turned off."),
                "All authenticators, backup codes and trusted browsers are removed. From now on the first step alone is enough to sign in.".to_owned(),
            ],
            Kind::MfaRevoked => vec![
                format!("The second step of {account} was revoked."),
                "All authenticators, backup codes and trusted browsers are removed, and you are signed out everywhere. You may be asked to set up a new second step at your next sign-in.".to_owned(),
            ],
            Kind::NotMe => vec![
                format!("The link “This was not me” of a mail about {account} was used. Every browser was signed out, and trusted browsers were forgotten."),
                "Please change your password now, if you have one here, and look on your security page whether all authenticators are yours. They and your backup codes stay as they are.".to_owned(),
            ],
            Kind::PasswordChanged => vec![
                format!("The password of {account} was changed."),
                "Trusted browsers are asked for the second step again.".to_owned(),
            ],
            Kind::PasswordForgotten => vec![
                format!("Someone asked for a new password for {account}."),
                "If it was you, choose one with this link. Until you do, your password stays as it is. Your second step stays in any case.".to_owned(),
            ],
            Kind::PolicyOff => vec![
                format!("{organization} no longer asks for a second step when you sign in."),
                "Your authenticators are kept. They are asked for again if the rules change back.".to_owned(),
            ],
            Kind::PolicyStricter => vec![
                format!("{organization} changed the rules for signing in, and asks more of you, now or from a day that is set."),
                "Your security page shows whether you have a second step. If you have none, please set one up.".to_owned(),
            ],
            Kind::PossibleClone => vec![
                format!("A passkey of {account} was used, and what it counts went backwards."),
                "This can mean that there is a copy of it. Remove this passkey on your security page and add a new one.".to_owned(),
            ],
            Kind::ResetCancelled => vec![
                format!("The reset of the second step of {account} was cancelled. Its link does not work any more."),
                "Your authenticators and backup codes stay as they are.".to_owned(),
            ],
            Kind::ResetCompleted => vec![
                format!("The second step of {account} was replaced: a new authenticator was set up with the link of a reset."),
                "All earlier authenticators, backup codes and trusted browsers are removed, and all other sessions are signed out.".to_owned(),
            ],
            Kind::ResetStarted => vec![
                format!("A reset of the second step of {account} was started."),
                "With this link, and after your first step, you set up a new authenticator. Your old ones work until then. Afterwards all of them are removed, as are backup codes, trusted browsers and other sessions.".to_owned(),
            ],
            Kind::SecondFactorFailed => vec![
                format!("Someone completed the first step of signing in to {account}, but not the second."),
                "If it was you, for instance with a mistyped code, there is nothing to do.".to_owned(),
            ],
            Kind::SignedOut => vec![
                format!("You were signed out of {account} in every browser, and trusted browsers were forgotten."),
                "You can sign in again as usual. Your authenticators and backup codes stay as they are.".to_owned(),
            ],
            Kind::TrustedDeviceReused => vec![
                format!("A browser that is trusted with {account} showed a key that was used up. This can mean that its data was copied, or restored from an old backup."),
                "The browser is no longer trusted, and what was signed in with it is signed out.".to_owned(),
            ],
            Kind::TrustedDevicesCleared => vec![
                format!("All trusted browsers of {account} were forgotten."),
                "Each of them is asked for the second step again.".to_owned(),
            ],
            Kind::Unlocked => vec![
                format!("What was closed after wrong attempts to sign in to {account} is open again."),
                "You can sign in as usual.".to_owned(),
            ],
        }
    }

    fn labels(&self) -> Labels {
        Labels {
            when: "When",
            whence: "Where",
            browser: "Browser",
            by: "Who",
        }
    }

    fn moment(&self, at: OffsetDateTime) -> String {
        super::moment(at, month, |[day, month, year, time]| {
            format!("{day} {month} {year}, {time} UTC")
        })
    }

    fn browser(&self, known: (Option<&str>, Option<&str>)) -> Option<String> {
        match known {
            (Some(browser), Some(system)) => Some(format!("{browser} on {system}")),
            (browser, system) => Some(browser.or(system)?.to_owned()),
        }
    }

    fn by(&self, facts: &Facts) -> Option<String> {
        let organization = &facts.organization;
        Some(match (&facts.actor, facts.kind) {
            (_, Kind::HelpWanted) => return None,
            (Actor::Owner(Some(name)), _) => format!("{name}, an owner of {organization}"),
            (Actor::Owner(None), _) => format!("An owner of {organization}"),
            (Actor::Admin(Some(name)), _) => format!("{name}, an admin of {organization}"),
            (Actor::Admin(None), _) => format!("An admin of {organization}"),
            (Actor::Application, _) => format!("An application of {organization}"),
            (Actor::System, _) => format!("The system, by the rules of {organization}"),
            (Actor::Person, Kind::NotMe) => "You, or someone else who reads your mail".to_owned(),
            (Actor::Person, kind) if is_before_sign_in(kind) => {
                "You, or someone else who gave your user name".to_owned()
            }
            (Actor::Person, _) => "You, or someone else who used your account".to_owned(),
        })
    }

    fn act(&self, kind: Kind) -> Option<&'static str> {
        match kind {
            Kind::HelpWanted => Some("Look at this person"),
            Kind::Invitation => Some("Accept the invitation"),
            Kind::PasswordForgotten => Some("Choose a new password"),
            Kind::ResetStarted => Some("Replace my second step"),
            _ => None,
        }
    }

    fn until(&self, moment: &str) -> String {
        format!("This link works once, until {moment}:")
    }

    fn not_me(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::PasswordForgotten => {
                "If this was not you, you need not do anything. To be sure, you can use the next link. It asks before it does anything. Then it ends the link above, signs you out everywhere and forgets trusted browsers."
            }
            Kind::ResetStarted => {
                "If you do not want this, use the next link. It asks before it does anything. Then it ends this reset, signs you out everywhere and forgets trusted browsers."
            }
            _ => {
                "If this was not you, or you did not want it, use the next link. It asks before it does anything. Then it signs you out everywhere, forgets trusted browsers and ends open links from mails. Change your password afterwards."
            }
        }
    }

    fn not_me_button(&self) -> &'static str {
        "This was not me"
    }

    fn security(&self) -> &'static str {
        "Your security page"
    }

    fn support(&self, contact: &str) -> String {
        format!("Questions? This is whom to ask: {contact}")
    }

    fn why(&self, organization: &str) -> String {
        format!(
            "You get this message because your account at {organization} has this mail address. Replies to it are not read."
        )
    }
}

const fn month(month: Month) -> &'static str {
    match month {
        Month::January => "January",
        Month::February => "February",
        Month::March => "March",
        Month::April => "April",
        Month::May => "May",
        Month::June => "June",
        Month::July => "July",
        Month::August => "August",
        Month::September => "September",
        Month::October => "October",
        Month::November => "November",
        Month::December => "December",
    }
}
