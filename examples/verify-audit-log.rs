//! Verifies an exported audit log: `cargo run --release --example verify-audit-log --features records -- audit-log.ndjson`.
//!
//! `--key KEY` (again for more) takes only checkpoints that one of these keys signed. `--checkpoint FILE` (again
//! for more) is a checkpoint that was kept elsewhere, which has to be among those of the log. Ends with 0 where the
//! log is whole, with 1 where it is not, and with 2 where it could not be looked at.

use std::{
    env,
    fs::{self, File},
    io::{self, BufRead as _, BufReader},
    process::ExitCode,
};

use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use postern::audit::{
    checkpoint::{Checkpoint, CheckpointKey, Unverified, read_note},
    verification::{Broken, Verified, Verifier},
};

/// What is asked for.
#[derive(Default)]
struct Asked {
    file: Option<String>,
    keys: Vec<CheckpointKey>,
    notes: Vec<String>,
}

impl Asked {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut asked = Self::default();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} of what?"));
            match argument.as_str() {
                "--key" => {
                    let text = value()?;
                    let key = CheckpointKey::read(&text).ok_or(format!("not a key: {text}"))?;
                    asked.keys.push(key);
                }
                "--checkpoint" => {
                    let path = value()?;
                    let note = fs::read_to_string(&path).map_err(|why| format!("{path}: {why}"))?;
                    asked.notes.push(note);
                }
                _ => asked.file = Some(argument),
            }
        }
        Ok(asked)
    }

    fn verifier(&self) -> Result<Verifier, String> {
        if self.keys.is_empty() && !self.notes.is_empty() {
            return Err("--checkpoint needs the --key that signed it".into());
        }
        let known = self.notes.iter().map(|note| {
            let (checkpoint, signature) =
                read_note(note, &self.keys).ok_or("not a checkpoint of these keys")?;
            holds(&signature)
                .then_some(checkpoint)
                .ok_or("a checkpoint with a forged signature")
        });
        let known: Vec<Checkpoint> = known.collect::<Result<_, _>>()?;
        Ok(Verifier::new(self.keys.clone(), known))
    }
}

fn holds(unverified: &Unverified) -> bool {
    let key = VerifyingKey::from_bytes(unverified.key.bytes());
    let signature = Signature::from_slice(&unverified.signature);
    let Ok((key, signature)) = key.and_then(|key| Ok((key, signature?))) else {
        return false;
    };
    key.verify(unverified.text.as_bytes(), &signature).is_ok()
}

fn verified(asked: &Asked) -> Result<Result<Verified, Broken>, String> {
    let mut verifier = asked.verifier()?;
    let path = asked.file.as_deref().ok_or("of which file?")?;
    let input: Box<dyn io::Read> = match path {
        "-" => Box::new(io::stdin()),
        path => Box::new(File::open(path).map_err(|why| format!("{path}: {why}"))?),
    };
    for line in BufReader::new(input).lines() {
        let line = line.map_err(|why| format!("{path}: {why}"))?;
        match verifier.push(&line) {
            Ok(Some(signature)) if !holds(&signature) => return Ok(Err(verifier.forged())),
            Ok(_) => {}
            Err(broken) => return Ok(Err(broken)),
        }
    }
    Ok(verifier.finish())
}

fn main() -> ExitCode {
    let asked = Asked::read(env::args().skip(1));
    match asked.and_then(|asked| verified(&asked)) {
        Ok(Ok(found)) => {
            println!(
                "{}: {} events are as they were sealed, under {} checkpoints; {} came before this file, {} are younger \
                 than the last checkpoint, and of {} the personal data was taken out.",
                found.origin,
                found.sealed,
                found.checkpoints,
                found.before,
                found.unsealed,
                found.redacted
            );
            println!(
                "{} of the checkpoints that were kept elsewhere are among them",
                found.met
            );
            for key in found.keys {
                println!("signed by {key}");
            }
            ExitCode::SUCCESS
        }
        Ok(Err(broken)) => {
            let number = broken.number.map(|number| format!(", event {number}"));
            let id = broken.id.map(|id| format!(" ({id})"));
            println!(
                "not whole: line {}{}{}: {:?}",
                broken.line,
                number.unwrap_or_default(),
                id.unwrap_or_default(),
                broken.why
            );
            ExitCode::FAILURE
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}
