//! The mailed link of an invitation: a person without a password chooses their first one, as
//! [`crate::account::password_links`] has it, and signs in with it afterwards. Sent by [`crate::organization::invitations`].

use postern::{audit::Action, links::Purpose};

use crate::{
    access::Public,
    account::password_links::{self, ChosenPassword, OpenedPassword},
    http::{
        body::{Json, NoContent, ShortJson},
        problem::Problem,
    },
    sign_in::resets::Open,
};

/// `POST /v1/invitations/open`: the user that the link is for, and what is needed.
pub async fn open(
    caller: Public,
    ShortJson(body): ShortJson<Open>,
) -> Result<Json<OpenedPassword>, Problem> {
    let context = &caller.request.context;
    let opened = password_links::open(context, Purpose::Invitation, &body.token).await?;
    Ok(Json(opened))
}

/// `POST /v1/invitations/accept`: sets the password, once for each link. The person signs in with it as everyone does.
pub async fn accept(
    caller: Public,
    ShortJson(body): ShortJson<ChosenPassword>,
) -> Result<NoContent, Problem> {
    let context = &caller.request.context;
    password_links::set(context, Purpose::Invitation, body, Action::InvitationAccept).await?;
    Ok(NoContent)
}
