//! Whether an exported log is whole: line by line, so that it need not be held in memory.
//!
//! A checkpoint comes before the events that it seals and lists their hashes. Where the list leads from the
//! tree before to the signed root, the list is what was sealed, and the first event unlike it is named.

use alloc::{
    boxed::Box,
    string::{String, ToString as _},
    vec::Vec,
};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    checkpoint::{Checkpoint, CheckpointKey, Unverified, read_note},
    record::{Record, leaf},
    tree::{Hash, Tree, split},
};

/// A line of an exported log, as it is written.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Line {
    /// The first line: which log it is, and the tree before its first event.
    Log(Head),
    /// A checkpoint, before the events that it seals.
    Checkpoint(Sealing),
    /// An event.
    Event(Box<Record>),
    /// The events after this line are younger than the last checkpoint.
    Unsealed,
    /// The last line.
    End,
}

/// Which log it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Head {
    /// As its checkpoints name it.
    pub origin: String,
    /// How many events came before: those that are kept no more, or are in another file.
    pub size: u64,
    /// The tree of these, as [`Tree::frontier`] writes it.
    pub frontier: String,
    /// The checkpoint of these; `None` where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The keys that its checkpoints were signed with.
    pub keys: Vec<String>,
}

/// A checkpoint and what it seals.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sealing {
    /// The signed note.
    pub note: String,
    /// The hashes of the events since the checkpoint before ([`super::tree::joined`]).
    pub leaves: String,
}

/// A line as it is read. The fields of an event are taken as they are: whichever there are were sealed.
enum Read {
    Log(Head),
    Checkpoint(Sealing),
    Event {
        id: String,
        redacted: bool,
        leaf: Hash,
    },
    Unsealed,
    End,
}

impl Read {
    /// `None` for any other text.
    fn parse(text: &str) -> Option<Self> {
        let Value::Object(mut fields) = serde_json::from_str(text).ok()? else {
            return None;
        };
        Some(match string(&mut fields, "type")?.as_str() {
            "log" => Self::Log(Head {
                origin: string(&mut fields, "origin")?,
                size: fields.get("size")?.as_u64()?,
                frontier: string(&mut fields, "frontier")?,
                note: string(&mut fields, "note"),
                keys: strings(fields.remove("keys")?)?,
            }),
            "checkpoint" => Self::Checkpoint(Sealing {
                note: string(&mut fields, "note")?,
                leaves: string(&mut fields, "leaves")?,
            }),
            "event" => Self::Event {
                id: fields.get("id")?.as_str()?.to_string(),
                redacted: !fields.contains_key("personal"),
                leaf: leaf(fields).ok()?,
            },
            "unsealed" => Self::Unsealed,
            "end" => Self::End,
            _ => return None,
        })
    }
}

fn string(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn strings(value: Value) -> Option<Vec<String>> {
    let Value::Array(values) = value else {
        return None;
    };
    let texts = values.iter().map(|value| value.as_str().map(Into::into));
    texts.collect()
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The log.
    pub origin: String,
    /// Events that came before those of the file.
    pub before: u64,
    /// Events that are sealed and as they were sealed.
    pub sealed: u64,
    /// Of these, those whose personal data was taken out with their person.
    pub redacted: u64,
    /// Events that are younger than the last checkpoint: nothing is said of them.
    pub unsealed: u64,
    /// Checkpoints whose root is right. The signatures are for the caller to verify.
    pub checkpoints: u64,
    /// Checkpoints that were kept elsewhere, and are among those of the log. Others are older than the file.
    pub met: u64,
    /// The keys by which they are signed.
    pub keys: Vec<String>,
}

/// The first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The line of the file, from 1.
    pub line: u64,
    /// The number of the event in its log, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// The id of the event in this line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What is wrong with it.
    pub why: Why,
}

/// What can be wrong with a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The line cannot be read, or does not belong here.
    Unreadable,
    /// The event is not as it was sealed.
    Edited,
    /// An event that was sealed is not there.
    Missing,
    /// This event was not sealed in this place.
    Inserted,
    /// This event stands in the place of another.
    Moved,
    /// The checkpoint does not follow from the one before.
    Checkpoint,
    /// None of the known keys signed the checkpoint.
    Unsigned,
    /// The signature is not that of the key.
    Forged,
    /// The file ends before its last line.
    Cut,
    /// A checkpoint that was kept elsewhere is not among those of the log.
    Diverged,
}

/// Verifies a log line by line.
#[derive(Debug, Default)]
pub struct Verifier {
    keys: Vec<CheckpointKey>,
    /// Whether the file may not name keys of its own.
    keys_are_given: bool,
    known: Vec<Checkpoint>,
    tree: Tree,
    segment: Option<Segment>,
    line: u64,
    place: Place,
    found: Verified,
}

/// What may come next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Start,
    Sealed,
    Unsealed,
    End,
}

/// The events of one checkpoint.
#[derive(Debug)]
struct Segment {
    /// How many events come before.
    size: u64,
    leaves: Vec<Hash>,
    events: Vec<Event>,
}

#[derive(Debug)]
struct Event {
    line: u64,
    id: String,
    leaf: Hash,
}

impl Verifier {
    /// Takes checkpoints by `keys` only; by those that the file names where there are none. Each of the `known`
    /// checkpoints has to be among those of the file, as far as it goes that far.
    #[must_use]
    pub fn new(keys: Vec<CheckpointKey>, known: Vec<Checkpoint>) -> Self {
        Self {
            keys_are_given: !keys.is_empty(),
            keys,
            known,
            ..Self::default()
        }
    }

    /// Reads the next line, without its line feed. Where it is a checkpoint, its signature is to be verified by
    /// the caller; one that does not hold is [`Verifier::forged`].
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn push(&mut self, text: &str) -> Result<Option<Unverified>, Broken> {
        self.line = self.line.saturating_add(1);
        let line = Read::parse(text).ok_or_else(|| self.broken(Why::Unreadable))?;
        match (line, self.place) {
            (Read::Log(head), Place::Start) => self.begin(head),
            (Read::Checkpoint(sealing), Place::Sealed) => self.seal(&sealing).map(Some),
            (Read::Event { id, redacted, leaf }, Place::Sealed) => {
                self.found.redacted = self.found.redacted.saturating_add(u64::from(redacted));
                self.event(id, leaf).map(|()| None)
            }
            (Read::Event { .. }, Place::Unsealed) => {
                self.found.unsealed = self.found.unsealed.saturating_add(1);
                Ok(None)
            }
            (Read::Unsealed, Place::Sealed) => {
                self.place = Place::Unsealed;
                self.close().map(|()| None)
            }
            (Read::End, Place::Unsealed) => {
                self.place = Place::End;
                Ok(None)
            }
            _ => Err(self.broken(Why::Unreadable)),
        }
    }

    /// What was found once all lines were read.
    ///
    /// # Errors
    /// That the last line is missing, or a known checkpoint.
    pub fn finish(mut self) -> Result<Verified, Broken> {
        self.close()?;
        if self.place != Place::End {
            self.line = self.line.saturating_add(1);
            return Err(self.broken(Why::Cut));
        }
        // One who names keys expects something that they signed.
        if self.keys_are_given && self.found.keys.is_empty() {
            return Err(self.broken(Why::Unsigned));
        }
        // The log was longer once than it is now.
        if self
            .known
            .iter()
            .any(|known| known.size > self.found.before)
        {
            return Err(self.broken(Why::Diverged));
        }
        Ok(self.found)
    }

    /// That the signature of the checkpoint in the line that was read last does not hold.
    #[must_use]
    pub const fn forged(&self) -> Broken {
        self.broken(Why::Forged)
    }

    const fn broken(&self, why: Why) -> Broken {
        Broken {
            line: self.line,
            number: None,
            id: None,
            why,
        }
    }

    fn begin(&mut self, head: Head) -> Result<Option<Unverified>, Broken> {
        self.tree =
            Tree::read(head.size, &head.frontier).ok_or_else(|| self.broken(Why::Unreadable))?;
        if !self.keys_are_given {
            let keys = head.keys.iter().map(|key| CheckpointKey::read(key));
            self.keys = keys
                .collect::<Option<_>>()
                .ok_or_else(|| self.broken(Why::Unreadable))?;
        }
        self.found.origin = head.origin;
        self.found.before = head.size;
        self.place = Place::Sealed;
        if head.size == 0 {
            return Ok(None);
        }
        // Without a signature an edited file could claim to begin at any event.
        let note = head.note.unwrap_or_default();
        let (checkpoint, unverified) = self.signed(&note)?;
        if checkpoint != Checkpoint::of(&self.found.origin, &self.tree) {
            return Err(self.broken(Why::Checkpoint));
        }
        self.meet(&checkpoint)?;
        Ok(Some(unverified))
    }

    fn signed(&mut self, note: &str) -> Result<(Checkpoint, Unverified), Broken> {
        let (checkpoint, unverified) =
            read_note(note, &self.keys).ok_or_else(|| self.broken(Why::Unsigned))?;
        let key = unverified.key.text();
        if !self.found.keys.contains(&key) {
            self.found.keys.push(key);
        }
        Ok((checkpoint, unverified))
    }

    fn seal(&mut self, sealing: &Sealing) -> Result<Unverified, Broken> {
        self.close()?;
        let (checkpoint, unverified) = self.signed(&sealing.note)?;
        let leaves = split(&sealing.leaves).ok_or_else(|| self.broken(Why::Unreadable))?;
        let size = self.tree.size();
        for leaf in &leaves {
            self.tree.push(*leaf);
        }
        if checkpoint != Checkpoint::of(&self.found.origin, &self.tree) {
            return Err(self.broken(Why::Checkpoint));
        }
        self.meet(&checkpoint)?;
        self.segment = Some(Segment {
            size,
            leaves,
            events: Vec::new(),
        });
        self.found.checkpoints = self.found.checkpoints.saturating_add(1);
        Ok(unverified)
    }

    /// A checkpoint that was kept elsewhere is this one, or is still to come.
    fn meet(&mut self, checkpoint: &Checkpoint) -> Result<(), Broken> {
        let passed = self
            .known
            .extract_if(.., |known| known.size <= checkpoint.size);
        let before = self.found.before;
        let diverged = passed
            .filter(|known| known.size >= before)
            .inspect(|_| self.found.met = self.found.met.saturating_add(1))
            .any(|known| known != *checkpoint);
        if diverged {
            return Err(self.broken(Why::Diverged));
        }
        Ok(())
    }

    fn event(&mut self, id: String, leaf: Hash) -> Result<(), Broken> {
        let line = self.line;
        let Some(segment) = &mut self.segment else {
            return Err(self.broken(Why::Unreadable));
        };
        segment.events.push(Event { line, id, leaf });
        self.found.sealed = self.found.sealed.saturating_add(1);
        Ok(())
    }

    /// Compares the events of the last checkpoint with what it sealed.
    fn close(&mut self) -> Result<(), Broken> {
        let segment = self.segment.take();
        segment.map_or(Ok(()), |segment| segment.compare(self.line))
    }
}

impl Segment {
    /// Names the first event that is not as it was sealed; `next` is the line after the last one.
    fn compare(&self, next: u64) -> Result<(), Broken> {
        let longest = self.leaves.len().max(self.events.len());
        for place in 0..longest {
            let (leaf, event) = (self.leaves.get(place), self.events.get(place));
            let why = match (leaf, event) {
                (Some(leaf), Some(event)) if *leaf == event.leaf => continue,
                (Some(leaf), Some(event)) => self.why(place, leaf, event),
                (Some(_), None) => Why::Missing,
                (None, _) => Why::Inserted,
            };
            let place = u64::try_from(place).unwrap_or(u64::MAX);
            return Err(Broken {
                line: event.map_or(next, |event| event.line),
                number: Some(self.size.saturating_add(place).saturating_add(1)),
                id: event.map(|event| event.id.to_string()),
                why,
            });
        }
        Ok(())
    }

    /// What became of the event that was sealed as `leaf` in this place, where `event` stands now.
    fn why(&self, place: usize, leaf: &Hash, event: &Event) -> Why {
        let later = |event: &&Event| event.leaf == *leaf;
        let was_sealed_later = self
            .leaves
            .iter()
            .skip(place)
            .any(|leaf| *leaf == event.leaf);
        let stands_later = self.events.iter().skip(place).find(later).is_some();
        match (was_sealed_later, stands_later) {
            (true, true) => Why::Moved,
            (true, false) => Why::Missing,
            (false, true) => Why::Inserted,
            (false, false) => Why::Edited,
        }
    }
}
