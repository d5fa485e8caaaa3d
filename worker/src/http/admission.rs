//! The outer shield's answer, side by side with the request that it is about: what counts waits for
//! it, what only gets ready does not.

use std::{pin::pin, sync::Arc};

use async_trait::async_trait;
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Either, Shared, pending, select},
};

use crate::platform::{Database, DatabaseError, Platform, Statement};

/// Whether the shield lets one request through. Approximate and permissive by nature: the throttle
/// in D1 is what counts.
#[derive(Clone)]
pub struct Admission(Option<Shared<BoxFuture<'static, bool>>>);

impl Admission {
    /// Of a request that the shield is not asked about.
    pub const fn open() -> Self {
        Self(None)
    }

    /// Of a client, named by `key`. The shield is asked when this is first waited for.
    pub fn of(platform: &Platform, key: String) -> Self {
        let shield = platform.shield.clone();
        let asked = async move { shield.admits(&key).await };
        Self(Some(asked.boxed().shared()))
    }

    /// Waits until the request is let through. One that is refused goes no further: [`Self::beside`]
    /// drops its work, and the router answers.
    pub async fn admitted(&self) {
        if let Some(asked) = self.0.clone()
            && !asked.await
        {
            pending().await
        }
    }

    /// What comes of `work`, which begins while the shield is asked; nothing where it refuses.
    pub async fn beside<T>(self, work: impl Future<Output = T>) -> Option<T> {
        let Some(asked) = self.0 else {
            return Some(work.await);
        };
        match select(asked, pin!(work)).await {
            Either::Left((true, work)) => Some(work.await),
            Either::Left((false, _)) => None,
            Either::Right((done, asked)) => asked.await.then_some(done),
        }
    }

    /// `database`, which nothing reaches before the request is let through.
    pub fn guard(&self, database: Arc<dyn Database>) -> Arc<dyn Database> {
        if self.0.is_none() {
            return database;
        }
        let admission = self.clone();
        Arc::new(Guarded {
            admission,
            database,
        })
    }
}

struct Guarded {
    admission: Admission,
    database: Arc<dyn Database>,
}

#[async_trait]
impl Database for Guarded {
    async fn batch(&self, statements: &[&Statement]) -> Result<Vec<String>, DatabaseError> {
        self.admission.admitted().await;
        self.database.batch(statements).await
    }
}
