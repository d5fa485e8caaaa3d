//! Slow hashes in this isolate: who may run one, and when.
//!
//! A hash holds the isolate while it runs, so everybody behind it waits. Therefore only a few
//! attempts at once have a place here, whatever route they came by; one hash runs at a time, and
//! between two of them the isolate is left to other requests. The rest are sent away before they
//! cost anything. How often a password or code may be guessed is for the throttle in D1.

use std::{cell::RefCell, sync::Arc};

use futures_channel::oneshot;
use postern::{refusal::Refusal, slow_hash::Memory};

use crate::{http::context::Context, platform::Timer};

mod room;

use room::{Asker, Room, Turn};

thread_local! {
    static ROOM: RefCell<Room> = const { RefCell::new(Room::new()) };
    static MEMORY: RefCell<Memory> = const { RefCell::new(Memory::new()) };
}

/// A place of one attempt, however many hashes it takes. Dropping it makes room for another.
#[must_use]
pub struct Place {
    number: u64,
    timer: Arc<dyn Timer>,
    sent_away: Refusal,
    /// Dropped with the place, it ends the work that keeps this request alive.
    _leaves: oneshot::Sender<()>,
}

impl Place {
    /// Takes a place for an attempt of `person`, an id or what stands for one, once the outer shield
    /// lets it through: before anything is read for it, so that one who is sent away costs no trip.
    /// Callers whose browser is known go `first`.
    ///
    /// # Errors
    /// `throttled` when there is none left.
    pub async fn take(
        context: &Context,
        person: impl ToString + Send,
        first: bool,
    ) -> Result<Self, Refusal> {
        context.admission.admitted().await;
        let asker = Asker {
            person: person.to_string(),
            network: context.origin.network(),
            first,
        };
        let sent_away = Refusal::Throttled {
            until: context.now.plus(1),
        };
        let timer = context.timer();
        let number = ROOM.with_borrow_mut(|room| room.enter(asker, timer.elapsed_ms()));
        let number = number.ok_or_else(|| sent_away.clone())?;
        // A client that goes away takes its request with it, unless there is work that goes on.
        let (leaves, left) = oneshot::channel();
        context.after_reply(async {
            let _ = left.await;
        });
        Ok(Self {
            number,
            timer,
            sent_away,
            _leaves: leaves,
        })
    }

    /// Goes after the others: for a browser that turns out not to be known as the person it asks for.
    pub fn fall_behind(&self) {
        ROOM.with_borrow_mut(|room| room.fall_behind(self.number));
    }

    /// Waits for a turn and runs `hash`, which runs one slow hash.
    ///
    /// # Errors
    /// `throttled` when too many wait already, or the place went to an attempt that goes first.
    pub async fn hash<T>(&self, hash: impl FnOnce(&mut Memory) -> T) -> Result<T, Refusal> {
        if !ROOM.with_borrow_mut(|room| room.wait(self.number)) {
            return Err(self.sent_away.clone());
        }
        loop {
            let now = self.timer.elapsed_ms();
            let (hashed, rest) = ROOM.with_borrow(|room| (room.hashed, room.rest(now)));
            // Each waits by a timer of its own: a request may not wake another one.
            self.timer.pause(rest).await;
            let now = self.timer.elapsed_ms();
            match ROOM.with_borrow_mut(|room| room.turn(self.number, hashed, now)) {
                Turn::Now => return Ok(MEMORY.with_borrow_mut(hash)),
                Turn::NotYet => {}
                Turn::Lost => return Err(self.sent_away.clone()),
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        ROOM.with_borrow_mut(|room| room.leave(self.number));
    }
}
