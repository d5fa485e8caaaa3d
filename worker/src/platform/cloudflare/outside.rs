//! What leaves the Worker: mail by the `send_email` binding, requests by `fetch`.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::future::{Either, select};
use wasm_bindgen::JsValue;
use worker::{
    AbortController, Delay, EmailMessage, Env, Headers, Method, Request, RequestInit,
    RequestRedirect, SendEmail, send::IntoSendFuture as _,
};

use crate::platform::{PostOffice, RawMail, Web, WebPost};

/// The binding `MAIL`, where there is one.
pub fn post_office(env: &Env) -> Option<Arc<dyn PostOffice>> {
    let binding = env.send_email("MAIL").ok()?;
    Some(Arc::new(Binding(binding)))
}

struct Binding(SendEmail);

#[async_trait]
impl PostOffice for Binding {
    async fn send(&self, mail: &RawMail) -> Result<(), String> {
        let sent = async {
            let message = EmailMessage::new(&mail.from, &mail.to, &mail.message).map_err(said)?;
            self.0.send(&message).await.map_err(said)?;
            Ok(())
        };
        sent.into_send().await
    }
}

/// The platform's own `fetch`.
pub struct Fetch;

#[async_trait]
impl Web for Fetch {
    async fn post(&self, request: &WebPost, seconds: u32) -> Result<u16, String> {
        post(request, seconds).into_send().await
    }
}

async fn post(post: &WebPost, seconds: u32) -> Result<u16, String> {
    let headers = Headers::new();
    for (name, value) in &post.headers {
        headers.set(name, value).map_err(said)?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        .with_body(Some(JsValue::from_str(&post.body)));
    let request = Request::new_with_init(&post.url, &init).map_err(said)?;
    let controller = AbortController::default();
    let signal = controller.signal();
    let fetch = worker::Fetch::Request(request);
    let answer = Box::pin(fetch.send_with_signal(&signal));
    let late = Delay::from(Duration::from_secs(seconds.into()));
    match select(answer, late).await {
        Either::Left((answer, _)) => Ok(answer.map_err(said)?.status_code()),
        Either::Right(_) => {
            controller.abort();
            Err(format!("no answer within {seconds} seconds"))
        }
    }
}

fn said(why: impl std::fmt::Debug) -> String {
    format!("{why:?}")
}
