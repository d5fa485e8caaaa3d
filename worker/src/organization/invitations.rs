//! Invitations: a mailed link by which a person without a password chooses one. What the link does is for
//! [`crate::account::invitations`].

use postern::{
    audit::Action,
    links::Purpose,
    names::ExternalId,
    refusal::{Conflict, Refusal},
    time::UnixTime,
    users::State,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::FreshAdmin,
    account::backup_codes::Nothing,
    http::{body::Json, path::PathSecond, problem::Problem},
    organization::mailed_links::Mailing,
    store::{
        d1::{Statement, Value},
        mail,
        models::Models,
    },
};

const MAILING: Mailing = Mailing {
    purpose: Purpose::Invitation,
    action: Action::InvitationSend,
    kind: mail::Kind::Invitation,
};

/// An invitation that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentInvitation {
    /// From when on the link does nothing any more, in seconds since 1970.
    pub expires_at: UnixTime,
}

/// An invitation that was neither accepted nor taken back.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct OpenInvitation {
    /// When it was sent, in seconds since 1970.
    sent_at: UnixTime,
    /// From when on its link does nothing any more, in seconds since 1970. May be over.
    expires_at: UnixTime,
}

/// `POST /v1/organizations/{org}/users/{user}/invite`: mails the person a link that works for 24 hours. The one before
/// it, if any, does nothing any more.
pub async fn send(
    caller: FreshAdmin,
    PathSecond(user): PathSecond<ExternalId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Json<SentInvitation>, Problem> {
    let recipient = MAILING.to(&caller, &user).await?;
    can_be_invited(&recipient.models)?;
    recipient.can_be_mailed(caller.context())?;
    let seconds = MAILING.purpose.seconds();
    let expires_at = MAILING.send(&caller, &recipient, seconds).await?;
    Ok(Json(SentInvitation { expires_at }))
}

fn can_be_invited(models: &Models) -> Result<(), Refusal> {
    let user = &models.user;
    if user.state != State::Active {
        return Err(Refusal::Conflict(Conflict::NotActive));
    }
    if user.password.is_some() {
        return Err(Refusal::Conflict(Conflict::HasPassword));
    }
    Ok(())
}

/// Reads the last invitation of a person who has no password ([`OpenInvitation`]); `at_home` is the organization and the
/// user.
pub fn of_person(at_home: [Value; 2]) -> Statement {
    Statement::new(OF_PERSON, at_home)
}

/// ?1 organization 2 user
const OF_PERSON: &str = "
SELECT l.created_at AS sent_at, l.expires_at FROM link l JOIN user u ON (u.organization, u.id) = (l.organization, l.user)
WHERE l.organization = ?1 AND l.user = ?2 AND l.purpose = 'invitation' AND l.ended_at IS NULL AND u.password IS NULL";
