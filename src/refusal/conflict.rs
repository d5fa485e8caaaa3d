//! What the stored state does not allow.

/// A conflict: a stable code for programs, and what to do about it for developers.
macro_rules! conflicts {
    ($($(#[$about:meta])* $variant:ident = $code:literal, $detail:literal;)*) => {
        /// Why the stored state does not allow what was asked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Conflict { $($(#[$about])* $variant,)* }

        impl Conflict {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// What it means and what to do, for developers.
            #[must_use]
            pub const fn detail(self) -> &'static str {
                match self { $(Self::$variant => $detail,)* }
            }
        }
    };
}

conflicts! {
    /// Backup codes only stand in for an authenticator.
    AuthenticatorMissing = "authenticator_missing",
        "add an authenticator first; backup codes only stand in for one";
    /// What was begun is not pending any more.
    EnrollmentOver = "enrollment_over", "nothing to confirm; start again";
    /// What was begun cannot be read.
    EnrollmentUnreadable = "enrollment_unreadable", "this enrollment cannot be read any more; restart it";
    /// There are as many as there may be.
    Full = "full", "no more of these; remove one first";
    /// The person has a password already.
    HasPassword = "has_password", "the person has a password; a forgotten one is replaced by the person";
    /// No owner who may sign in would be left.
    LastOwner = "last_owner", "the last active owner; make somebody else an owner first";
    /// The link in a mail does nothing any more.
    LinkOver = "link_over", "the link in this mail is over; start anew";
    /// More or fewer are affected than were confirmed.
    Miscounted = "miscounted", "another number of people or authenticators is affected; look again";
    /// Another request was first.
    MovedOn = "moved_on", "somebody else changed this just now; look again";
    /// Another authenticator of the person has the name.
    NameTaken = "name_taken", "another authenticator has this name";
    /// Mail cannot reach the person.
    NoAddress = "no_address", "the person has no mail address; set one first";
    /// No reset is on its way.
    NoReset = "no_reset", "no reset is on its way";
    /// The person may not sign in.
    NotActive = "not_active", "the person is disabled; make them active first";
    /// There is nothing to turn off.
    NothingOn = "nothing_on", "nothing is turned on";
    /// The person has no factors that a reset could replace, or may not sign in.
    NothingToReplace = "nothing_to_replace", "nothing to replace: no authenticator, or disabled";
    /// The person has nothing that a step-up could ask for.
    NothingToShow = "nothing_to_show", "nothing to show again; sign in again";
    /// An organization has this id already.
    OrganizationTaken = "organization_taken", "an organization of this id is there already";
    /// A user has this passkey already.
    PasskeyTaken = "passkey_taken", "this passkey is in use already";
    /// Another request replaced the policy first.
    PolicyChanged = "policy_changed", "the policy was changed meanwhile; read it again";
    /// Another user signs in with the name.
    UsernameTaken = "username_taken", "this username is taken";
}
