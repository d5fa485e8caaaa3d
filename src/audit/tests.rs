#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use alloc::{boxed::Box, format, string::String, vec, vec::Vec};
use core::cell::RefCell;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey, Verifier as _};
use proptest::prelude::*;
use serde_json::json;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::HashReader;

use super::{
    checkpoint::{Checkpoint, CheckpointKey, origin, read_note},
    record::{Personal, Record},
    tree::{Hash, Tree, joined, leaf_hash},
    verification::{Broken, Head, Line, Sealing, Verified, Verifier, Why},
};

/// The leaves and roots of the reference tests of Certificate Transparency (RFC 6962): the root of the first
/// n leaves, n from 1.
const REFERENCE: [(&str, &str); 8] = [
    (
        "",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    ),
    (
        "00",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    ),
    (
        "10",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    ),
    (
        "2021",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (
        "3031",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    ),
    (
        "40414243",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    ),
    (
        "5051525354555657",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    ),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
];

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&String::from_iter(pair), 16).unwrap())
        .collect()
}

#[test]
fn roots_are_those_of_certificate_transparency() {
    let mut tree = Tree::default();
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(tree.root().to_vec(), bytes(nothing));
    for (leaf, root) in REFERENCE {
        tree.push(leaf_hash(&bytes(leaf)));
        assert_eq!(tree.root().to_vec(), bytes(root), "{}", tree.size());
        assert_eq!(
            Tree::read(tree.size(), &tree.frontier()),
            Some(tree.clone())
        );
        assert_eq!(
            Tree::read(tree.size() * 2 + 1, &tree.frontier()),
            None,
            "{}",
            tree.size()
        );
    }
}

/// The hashes of a log as `tlog_tiles` keeps them.
#[derive(Default)]
struct Stored(RefCell<Vec<tlog_tiles::Hash>>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let stored = self.0.borrow();
        Ok(indexes
            .iter()
            .map(|index| stored[usize::try_from(*index).unwrap()])
            .collect())
    }
}

#[test]
fn roots_are_those_of_another_implementation() {
    let (mut tree, stored) = (Tree::default(), Stored::default());
    for size in 0..300_u64 {
        let leaf = size.to_be_bytes();
        let hashes = tlog_tiles::stored_hashes(size, &leaf, &stored).unwrap();
        stored.0.borrow_mut().extend(hashes);
        tree.push(leaf_hash(&leaf));
        let theirs = tlog_tiles::tree_hash(size + 1, &stored).unwrap();
        assert_eq!(tree.root(), theirs.0, "{size}");
    }
}

/// From the documentation of Go's package `note`.
#[test]
fn a_public_key_is_written_as_in_go() {
    let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert_eq!(CheckpointKey::read(text).unwrap().text(), text);
    for bad in [
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
        "PeterNeumann+c74f20a3",
        "",
    ] {
        assert_eq!(CheckpointKey::read(bad), None, "{bad}");
    }
}

const RP_ID: &str = "mfa.example.com";

fn signer(seed: u8) -> (SigningKey, CheckpointKey) {
    let signer = SigningKey::from_bytes(&[seed; 32]);
    let key = CheckpointKey::of(RP_ID, signer.verifying_key().to_bytes());
    (signer, key)
}

fn note((signer, key): &(SigningKey, CheckpointKey), tree: &Tree) -> String {
    let checkpoint = Checkpoint::of(&origin(RP_ID, "acme"), tree);
    let signature = signer.sign(checkpoint.text().as_bytes());
    key.note(&checkpoint, &signature.to_bytes())
}

#[test]
fn others_read_and_verify_a_checkpoint() {
    let (mut tree, signer) = (Tree::default(), signer(1));
    for (leaf, _) in REFERENCE {
        tree.push(leaf_hash(&bytes(leaf)));
    }
    let text = note(&signer, &tree);
    let note = Note::from_bytes(text.as_bytes()).unwrap();
    let verifier = StandardVerifier::new(&signer.1.text()).unwrap();
    let (verified, others) = note
        .verify(&VerifierList::new(vec![Box::new(verifier)]))
        .unwrap();
    assert_eq!((verified.len(), others.len()), (1, 0));
    let theirs = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!(theirs.origin(), "mfa.example.com/audit/acme");
    assert_eq!((theirs.size(), theirs.hash().0), (8, tree.root()));
    // And so do we.
    let (ours, unverified) = read_note(&text, &[self::signer(2).1, signer.1.clone()]).unwrap();
    assert_eq!(ours, Checkpoint::of(theirs.origin(), &tree));
    assert_eq!(
        (unverified.text.as_bytes(), &unverified.key),
        (note.text(), &signer.1)
    );
    assert_eq!(read_note(&text, &[self::signer(2).1]), None);
}

fn record(number: u64) -> Record {
    let personal = Personal {
        detail: Some(json!({ "new": { "role": "admin" }, "old": { "role": "member" } })),
        ip: Some("192.0.2.1".into()),
        subject: Some(format!("ann{number}")),
        ..Personal::default()
    };
    Record {
        id: format!("e_{number}"),
        organization: "o_1".into(),
        at: 1_795_808_700 + number,
        action: "user.put".into(),
        outcome: "accepted".into(),
        actor: "admin".into(),
        actor_id: Some("u_1".into()),
        user: Some("u_2".into()),
        method: None,
        trust: None,
        request_id: Some("r".into()),
        personal: Some(personal),
        salt: Some("00112233445566778899aabbccddeeff".into()),
        personal_hash: None,
    }
}

/// What is hashed, by Python: `hashlib` over `json.dumps(…, sort_keys=True, separators=(",", ":"))`.
#[test]
fn a_leaf_is_the_hash_of_canonical_json() {
    let record = record(1);
    assert_eq!(record.personal_hash().unwrap(), PERSONAL);
    assert_eq!(STANDARD.encode(record.leaf().unwrap()), LEAF);
    let mut redacted = record.clone();
    (redacted.personal, redacted.salt) = (None, None);
    redacted.leaf().unwrap_err();
    redacted.personal_hash = Some(PERSONAL.into());
    assert_eq!(redacted.leaf(), record.leaf());
    redacted.salt = record.salt;
    redacted.leaf().unwrap_err();
}

const PERSONAL: &str = "mFqqk398r5zoWcXT84Pr4/z+836PBtjQbMzqOsNUiLo=";
const LEAF: &str = "RRIdk9dWhJOSZviUAf2mcLOhTLA8oQTlH7i96lXSjrc=";

/// A log of checkpoints over so many events each, and two that are younger.
fn log(segments: &[u64]) -> Vec<Line> {
    let first = signer(1);
    let mut lines = vec![Line::Log(Head {
        origin: origin(RP_ID, "acme"),
        size: 0,
        frontier: String::new(),
        note: None,
        keys: vec![first.1.text(), signer(2).1.text()],
    })];
    let (mut tree, mut next) = (Tree::default(), 0);
    for (segment, count) in (0..).zip(segments) {
        let events: Vec<_> = (next..next + count).map(record).collect();
        next += count;
        let leaves: Vec<Hash> = events.iter().map(|event| event.leaf().unwrap()).collect();
        for leaf in &leaves {
            tree.push(*leaf);
        }
        // The key was rotated after the first one.
        let signer = if segment == 0 {
            first.clone()
        } else {
            signer(2)
        };
        lines.push(Line::Checkpoint(Sealing {
            note: note(&signer, &tree),
            leaves: joined(&leaves),
        }));
        lines.extend(events.into_iter().map(Box::new).map(Line::Event));
    }
    lines.push(Line::Unsealed);
    lines.extend((next..next + 2).map(record).map(Box::new).map(Line::Event));
    lines.push(Line::End);
    lines
}

fn verify(lines: &[Line], known: &[Checkpoint]) -> Result<Verified, Broken> {
    let lines = lines
        .iter()
        .map(|line| serde_json::to_string(line).unwrap());
    verify_text(&lines.collect::<Vec<_>>(), known)
}

fn verify_text(lines: &[String], known: &[Checkpoint]) -> Result<Verified, Broken> {
    let mut verifier = Verifier::new(vec![], known.to_vec());
    for line in lines {
        if let Some(unverified) = verifier.push(line)? {
            let key = ed25519_dalek::VerifyingKey::from_bytes(unverified.key.bytes()).unwrap();
            let holds = ed25519_dalek::Signature::from_slice(&unverified.signature)
                .is_ok_and(|signature| key.verify(unverified.text.as_bytes(), &signature).is_ok());
            if !holds {
                return Err(verifier.forged());
            }
        }
    }
    verifier.finish()
}

#[test]
fn a_log_is_whole() {
    let verified = verify(&log(&[3, 1, 5]), &[]).unwrap();
    assert_eq!(
        (
            verified.sealed,
            verified.unsealed,
            verified.checkpoints,
            verified.keys.len()
        ),
        (9, 2, 3, 2)
    );
}

/// The line, the number and what is wrong.
fn wrong(lines: &[Line]) -> (u64, Option<u64>, Option<String>, Why) {
    let broken = verify(lines, &[]).unwrap_err();
    (broken.line, broken.number, broken.id, broken.why)
}

/// Lines from 0: log, checkpoint, events 1 to 3, checkpoint, event 4, checkpoint, events 5 to 9, unsealed,
/// two more, end.
#[test]
fn a88_a89_what_was_changed_in_a_log_is_named() {
    let log = log(&[3, 1, 5]);
    let id = |number| Some(format!("e_{number}"));

    let mut edited = log.clone();
    let Line::Event(record) = &mut edited[3] else {
        unreachable!()
    };
    record.personal.as_mut().unwrap().ip = Some("192.0.2.2".into());
    assert_eq!(wrong(&edited), (4, Some(2), id(1), Why::Edited));

    let mut swapped = log.clone();
    swapped.swap(8, 10);
    assert_eq!(wrong(&swapped), (9, Some(5), id(6), Why::Moved));

    let mut inserted = log.clone();
    let Line::Event(mut record) = log[3].clone() else {
        unreachable!()
    };
    record.id = "e_new".into();
    inserted.insert(3, Line::Event(record));
    assert_eq!(
        wrong(&inserted),
        (4, Some(2), Some("e_new".into()), Why::Inserted)
    );

    let mut twice = log.clone();
    twice.insert(3, log[3].clone());
    assert_eq!(wrong(&twice), (5, Some(3), id(1), Why::Inserted));

    let mut missing = log.clone();
    missing.remove(9);
    assert_eq!(wrong(&missing), (10, Some(6), id(6), Why::Missing));
    let mut tail = log.clone();
    tail.drain(12..13);
    assert_eq!(wrong(&tail), (13, Some(9), None, Why::Missing));

    let cut: Vec<_> = log[..9].to_vec();
    assert_eq!(wrong(&cut), (9, Some(6), None, Why::Missing));
    assert_eq!(wrong(&log[..7]), (8, None, None, Why::Cut));

    // A whole checkpoint and its events.
    let mut hole = log.clone();
    hole.drain(5..7);
    assert_eq!(wrong(&hole), (6, None, None, Why::Checkpoint));
}

/// Someone who can write into the database, and does not have the key, makes hashes to go with the events.
#[test]
fn a89_a_checkpoint_made_to_fit_is_found() {
    let log = log(&[3, 1, 5]);
    let mut edited = log.clone();
    let Line::Event(record) = &mut edited[3] else {
        unreachable!()
    };
    record.action = "user.delete".into();
    let leaf = record.leaf().unwrap();
    let Line::Checkpoint(sealing) = &mut edited[1] else {
        unreachable!()
    };
    let mut leaves = STANDARD.decode(&sealing.leaves).unwrap();
    leaves[32..64].copy_from_slice(&leaf);
    sealing.leaves = STANDARD.encode(leaves);
    assert_eq!(wrong(&edited), (2, None, None, Why::Checkpoint));

    let mut tree = Tree::default();
    for line in &edited[2..5] {
        let Line::Event(record) = line else {
            unreachable!()
        };
        tree.push(record.leaf().unwrap());
    }
    let theirs = note(&signer(9), &tree);
    let Line::Checkpoint(sealing) = &mut edited[1] else {
        unreachable!()
    };
    sealing.note.clone_from(&theirs);
    assert_eq!(wrong(&edited), (2, None, None, Why::Unsigned));

    // In the name of the key that signs, with a signature of their own.
    let checkpoint = Checkpoint::of(&origin(RP_ID, "acme"), &tree);
    let signature = signer(9).0.sign(checkpoint.text().as_bytes());
    let Line::Checkpoint(sealing) = &mut edited[1] else {
        unreachable!()
    };
    sealing.note = signer(1).1.note(&checkpoint, &signature.to_bytes());
    assert_eq!(wrong(&edited), (2, None, None, Why::Forged));
}

/// A log that was made anew is whole: only a checkpoint that was kept elsewhere tells.
#[test]
fn a89_a_checkpoint_kept_elsewhere_tells_of_a_log_made_anew() {
    let mut tree = Tree::default();
    for number in 0..3 {
        tree.push(record(number).leaf().unwrap());
    }
    let known = [Checkpoint::of(&origin(RP_ID, "acme"), &tree)];
    assert_eq!(verify(&log(&[3, 1]), &known).unwrap().sealed, 4);
    for other in [log(&[2, 2]), log(&[2]), log(&[])] {
        assert_eq!(verify(&other, &known).unwrap_err().why, Why::Diverged);
    }
    let given = Verifier::new(vec![signer(2).1], vec![]);
    let mut verifier = given;
    let lines = log(&[3, 1]);
    verifier
        .push(&serde_json::to_string(&lines[0]).unwrap())
        .unwrap();
    let broken = verifier
        .push(&serde_json::to_string(&lines[1]).unwrap())
        .unwrap_err();
    assert_eq!(broken.why, Why::Unsigned);
}

/// Events that are kept no more are not missing, and what of a person was taken out breaks nothing.
#[test]
fn the_beginning_and_personal_data_may_be_gone() {
    let mut log = log(&[3, 1, 5]);
    let mut tree = Tree::default();
    let Line::Checkpoint(second) = log[5].clone() else {
        unreachable!()
    };
    for line in &mut log {
        let Line::Event(record) = line else { continue };
        if tree.size() < 4 {
            tree.push(record.leaf().unwrap());
        } else {
            record.personal_hash = Some(record.personal_hash().unwrap());
            (record.personal, record.salt) = (None, None);
        }
    }
    log.drain(1..7);
    let Line::Log(head) = &mut log[0] else {
        unreachable!()
    };
    (head.size, head.frontier) = (4, tree.frontier());
    assert_eq!(
        verify(&log, &[]).unwrap_err().why,
        Why::Unsigned,
        "it begins anywhere"
    );
    let Line::Log(head) = &mut log[0] else {
        unreachable!()
    };
    head.note = Some(second.note);
    let known = [Checkpoint::of(&origin(RP_ID, "acme"), &tree)];
    assert_eq!(verify(&log, &known).unwrap().met, 1);
    let verified = verify(&log, &[]).unwrap();
    assert_eq!(
        (verified.before, verified.sealed, verified.redacted),
        (4, 5, 5)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// No byte of what is sealed can be another.
    #[test]
    fn a88_one_changed_byte_is_found(place: prop::sample::Index, byte in 32_u8..127) {
        let lines: Vec<_> = log(&[3, 2]).iter().map(|line| serde_json::to_string(line).unwrap()).collect();
        // Behind the keys, and before what is not sealed.
        let mut sealed = lines[1..8].join("\n").into_bytes();
        let place = place.index(sealed.len());
        prop_assume!(sealed[place] != byte && sealed[place] != b'\n');
        sealed[place] = byte;
        let sealed = String::from_utf8_lossy(&sealed).into_owned();
        let changed: Vec<_> = [&lines[0]].into_iter().cloned()
            .chain(sealed.split('\n').map(Into::into))
            .chain(lines[8..].iter().cloned())
            .collect();
        let read = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok();
        let line = place_of(&lines, place);
        let same = read(&changed[line]).is_some_and(|value| Some(value) == read(&lines[line]));
        prop_assert!(same || verify_text(&changed, &[]).is_err());
    }

    #[test]
    fn any_text_is_refused_or_read(lines in prop::collection::vec(".{0,80}", 0..6)) {
        prop_assert!(verify_text(&lines, &[]).is_err());
    }
}

/// The line in which a byte of the joined lines from the second on stands.
fn place_of(lines: &[String], mut place: usize) -> usize {
    let mut line = 1;
    while place > lines[line].len() {
        place -= lines[line].len() + 1;
        line += 1;
    }
    line
}
