//! What users may do in their organization.
//!
//! Which role a route requires is for the Worker; policies that bind users by role are for
//! [`crate::policy`].

use serde::{Deserialize, Serialize};

/// What a user may do in their organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Role {
    /// Keeps their own factors.
    #[default]
    Member,
    /// Sees who is enrolled, resets and revokes.
    Admin,
    /// Sets the policy.
    Owner,
}

/// Why one person does not act on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum NotHelped {
    /// No one acts on themselves.
    Own,
    /// No one acts on a person above them, and admins not on each other.
    Above,
}

impl Role {
    /// Roles of those who may let a user of this role back in: never one below. An owner is helped by
    /// the other owners.
    #[must_use]
    pub const fn helped_by(self) -> &'static [Self] {
        match self {
            Self::Member => &[Self::Owner, Self::Admin],
            Self::Admin | Self::Owner => &[Self::Owner],
        }
    }

    /// Whether one of this role may help a person of the role `of`, or change or delete them.
    ///
    /// # Errors
    /// [`NotHelped`], with the reason.
    pub fn may_help(self, of: Self, is_self: bool) -> Result<(), NotHelped> {
        if is_self {
            Err(NotHelped::Own)
        } else if of.helped_by().contains(&self) {
            Ok(())
        } else {
            Err(NotHelped::Above)
        }
    }

    /// The roles that one of this role may give.
    pub fn gives(self) -> impl Iterator<Item = Self> {
        [Self::Member, Self::Admin, Self::Owner]
            .into_iter()
            .filter(move |role| self.may_give(*role))
    }

    /// Whether one of this role may give `role` to another person: never one above their own.
    #[must_use]
    pub fn may_give(self, role: Self) -> bool {
        role <= self && self > Self::Member
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_above_ones_own_is_given() {
        use Role::{Admin, Member, Owner};
        for (giver, given) in [
            (Member, &[][..]),
            (Admin, &[Member, Admin]),
            (Owner, &[Member, Admin, Owner]),
        ] {
            for role in [Member, Admin, Owner] {
                assert_eq!(
                    giver.may_give(role),
                    given.contains(&role),
                    "{giver:?} {role:?}"
                );
            }
        }
    }

    #[test]
    fn help_comes_from_above_and_an_owner_is_helped_by_owners() {
        let all = [Role::Member, Role::Admin, Role::Owner];
        for role in all {
            for helper in all {
                let helps = helper > role || (helper, role) == (Role::Owner, Role::Owner);
                assert_eq!(
                    role.helped_by().contains(&helper),
                    helper.may_help(role, false).is_ok()
                );
                assert_eq!(helper.may_help(role, true), Err(NotHelped::Own));
                assert_eq!(
                    role.helped_by().contains(&helper),
                    helps,
                    "{helper:?} {role:?}"
                );
            }
        }
    }
}
