//! Verifying an authentication assertion: WebAuthn L3 §7.2, step by step.
//!
//! Leaves to the caller the look-up of the account, what a possible clone means, and to the commit
//! that the nonce is spent.

use super::{
    AuthenticationResponseJSON, CeremonyType, CollectedClientData, CredentialId, CredentialRecord,
    Refused, RelyingParty, Unverified, UserHandle, UserVerificationRequirement,
    attestation::signed_message, authenticator_data::AuthenticatorData, client_data,
};

/// What the options asked for, as sealed into the challenge.
#[derive(Clone, Copy, Debug)]
pub struct Ceremony<'a> {
    /// The ceremony nonce issued for this purpose: 32 random bytes.
    pub nonce: &'a [u8],
    /// Whether the user was known when the options were made.
    pub user: User,
    /// What was asked about user verification.
    pub user_verification: UserVerificationRequirement,
}

/// Whether the user was identified before the ceremony (§7.2 step 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// By a first factor or a session; `allowCredentials` were the account's passkeys.
    Identified,
    /// Not identified: `allowCredentials` was empty, and the user handle names the user.
    Discoverable,
}

/// The account that the session, the challenge or the user handle leads to.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The stored user handle.
    pub user_handle: &'a UserHandle,
    /// All its passkeys that may be used.
    pub credentials: &'a [&'a CredentialRecord],
}

/// An assertion that holds: what it proves and what to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// Whose key signed.
    pub credential_id: CredentialId,
    /// The UV flag: kept in the evidence, since without it a passkey is one factor.
    pub user_verified: bool,
    /// The BS flag: whether the passkey is synced now.
    pub backup_state: bool,
    /// The counter to store: the highest seen. It never goes back: otherwise a clone with a lower
    /// counter would be noticed only once.
    pub sign_count: u32,
    /// The counter did not go up though one is kept (section 6.1.1): recorded and mailed, refused
    /// if the policy says so.
    pub possible_clone: bool,
}

/// Checks `response` against the ceremony and the account. The assertion comes out of
/// [`Unverified::verified_by`].
///
/// # Errors
/// The first check that did not hold.
pub fn verify(
    rp: &RelyingParty<'_>,
    ceremony: &Ceremony<'_>,
    account: &Account<'_>,
    response: &AuthenticationResponseJSON,
) -> Result<Unverified<Assertion>, Refused> {
    // Step 1, options: `PublicKeyCredentialRequestOptionsJSON::new`.
    // Step 2, navigator.credentials.get(): the page.
    // Step 3. If response is not an AuthenticatorAssertionResponse, abort: its type says so.
    let id = &response.id;
    let response = &response.response;

    // Step 4, clientExtensionResults: skipped. We ask for no extension and need no result.

    // Step 5. If allowCredentials is not empty, verify that credential.id is in it. It was either
    // empty or all passkeys of the account, which step 6 looks through in both cases.

    // Step 6. Identify the user and let credentialRecord be the one of the account with this id.
    // A user handle is never empty (section 5.4.3); some authenticators return an empty one for
    // none.
    let user_handle = response
        .user_handle
        .as_ref()
        .filter(|handle| !handle.is_empty());
    match (ceremony.user, user_handle) {
        (User::Identified, None) => {}
        (User::Discoverable, None) => return Err(Refused::UserHandle),
        (_, Some(handle)) => {
            if handle.as_slice() != account.user_handle.as_bytes() {
                return Err(Refused::UserHandle);
            }
        }
    }
    let record = account
        .credentials
        .iter()
        .find(|record| record.id == *id)
        .ok_or(Refused::UnknownCredential)?;

    // Step 7. Let cData, authData and sig be the members of response.
    // Steps 8 and 9. Let JSONtext be the result of running UTF-8 decode on cData, and C the result
    // of parsing it.
    let client_data = CollectedClientData::from_bytes(&response.client_data_json)?;

    // Steps 10 to 14. Verify C.type, C.challenge, C.origin, C.crossOrigin, C.topOrigin.
    client_data.check(CeremonyType::Get, ceremony.nonce, rp)?;

    // Step 15. Verify that the rpIdHash in authData is the SHA-256 hash of the RP ID.
    let auth_data = AuthenticatorData::from_bytes(&response.authenticator_data)?;
    rp.check_hash(&auth_data.rp_id_hash)?;

    // Beyond the steps: an assertion carries no new credential (section 6.1).
    if auth_data.flags.at {
        return Err(Refused::AuthenticatorData);
    }

    // Step 16. Verify that the UP bit of the flags in authData is set.
    if !auth_data.flags.up {
        return Err(Refused::UserPresence);
    }

    // Step 17. If user verification was required, verify that the UV bit is set.
    ceremony.user_verification.check(auth_data.flags.uv)?;

    // Step 18. If the BE bit is not set, verify that the BS bit is not set.
    if auth_data.flags.bs && !auth_data.flags.be {
        return Err(Refused::BackupState);
    }

    // Step 19. Compare currentBe and currentBs with the record: backup eligibility never changes.
    // Refused below, after step 21: only the holder of the key may learn how the passkey was
    // registered.
    let other_eligibility = auth_data.flags.be != record.backup_eligible;

    // Step 20. Let hash be the result of computing a hash over cData using SHA-256.
    let hash = client_data::hash(&response.client_data_json);

    // Step 22. If either counter is not zero, the new one must be greater; else it is a sign of a
    // clone. (Here before step 21; the result is used only if the signature holds.)
    let counted = auth_data.sign_count != 0 || record.sign_count != 0;
    let assertion = Assertion {
        credential_id: record.id.clone(),
        user_verified: auth_data.flags.uv,
        backup_state: auth_data.flags.bs,
        sign_count: auth_data.sign_count.max(record.sign_count),
        possible_clone: counted && auth_data.sign_count <= record.sign_count,
    };

    // Step 23, extension outputs: skipped. None were asked for; unsolicited ones are ignored.
    // Step 24. Update the record: `Assertion::update`, and the same in the commit.
    // Step 25. If all steps succeeded, continue; else fail: the caller.

    // Step 21. Using the public key of the record, verify that sig is a valid signature over the
    // concatenation of authData and hash.
    let message = signed_message(&response.authenticator_data, &hash);
    let unverified = Unverified::signed(
        assertion,
        record.public_key.clone(),
        message,
        &response.signature,
    )?;
    Ok(if other_eligibility {
        unverified.refused_for(Refused::BackupEligibility)
    } else {
        unverified
    })
}

impl Assertion {
    /// §7.2 step 24. Updates the record of the credential. `another_factor`: the user also showed
    /// another factor; without one, the first user verification would be its own proof.
    pub fn update(&self, record: &mut CredentialRecord, another_factor: bool) {
        record.sign_count = record.sign_count.max(self.sign_count);
        record.backup_state = self.backup_state;
        record.uv_initialized |= self.user_verified && another_factor;
    }
}
