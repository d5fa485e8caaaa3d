//! Registering a new credential: WebAuthn L3 §7.1, step by step.
//!
//! Leaves to the caller the session (whose registration this is), and to the commit that the
//! credential is not registered yet (step 26) and that the nonce is spent.

use super::{
    CeremonyType, CollectedClientData, CredentialRecord, Refused, RegistrationResponseJSON,
    RelyingParty, Unverified, UserVerificationRequirement,
    attestation::{AttestationObject, AttestationStatement, signed_message},
    authenticator_data::AuthenticatorData,
    client_data,
    cose::NotAKey,
};

/// What the options asked for, as sealed into the challenge.
#[derive(Clone, Copy, Debug)]
pub struct Ceremony<'a> {
    /// The ceremony nonce issued to this user for this registration: 32 random bytes.
    pub nonce: &'a [u8],
    /// What was asked about user verification.
    pub user_verification: UserVerificationRequirement,
}

/// Checks `response` against the ceremony. The record comes out of [`Unverified::verified_by`];
/// store it only if no user of the deployment has a credential with its id.
///
/// # Errors
/// The first check that did not hold.
pub fn verify(
    rp: &RelyingParty<'_>,
    ceremony: &Ceremony<'_>,
    response: &RegistrationResponseJSON,
) -> Result<Unverified<CredentialRecord>, Refused> {
    // Step 1, options: `PublicKeyCredentialCreationOptionsJSON::new`.
    // Step 2, navigator.credentials.create(): the page.
    // Step 3. If response is not an AuthenticatorAttestationResponse, abort: its type says so.
    let id = &response.id;
    let response = &response.response;

    // Step 4, clientExtensionResults: skipped. We ask for no extension and need no result.

    // Steps 5 and 6. Let JSONtext be the result of running UTF-8 decode on clientDataJSON, and C
    // the result of parsing it.
    let client_data = CollectedClientData::from_bytes(&response.client_data_json)?;

    // Steps 7 to 11. Verify C.type, C.challenge, C.origin, C.crossOrigin, C.topOrigin.
    client_data.check(CeremonyType::Create, ceremony.nonce, rp)?;

    // Step 12. Let hash be the result of computing a hash over clientDataJSON using SHA-256.
    let hash = client_data::hash(&response.client_data_json);

    // Step 13. Perform CBOR decoding on attestationObject to obtain fmt, authData and attStmt.
    // (Step 21 is inside: fmt decides what attStmt may be.)
    let attestation = AttestationObject::from_bytes(&response.attestation_object)?;
    let auth_data = AuthenticatorData::from_bytes(attestation.auth_data)?;

    // Step 14. Verify that the rpIdHash in authData is the SHA-256 hash of the RP ID.
    rp.check_hash(&auth_data.rp_id_hash)?;

    // Step 15. If mediation is not conditional, verify that the UP bit is set. We never register
    // with conditional mediation.
    if !auth_data.flags.up {
        return Err(Refused::UserPresence);
    }

    // Step 16. If user verification is required, verify that the UV bit is set.
    ceremony.user_verification.check(auth_data.flags.uv)?;

    // Step 17. If the BE bit is not set, verify that the BS bit is not set.
    if auth_data.flags.bs && !auth_data.flags.be {
        return Err(Refused::BackupState);
    }

    // Steps 18 and 19, evaluating BE and BS: skipped. Both are kept and shown, and neither is a
    // reason to refuse (SP 800-63B-4 appendix B.3).

    // Step 20. Verify that alg of the credential public key is one of those offered.
    let credential = auth_data
        .attested_credential_data
        .ok_or(Refused::AuthenticatorData)?;
    let public_key = credential
        .credential_public_key
        .map_err(|not_a_key| match not_a_key {
            NotAKey::Algorithm => Refused::Algorithm,
            NotAKey::Malformed => Refused::PublicKey,
        })?;

    // Step 21. Determine the attestation statement format: in `AttestationObject::from_bytes`.
    // Step 22. Verify that attStmt is a correct statement, by the procedure of its format.
    let self_signature = match attestation.statement {
        AttestationStatement::None => None,
        // Section 8.2.1: alg is the credential key's, sig is by that key over authData ‖ hash.
        AttestationStatement::PackedSelf { alg, sig } => {
            if alg != i128::from(public_key.algorithm().identifier()) {
                return Err(Refused::AttestationStatement);
            }
            Some(sig)
        }
        // Skipped for the others: no attestation was asked for.
        AttestationStatement::NotJudged => None,
    };

    // Steps 23 and 24, trust anchors and their judgment: skipped. None and self are acceptable,
    // and what is not judged counts as none.

    // Step 25. Verify that the credentialId is at most 1023 bytes: `CredentialId` holds no more.
    // Beyond the step: it is the one the browser named, which is not signed.
    if credential.credential_id != *id {
        return Err(Refused::CredentialId);
    }

    // Step 26. Verify that the credentialId is not yet registered for any user: a unique column
    // settles it in the commit, so that two at once cannot both pass.

    // Step 27. Create and store a credential record.
    let record = CredentialRecord {
        id: credential.credential_id,
        public_key: public_key.clone(),
        sign_count: auth_data.sign_count,
        uv_initialized: auth_data.flags.uv,
        transports: response.transports.clone(),
        backup_eligible: auth_data.flags.be,
        backup_state: auth_data.flags.bs,
        aaguid: credential.aaguid,
    };

    // Step 28, extension outputs: skipped. None were asked for; unsolicited ones are ignored.
    // Step 29. If all steps succeeded, store the record; else fail the ceremony: the caller, once
    // the key, and the signature if there is one, are verified.
    match self_signature {
        Some(signature) => Unverified::signed(
            record,
            public_key,
            signed_message(attestation.auth_data, &hash),
            signature,
        ),
        None => Ok(Unverified::unsigned(record, public_key)),
    }
}
