//! A checkpoint: a signed root of the tree, as C2SP `tlog-checkpoint` and `signed-note` have it, so that tools
//! of others read it.

use alloc::{borrow::ToOwned as _, format, string::String, vec::Vec};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::tree::{Hash, Tree};

/// The type of an Ed25519 key (C2SP `signed-note`, "Signature types").
const ED25519: u8 = 1;

/// What stands before each signature: an em dash and a space.
const SIGNATURE: &str = "\u{2014} ";

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log of which deployment.
    pub origin: String,
    /// How many events are in the tree.
    pub size: u64,
    /// The root of the tree.
    pub root: Hash,
}

impl Checkpoint {
    /// Of the log `origin`, which is `tree`.
    #[must_use]
    pub fn of(origin: &str, tree: &Tree) -> Self {
        Self {
            origin: origin.to_owned(),
            size: tree.size(),
            root: tree.root(),
        }
    }

    /// The text that is signed: three lines.
    #[must_use]
    pub fn text(&self) -> String {
        let root = STANDARD.encode(self.root);
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// Reads a text; extensions, lines behind the third, are passed over.
    fn read(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty())?;
        let size = lines.next()?;
        let root = lines.next()?;
        let is_canonical = size == "0" || !size.starts_with(['0', '+']);
        Some(Self {
            origin: origin.to_owned(),
            size: is_canonical.then(|| size.parse().ok()).flatten()?,
            root: STANDARD.decode(root).ok()?.try_into().ok()?,
        })
    }
}

/// The log of an organization, which the deployment with the relying party id `rp_id` knows by `organization`.
#[must_use]
pub fn origin(rp_id: &str, organization: &str) -> String {
    format!("{rp_id}/audit/{organization}")
}

/// A public key that checkpoints are verified with: `name+id+key` (C2SP `signed-note`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointKey {
    name: String,
    key: [u8; 32],
}

impl CheckpointKey {
    /// The key of the deployment with the relying party id `rp_id`.
    #[must_use]
    pub fn of(rp_id: &str, key: [u8; 32]) -> Self {
        Self {
            name: format!("{rp_id}/audit"),
            key,
        }
    }

    /// Reads `name+id+key`; `None` where it is no Ed25519 key, or its id is of another one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '+');
        let (name, id, key) = (parts.next()?, parts.next()?, parts.next()?);
        let key = STANDARD.decode(key).ok()?;
        let (kind, key) = key.split_first()?;
        let read = Self {
            name: name.to_owned(),
            key: key.try_into().ok()?,
        };
        (*kind == ED25519 && !name.is_empty() && hex(read.id()) == id).then_some(read)
    }

    /// As text: `name+id+key`.
    #[must_use]
    pub fn text(&self) -> String {
        let key: Vec<u8> = core::iter::once(ED25519).chain(self.key).collect();
        format!("{}+{}+{}", self.name, hex(self.id()), STANDARD.encode(key))
    }

    /// The raw key (RFC 8032).
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.key
    }

    /// The first four bytes of SHA-256 over the name, a line feed, the type and the key.
    fn id(&self) -> [u8; 4] {
        let hash: Hash = Sha256::new()
            .chain_update(self.name.as_bytes())
            .chain_update([b'\n', ED25519])
            .chain_update(self.key)
            .finalize()
            .into();
        let [a, b, c, d, ..] = hash;
        [a, b, c, d]
    }

    /// The note of `checkpoint` with this `signature` of its text.
    #[must_use]
    pub fn note(&self, checkpoint: &Checkpoint, signature: &[u8]) -> String {
        let signed: Vec<u8> = self.id().iter().chain(signature).copied().collect();
        let (text, name) = (checkpoint.text(), &self.name);
        format!("{text}\n{SIGNATURE}{name} {}\n", STANDARD.encode(signed))
    }
}

fn hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

/// What of a note is to be verified: whether `signature` is that of `key` over `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unverified {
    /// What is signed.
    pub text: String,
    /// The key that the note says signed it.
    pub key: CheckpointKey,
    /// 64 bytes.
    pub signature: Vec<u8>,
}

/// Reads a note: what it says, and the signature that is to be verified by one of `keys`. `None` where it is no
/// checkpoint, or none of the keys signed it.
#[must_use]
pub fn read_note(note: &str, keys: &[CheckpointKey]) -> Option<(Checkpoint, Unverified)> {
    let (text, signatures) = note.split_once("\n\n")?;
    let text = format!("{text}\n");
    let checkpoint = Checkpoint::read(&text)?;
    let unverified = signatures.lines().find_map(|line| {
        let (name, signed) = line.strip_prefix(SIGNATURE)?.split_once(' ')?;
        let signed = STANDARD.decode(signed).ok()?;
        let (id, signature) = signed.split_at_checked(4)?;
        let key = keys.iter().find(|key| key.name == name && key.id() == id)?;
        Some(Unverified {
            text: text.clone(),
            key: key.clone(),
            signature: signature.to_vec(),
        })
    })?;
    Some((checkpoint, unverified))
}
