//! The places among the slow hashes, and whose turn it is. No clock, no waiting: what time it is, is told.

/// Attempts that wait for a hash: one whose turn it is, and two behind it.
const WAITING: usize = 3;

/// Attempts with a place, those included that only read yet what they will need for the hash.
const PLACES: usize = 12;

/// Hashes in which each one that waits has had a turn.
const ROUND: u64 = 3;

/// Milliseconds that the isolate is left to others between two hashes: longer than one takes, so that they have
/// most of it.
const REST_MS: u32 = 40;

/// Milliseconds after a hash began after which the next one need not wait.
const RESTED_MS: f64 = 100.0;

/// Milliseconds without a sign of life after which a place is free again.
const FORGOTTEN_MS: f64 = 15_000.0;

/// Whose turn it is.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// One's own, for one hash.
    Now,
    /// Another attempt's, or none's yet.
    NotYet,
    /// The place is gone.
    Lost,
}

/// All places, and the order of turns among them. Times are in milliseconds.
pub struct Room {
    places: Vec<Taken>,
    /// Hashes so far.
    pub hashed: u64,
    /// When the last one began.
    hashed_at: f64,
    entered: u64,
}

/// Which person an attempt is for, and which network it comes from.
pub struct Asker {
    /// What stands for the person.
    pub person: String,
    /// What stands for the network.
    pub network: String,
    /// Whether the browser is known.
    pub first: bool,
}

impl Asker {
    /// Guesses at a person's password do not count as that person, whose browser is known.
    fn is_as(&self, other: &Self) -> bool {
        self.first == other.first && self.person == other.person
    }
}

struct Taken {
    number: u64,
    asker: Asker,
    /// Of one that waits, for its first or its next hash: how many hashes had run when it began
    /// to, or had its last turn.
    waiting_since: Option<u64>,
    /// Whether it would hash if it were its turn.
    ready: bool,
    seen_at: f64,
}

impl Taken {
    const fn waits(&self) -> bool {
        self.waiting_since.is_some()
    }

    /// The smallest goes next. One who goes first is as one who has waited for a whole round
    /// already, so that the others are overtaken and not kept out.
    fn order(&self) -> (Option<u64>, u64) {
        let behind = if self.asker.first { 0 } else { ROUND };
        let since = self.waiting_since;
        (since.map(|since| since.saturating_add(behind)), self.number)
    }
}

impl Room {
    /// A room without anyone.
    pub const fn new() -> Self {
        Self {
            places: Vec::new(),
            hashed: 0,
            hashed_at: -RESTED_MS,
            entered: 0,
        }
    }

    /// The number of a new place, if there is one.
    pub fn enter(&mut self, asker: Asker, now: f64) -> Option<u64> {
        self.places
            .retain(|taken| now - taken.seen_at < FORGOTTEN_MS);
        if self.places.len() >= PLACES {
            self.places.remove(self.yielding(&asker, false)?);
        }
        self.entered = self.entered.wrapping_add(1);
        self.places.push(Taken {
            number: self.entered,
            asker,
            waiting_since: None,
            ready: false,
            seen_at: now,
        });
        Some(self.entered)
    }

    /// Takes the precedence of a place whose browser turns out not to be known as the person it asks
    /// for.
    pub fn fall_behind(&mut self, number: u64) {
        let mut places = self.places.iter_mut();
        if let Some(mine) = places.find(|taken| taken.number == number) {
            mine.asker.first = false;
        }
    }

    /// Lets a place wait for a hash, if not too many do.
    pub fn wait(&mut self, number: u64) -> bool {
        let Some(at) = self.places.iter().position(|taken| taken.number == number) else {
            return false;
        };
        let mut mine = self.places.remove(at);
        let waiting = self.places.iter().filter(|taken| taken.waits());
        if !mine.waits() && waiting.count() >= WAITING {
            let Some(other) = self.yielding(&mine.asker, true) else {
                return false;
            };
            self.places.remove(other);
        }
        mine.waiting_since = mine.waiting_since.or(Some(self.hashed));
        mine.ready = true;
        self.places.push(mine);
        true
    }

    /// Which place goes to `asker` where all are taken, of those that wait or of those that do not:
    /// one of a person or network with more than their share, or for one who goes first, one who
    /// does not; of these the last.
    fn yielding(&self, asker: &Asker, waits: bool) -> Option<usize> {
        let there = || self.places.iter().filter(|taken| taken.waits() == waits);
        let of_person = |one: &Asker| there().filter(|taken| taken.asker.is_as(one)).count();
        let of_network = |one: &Asker| {
            let near = there().filter(|taken| taken.asker.network == one.network);
            near.count()
        };
        let (own, near) = (of_person(asker), of_network(asker));
        let yields = |taken: &Taken| {
            taken.waits() == waits
                && (of_person(&taken.asker) > own.saturating_add(1)
                    || of_network(&taken.asker) > near.saturating_add(1)
                    || asker.first && !taken.asker.first)
        };
        let all = self.places.iter().enumerate();
        let those = all.filter(|(_, taken)| yields(taken));
        let last = those.max_by_key(|(_, taken)| (!taken.asker.first, taken.number));
        last.map(|(at, _)| at)
    }

    /// Milliseconds to leave the isolate to others before asking for a turn.
    pub fn rest(&self, now: f64) -> u32 {
        if now - self.hashed_at >= RESTED_MS {
            0
        } else {
            REST_MS
        }
    }

    /// Asks for a turn after a rest that began when `hashed` hashes had run: none in between, or it
    /// was no rest.
    pub fn turn(&mut self, number: u64, hashed: u64, now: f64) -> Turn {
        let mine = self.places.iter_mut().find(|taken| taken.number == number);
        let Some(mine) = mine else {
            return Turn::Lost;
        };
        mine.seen_at = now;
        let ready = self.places.iter_mut().filter(|taken| taken.ready);
        match ready.min_by_key(|taken| taken.order()) {
            Some(next) if next.number == number && self.hashed == hashed => {
                self.hashed = self.hashed.wrapping_add(1);
                self.hashed_at = now;
                next.waiting_since = Some(self.hashed);
                next.ready = false;
                Turn::Now
            }
            _ => Turn::NotYet,
        }
    }

    /// Gives a place back.
    pub fn leave(&mut self, number: u64) {
        self.places.retain(|taken| taken.number != number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A room, and what its people do: `2` is the second of the person before it.
    #[derive(Default)]
    struct Told {
        room: Room,
        names: Vec<(u64, &'static str)>,
        now: f64,
    }

    impl Told {
        /// `name`: person, network, and `!` for one who goes first.
        fn enters(&mut self, name: &'static str) -> bool {
            let mut parts = name.split('@');
            let mut next = || parts.next().unwrap_or_default();
            let person = next();
            let asker = Asker {
                person: person.trim_end_matches('!').to_owned(),
                network: next().to_owned(),
                first: person.ends_with('!'),
            };
            let number = self.room.enter(asker, self.now);
            let number = number.filter(|number| self.room.wait(*number));
            self.names.extend(number.map(|number| (number, name)));
            number.is_some()
        }

        /// Everybody rests once, in the order in which they came; who had a turn, and who lost their place.
        fn rest(&mut self) -> (Vec<&'static str>, Vec<&'static str>) {
            self.now += f64::from(REST_MS);
            let (hashed, now) = (self.room.hashed, self.now);
            let (mut hashes, mut lost) = (vec![], vec![]);
            for (number, name) in self.names.clone() {
                match self.room.turn(number, hashed, now) {
                    Turn::Now => {
                        assert!(self.room.wait(number));
                        hashes.push(name);
                    }
                    Turn::NotYet => {}
                    Turn::Lost => lost.push(name),
                }
            }
            self.names.retain(|(_, name)| !lost.contains(name));
            (hashes, lost)
        }

        fn leaves(&mut self, name: &str) {
            let at = self.names.iter().position(|(_, other)| *other == name);
            let (number, _) = self.names.remove(at.unwrap_or_default());
            self.room.leave(number);
        }

        /// The next hashes, one a rest; none of them leaves.
        fn hashes(&mut self, count: usize) -> Vec<&'static str> {
            (0..count).flat_map(|_| self.rest().0).collect()
        }
    }

    impl Default for Room {
        fn default() -> Self {
            Self::new()
        }
    }

    #[test]
    fn one_runs_two_wait_and_the_next_is_sent_away() {
        let mut told = Told::default();
        let came = ["ann@1", "bob@2", "eve@3", "dan@4"].map(|name| told.enters(name));
        assert_eq!(came, [true, true, true, false]);
        assert_eq!(told.rest(), (vec!["ann@1"], vec![]));
        told.leaves("ann@1");
        assert!(told.enters("dan@4"));
        assert!(!told.enters("joe@5"));
    }

    #[test]
    fn one_hash_runs_between_two_rests() {
        let mut told = Told::default();
        told.enters("ann@1");
        told.enters("bob@2");
        let before = told.room.hashed;
        assert_eq!(told.rest().0, ["ann@1"]);
        told.leaves("ann@1");
        // Bob's rest began before Ann's hash: it was none.
        assert_eq!(told.room.turn(2, before, 0.0), Turn::NotYet);
        assert_eq!(told.rest().0, ["bob@2"]);
    }

    #[test]
    fn who_has_many_hashes_takes_turns_with_the_others() {
        let mut told = Told::default();
        told.enters("set@1");
        assert_eq!(told.hashes(3), ["set@1"; 3]);
        told.enters("ann@2");
        told.enters("bob@3");
        assert_eq!(
            told.hashes(6),
            ["set@1", "ann@2", "bob@3", "set@1", "ann@2", "bob@3"]
        );
    }

    #[test]
    fn a_known_browser_goes_first_and_keeps_nobody_out() {
        let mut told = Told::default();
        told.enters("eve@1");
        told.enters("joe@2");
        told.enters("ann!@3");
        assert_eq!(told.rest().0, ["ann!@3"]);
        // One known browser after another: Eve is overtaken for a round, and not for ever.
        let mut hashes = vec![];
        for _ in 0..6 {
            told.leaves("ann!@3");
            told.enters("ann!@3");
            hashes.extend(told.rest().0);
        }
        assert!(
            hashes.iter().take(4).any(|name| *name == "eve@1"),
            "{hashes:?}"
        );
    }

    #[test]
    fn a126_who_falls_behind_yields_to_a_known_browser() {
        let mut told = Told::default();
        for name in ["eve!@1", "joe!@2", "sue!@3"] {
            told.enters(name);
        }
        assert!(!told.enters("ann!@4"));
        let (sue, _) = told.names.last().copied().unwrap_or_default();
        told.room.fall_behind(sue);
        assert!(told.enters("ann!@4"));
        assert_eq!(told.rest(), (vec!["eve!@1"], vec!["sue!@3"]));
    }

    #[test]
    fn in_a_full_room_a_known_browser_takes_the_last_place() {
        let mut told = Told::default();
        for name in ["eve@1", "joe@2", "sue@3"] {
            told.enters(name);
        }
        assert!(told.enters("ann!@4"));
        assert_eq!(told.rest(), (vec!["ann!@4"], vec!["sue@3"]));
        // Three of them: none of them can be overtaken.
        assert!(told.enters("bob!@5"));
        assert!(told.enters("dan!@6"));
        assert!(!told.enters("joy!@7"));
    }

    #[test]
    fn one_session_or_one_network_keeps_nobody_else_out() {
        let mut told = Told::default();
        for name in ["eve@1", "eve@1", "eve@1"] {
            assert!(told.enters(name));
        }
        assert!(!told.enters("eve@1"));
        assert!(told.enters("ann@1"));
        assert!(told.enters("bob@1"));
        // Each of them has one.
        assert!(!told.enters("dan@1"));
        // But all of them come from one network.
        assert!(told.enters("joy@2"));
        assert!(!told.enters("eve@1"));
    }

    #[test]
    fn guesses_at_somebody_do_not_take_the_place_of_their_known_browser() {
        let mut told = Told::default();
        for name in ["ann@1", "ann@2", "ann!@3"] {
            told.enters(name);
        }
        assert!(told.enters("bob@4"));
        let (hashes, lost) = told.rest();
        assert_eq!((hashes, lost), (vec!["ann!@3"], vec!["ann@2"]));
    }

    #[test]
    fn a_place_without_a_sign_of_life_is_free_again() {
        let mut told = Told::default();
        for name in ["eve@1", "joe@2", "sue@3"] {
            told.enters(name);
        }
        told.now = FORGOTTEN_MS - 1.0;
        assert!(!told.enters("ann@4"));
        told.now = FORGOTTEN_MS;
        assert!(told.enters("ann@4"));
        assert_eq!(told.hashes(1), ["ann@4"]);
    }
}
