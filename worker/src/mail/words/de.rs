//! Mails auf Deutsch.

use time::{Month, OffsetDateTime};

use super::{Labels, Words, is_before_sign_in};
use crate::{
    mail::facts::{Actor, Facts},
    store::mail::Kind,
};

/// German.
pub struct De;

impl Words for De {
    fn code(&self) -> &'static str {
        "de"
    }

    fn subject(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::AddressChanged => "Ihre Mailadresse wurde geändert",
            Kind::AuthenticatorAdded => "Ein Authenticator wurde hinzugefügt",
            Kind::AuthenticatorRemoved => "Ein Authenticator wurde entfernt",
            Kind::BackupCodeUsed => "Ein Backup-Code wurde benutzt",
            Kind::BackupCodesGone => "Ihr letzter Backup-Code wurde benutzt",
            Kind::BackupCodesLow => "Es sind wenige Backup-Codes übrig",
            Kind::BackupCodesRenewed => "Neue Backup-Codes wurden erstellt",
            Kind::EnrollmentDue => "Bitte richten Sie den zweiten Schritt ein",
            Kind::HelpRequested => "In Ihrem Namen wurde um Hilfe gebeten",
            Kind::HelpWanted => "Jemand kann sich nicht anmelden",
            Kind::Invitation => "Sie sind eingeladen",
            Kind::LockedOut => "Ein Weg zur Anmeldung wurde geschlossen",
            Kind::MfaOff => "Ihr zweiter Schritt wurde abgeschaltet",
            Kind::MfaRevoked => "Ihr zweiter Schritt wurde widerrufen",
            Kind::NotMe => "Alles wurde abgemeldet",
            Kind::PasswordChanged => "Ihr Passwort wurde geändert",
            Kind::PasswordForgotten => "Wählen Sie ein neues Passwort",
            Kind::PolicyOff => "Der zweite Schritt entfällt",
            Kind::PolicyStricter => "Neue Regeln für die Anmeldung",
            Kind::PossibleClone => "Ein Passkey wurde vielleicht kopiert",
            Kind::ResetCancelled => "Ihr zweiter Schritt wird nicht ersetzt",
            Kind::ResetCompleted => "Ihr zweiter Schritt wurde ersetzt",
            Kind::ResetStarted => "Ersetzen Sie Ihren zweiten Schritt",
            Kind::SecondFactorFailed => "Ein zweiter Schritt ist misslungen",
            Kind::SignedOut => "Sie wurden überall abgemeldet",
            Kind::TrustedDeviceReused => "Ein vertrauter Browser wurde abgelehnt",
            Kind::TrustedDevicesCleared => "Vertraute Browser wurden vergessen",
            Kind::Unlocked => "Ihr Konto wurde entsperrt",
        }
    }

    fn greeting(&self, person: Option<&str>) -> String {
        match person {
            Some(person) => format!("Guten Tag {person},"),
            None => "Guten Tag,".to_owned(),
        }
    }

    fn news(&self, facts: &Facts) -> Vec<String> {
        let organization = &facts.organization;
        let account = format!("Ihr Konto bei {organization}");
        let of_account = format!("Ihres Kontos bei {organization}");
        match facts.kind {
            Kind::AddressChanged => vec![
                format!("Die Mailadresse {of_account} wurde geändert."),
                "Mails zu Ihrem Konto gehen ab jetzt an die neue Adresse. Diese Nachricht geht an die neue und, wenn es eine gab, an die alte.".to_owned(),
            ],
            Kind::AuthenticatorAdded => vec![
                format!("Für {account} wurde ein Authenticator hinzugefügt."),
                "Ab jetzt kann er bei der Anmeldung als zweiter Schritt dienen.".to_owned(),
            ],
            Kind::AuthenticatorRemoved => vec![
                format!("Für {account} wurde ein Authenticator entfernt."),
                "Er kann bei der Anmeldung nicht mehr als zweiter Schritt dienen.".to_owned(),
            ],
            Kind::BackupCodeUsed => vec![
                format!("Einer Ihrer Backup-Codes wurde für {account} benutzt. Er gilt kein zweites Mal."),
                "Wenn Sie Ihr Telefon oder Ihren Passkey nicht mehr haben, fügen Sie auf Ihrer Sicherheitsseite einen neuen Authenticator hinzu.".to_owned(),
            ],
            Kind::BackupCodesGone => vec![
                format!("Für {account} haben Sie keinen Backup-Code mehr."),
                "Ohne einen kann ein verlorenes Telefon Sie aussperren. Bitte erstellen Sie auf Ihrer Sicherheitsseite neue.".to_owned(),
            ],
            Kind::BackupCodesLow => vec![
                match facts.left {
                    Some(1) => format!("Für {account} haben Sie noch einen Backup-Code."),
                    Some(left) => format!("Für {account} haben Sie noch {left} Backup-Codes."),
                    None => format!("Für {account} haben Sie nur noch wenige Backup-Codes."),
                },
                "Auf Ihrer Sicherheitsseite können Sie zehn neue erstellen. Die alten gelten dann nicht mehr, auch die auf Papier.".to_owned(),
            ],
            Kind::BackupCodesRenewed => vec![
                format!("Für {account} wurden neue Backup-Codes erstellt."),
                "Alle früheren gelten nicht mehr, auch die auf Papier.".to_owned(),
            ],
            Kind::EnrollmentDue => vec![
                format!("{organization} verlangt bei der Anmeldung einen zweiten Schritt, und die Frist dafür ist vorbei."),
                "Ihre nächste Anmeldung beginnt damit, ihn einzurichten. Das dauert einige Minuten. Halten Sie Ihr Telefon bereit, oder nehmen Sie einen Passkey.".to_owned(),
            ],
            Kind::HelpRequested => vec![
                format!("Jemand hat den ersten Schritt der Anmeldung für {account} geschafft, den zweiten nicht, und um Hilfe gebeten."),
                "Inhaber oder Admins, die helfen können, wissen davon. Wenn Sie es waren, melden sie sich bei Ihnen.".to_owned(),
            ],
            Kind::HelpWanted => vec![
                match &facts.about {
                    Some(about) => format!("{about} hat den ersten Schritt der Anmeldung bei {organization} geschafft, kann den zweiten nicht und bittet um Hilfe."),
                    None => format!("Jemand hat den ersten Schritt der Anmeldung bei {organization} geschafft, kann den zweiten nicht und bittet um Hilfe."),
                },
                "Überzeugen Sie sich, wer da bittet, bevor Sie helfen: etwa mit einem Anruf unter einer Nummer, die Sie kennen. Wer das Passwort gestohlen hat, würde ebenso bitten.".to_owned(),
            ],
            Kind::Invitation => vec![
                format!("Sie sind zu {organization} eingeladen."),
                "Mit diesem Link wählen Sie ein Passwort und richten, wenn nötig, einen zweiten Schritt ein. Wenn Sie das nicht erwartet haben, müssen Sie nichts tun.".to_owned(),
            ],
            Kind::LockedOut => vec![
                format!("Es gab zu viele falsche Versuche, sich für {account} anzumelden. Darum ist einer der Wege vorerst geschlossen."),
                "Sie können sich auf einem anderen Weg anmelden, warten oder einen Inhaber oder Admin bitten, ihn zu öffnen.".to_owned(),
            ],
            Kind::MfaOff => vec![
                format!("Der zweite Schritt {of_account} wurde abgeschaltet."),
                "Alle Authenticatoren, Backup-Codes und vertrauten Browser sind entfernt. Ab jetzt genügt bei der Anmeldung der erste Schritt.".to_owned(),
            ],
            Kind::MfaRevoked => vec![
                format!("Der zweite Schritt {of_account} wurde widerrufen."),
                "Alle Authenticatoren, Backup-Codes und vertrauten Browser sind entfernt, und Sie sind überall abgemeldet. Bei der nächsten Anmeldung richten Sie vielleicht einen neuen zweiten Schritt ein.".to_owned(),
            ],
            Kind::NotMe => vec![
                format!("Der Link „Das war ich nicht“ aus einer Mail über {account} wurde benutzt. Jeder Browser wurde abgemeldet, und vertraute Browser wurden vergessen."),
                "Bitte ändern Sie jetzt Ihr Passwort, wenn Sie hier eines haben, und sehen Sie auf Ihrer Sicherheitsseite nach, ob alle Authenticatoren Ihre sind. Sie und Ihre Backup-Codes bleiben, wie sie sind.".to_owned(),
            ],
            Kind::PasswordChanged => vec![
                format!("Das Passwort {of_account} wurde geändert."),
                "Vertraute Browser werden wieder nach dem zweiten Schritt gefragt.".to_owned(),
            ],
            Kind::PasswordForgotten => vec![
                format!("Jemand hat für {account} ein neues Passwort verlangt."),
                "Wenn Sie es waren, wählen Sie es mit diesem Link. Bis dahin bleibt Ihr Passwort, wie es ist. Ihr zweiter Schritt bleibt auf jeden Fall.".to_owned(),
            ],
            Kind::PolicyOff => vec![
                format!("{organization} fragt bei der Anmeldung nicht mehr nach einem zweiten Schritt."),
                "Ihre Authenticatoren bleiben aufbewahrt. Sie gelten wieder, wenn die Regeln es wieder verlangen.".to_owned(),
            ],
            Kind::PolicyStricter => vec![
                format!("{organization} hat die Regeln für die Anmeldung geändert und verlangt mehr von Ihnen, jetzt oder ab einem festgesetzten Tag."),
                "Ihre Sicherheitsseite zeigt, ob Sie einen zweiten Schritt haben. Wenn nicht, richten Sie bitte einen ein.".to_owned(),
            ],
            Kind::PossibleClone => vec![
                format!("Ein Passkey {of_account} wurde benutzt, und sein Zähler lief rückwärts."),
                "Das kann bedeuten, dass es eine Kopie gibt. Entfernen Sie diesen Passkey auf Ihrer Sicherheitsseite und fügen Sie einen neuen hinzu.".to_owned(),
            ],
            Kind::ResetCancelled => vec![
                format!("Das Ersetzen des zweiten Schritts {of_account} wurde abgebrochen. Der Link dafür gilt nicht mehr."),
                "Ihre Authenticatoren und Backup-Codes bleiben, wie sie sind.".to_owned(),
            ],
            Kind::ResetCompleted => vec![
                format!("Der zweite Schritt {of_account} wurde ersetzt: Mit dem Link aus einer Mail wurde ein neuer Authenticator eingerichtet."),
                "Alle früheren Authenticatoren, Backup-Codes und vertrauten Browser sind entfernt, und alle anderen Sitzungen sind abgemeldet.".to_owned(),
            ],
            Kind::ResetStarted => vec![
                format!("Für {account} können Sie den zweiten Schritt ersetzen."),
                "Mit diesem Link und nach Ihrem ersten Schritt richten Sie einen neuen Authenticator ein. Bis dahin gelten Ihre alten. Danach sind alle entfernt, auch Backup-Codes, vertraute Browser und andere Sitzungen.".to_owned(),
            ],
            Kind::SecondFactorFailed => vec![
                format!("Jemand hat den ersten Schritt der Anmeldung für {account} geschafft, den zweiten nicht."),
                "Wenn Sie es waren, etwa mit einem vertippten Code, ist nichts zu tun.".to_owned(),
            ],
            Kind::SignedOut => vec![
                format!("{account} wurde in allen Browsern abgemeldet, und vertraute Browser wurden vergessen."),
                "Sie können sich wie gewohnt wieder anmelden. Ihre Authenticatoren und Backup-Codes bleiben, wie sie sind.".to_owned(),
            ],
            Kind::TrustedDeviceReused => vec![
                format!("Ein Browser, dem für {account} vertraut wird, zeigte einen verbrauchten Schlüssel. Vielleicht wurden seine Daten kopiert oder aus einer alten Sicherung geholt."),
                "Dem Browser wird nicht mehr vertraut, und was mit ihm angemeldet war, ist abgemeldet.".to_owned(),
            ],
            Kind::TrustedDevicesCleared => vec![
                format!("Alle vertrauten Browser {of_account} wurden vergessen."),
                "Jeder wird wieder nach dem zweiten Schritt gefragt.".to_owned(),
            ],
            Kind::Unlocked => vec![
                format!("Was nach falschen Versuchen für {account} geschlossen war, ist wieder offen."),
                "Sie können sich wie gewohnt anmelden.".to_owned(),
            ],
        }
    }

    fn labels(&self) -> Labels {
        Labels {
            when: "Wann",
            whence: "Wo",
            browser: "Browser",
            by: "Wer",
        }
    }

    fn moment(&self, at: OffsetDateTime) -> String {
        super::moment(at, month, |[day, month, year, time]| {
            format!("{day}. {month} {year}, {time} Uhr (UTC)")
        })
    }

    fn browser(&self, known: (Option<&str>, Option<&str>)) -> Option<String> {
        match known {
            (Some(browser), Some(system)) => Some(format!("{browser} auf {system}")),
            (browser, system) => Some(browser.or(system)?.to_owned()),
        }
    }

    fn by(&self, facts: &Facts) -> Option<String> {
        let organization = &facts.organization;
        Some(match (&facts.actor, facts.kind) {
            (_, Kind::HelpWanted) => return None,
            (Actor::Owner(Some(name)), _) => format!("{name}, Inhaber von {organization}"),
            (Actor::Owner(None), _) => format!("Ein Inhaber von {organization}"),
            (Actor::Admin(Some(name)), _) => format!("{name}, Admin von {organization}"),
            (Actor::Admin(None), _) => format!("Ein Admin von {organization}"),
            (Actor::Application, _) => format!("Eine Anwendung von {organization}"),
            (Actor::System, _) => format!("Das System, nach den Regeln von {organization}"),
            (Actor::Person, Kind::NotMe) => {
                "Sie, oder jemand anderes, der Ihre Mail liest".to_owned()
            }
            (Actor::Person, kind) if is_before_sign_in(kind) => {
                "Sie, oder jemand anderes mit Ihrem Benutzernamen".to_owned()
            }
            (Actor::Person, _) => "Sie, oder jemand anderes mit Ihrem Konto".to_owned(),
        })
    }

    fn act(&self, kind: Kind) -> Option<&'static str> {
        match kind {
            Kind::HelpWanted => Some("Diese Person ansehen"),
            Kind::Invitation => Some("Einladung annehmen"),
            Kind::PasswordForgotten => Some("Neues Passwort wählen"),
            Kind::ResetStarted => Some("Zweiten Schritt ersetzen"),
            _ => None,
        }
    }

    fn until(&self, moment: &str) -> String {
        format!("Dieser Link gilt einmal, bis {moment}:")
    }

    fn not_me(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::PasswordForgotten => {
                "Wenn Sie es nicht waren, müssen Sie nichts tun. Um sicherzugehen, können Sie den nächsten Link nehmen. Er fragt, bevor er etwas tut. Dann beendet er den Link oben, meldet Sie überall ab und vergisst vertraute Browser."
            }
            Kind::ResetStarted => {
                "Wenn Sie das nicht wollen, nehmen Sie den nächsten Link. Er fragt, bevor er etwas tut. Dann bricht er das Ersetzen ab, meldet Sie überall ab und vergisst vertraute Browser."
            }
            _ => {
                "Wenn Sie es nicht waren oder es nicht wollten, nehmen Sie den nächsten Link. Er fragt, bevor er etwas tut. Dann meldet er Sie überall ab, vergisst vertraute Browser und beendet offene Links aus Mails. Ändern Sie danach Ihr Passwort."
            }
        }
    }

    fn not_me_button(&self) -> &'static str {
        "Das war ich nicht"
    }

    fn security(&self) -> &'static str {
        "Ihre Sicherheitsseite"
    }

    fn support(&self, contact: &str) -> String {
        format!("Fragen beantwortet: {contact}")
    }

    fn why(&self, organization: &str) -> String {
        format!(
            "Sie bekommen diese Nachricht, weil Ihr Konto bei {organization} diese Mailadresse hat. Antworten darauf werden nicht gelesen."
        )
    }
}

const fn month(month: Month) -> &'static str {
    match month {
        Month::January => "Januar",
        Month::February => "Februar",
        Month::March => "März",
        Month::April => "April",
        Month::May => "Mai",
        Month::June => "Juni",
        Month::July => "Juli",
        Month::August => "August",
        Month::September => "September",
        Month::October => "Oktober",
        Month::November => "November",
        Month::December => "Dezember",
    }
}
