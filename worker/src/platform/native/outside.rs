//! What left, kept for a test to look at; how it is answered is told.

use std::sync::Mutex;

use async_trait::async_trait;

use super::locked;
use crate::platform::{PostOffice, RawMail, Web, WebPost};

/// How what leaves is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It arrives, and is answered with this status; mail has none.
    Status(u16),
    /// It does not arrive.
    Fails,
    /// It arrives, and the answer is lost.
    Lost,
}

/// Decides on the answer to what leaves: the number of all that left before, from 0.
type Decide = Box<dyn Fn(usize) -> Answer + Send>;

/// A post office and a web that keep what they get.
#[derive(Default)]
pub struct Outside {
    mails: Mutex<Vec<RawMail>>,
    posts: Mutex<Vec<WebPost>>,
    asked: Mutex<usize>,
    decide: Mutex<Option<Decide>>,
}

impl Outside {
    /// Answers as `decide` says from now on.
    pub fn answer(&self, decide: impl Fn(usize) -> Answer + Send + 'static) {
        *locked(&self.asked) = 0;
        *locked(&self.decide) = Some(Box::new(decide));
    }

    /// The mails that arrived since the last call.
    pub fn take_mails(&self) -> Vec<RawMail> {
        std::mem::take(&mut *locked(&self.mails))
    }

    /// The requests that arrived since the last call.
    pub fn take_posts(&self) -> Vec<WebPost> {
        std::mem::take(&mut *locked(&self.posts))
    }

    fn decided(&self) -> Answer {
        let mut asked = locked(&self.asked);
        let number = *asked;
        *asked = asked.saturating_add(1);
        let decide = locked(&self.decide);
        decide
            .as_ref()
            .map_or(Answer::Status(204), |decide| decide(number))
    }
}

#[async_trait]
impl PostOffice for Outside {
    async fn send(&self, mail: &RawMail) -> Result<(), String> {
        let answer = self.decided();
        if answer == Answer::Fails {
            return Err("the mailbox is on fire".to_owned());
        }
        locked(&self.mails).push(mail.clone());
        match answer {
            Answer::Lost => Err("no answer".to_owned()),
            Answer::Status(_) | Answer::Fails => Ok(()),
        }
    }
}

#[async_trait]
impl Web for Outside {
    async fn post(&self, request: &WebPost, seconds: u32) -> Result<u16, String> {
        let answer = self.decided();
        if answer == Answer::Fails {
            return Err(format!("no answer within {seconds} seconds"));
        }
        locked(&self.posts).push(request.clone());
        match answer {
            Answer::Status(status) => Ok(status),
            Answer::Lost | Answer::Fails => Err("no answer".to_owned()),
        }
    }
}
