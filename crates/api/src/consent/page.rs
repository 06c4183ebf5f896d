//! What the pages say: plain words, no script, nothing from elsewhere.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};
use model::consent::ConsentStatus;
use model::domain::MailProvider;

/// How it stands with a link.
pub(super) enum Show<'a> {
    /// The owner is asked.
    Asked { email: &'a str, provider: MailProvider, status: ConsentStatus, asker: &'a str, sequencer: &'a str },
    /// What was given is being looked at, for longer than usual or not.
    Checking { email: &'a str, is_long: bool },
    /// There is nothing left to do.
    Done { email: &'a str },
    /// Nobody asks any more.
    Over,
    /// We have made no such link.
    Unknown,
    /// It was tried too often.
    TooOften,
    /// We cannot do it now.
    Busy,
}

/// The page.
pub(super) fn show(status: StatusCode, what: &Show<'_>) -> Response {
    let (title, body) = said(what);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="stylesheet" href="/assets/style.css";
            }
            body { div.frame { main #content { h1 { (title) } (body) } } }
        }
    };
    (status, Html(page.into_string())).into_response()
}

fn said(what: &Show<'_>) -> (&'static str, Markup) {
    match *what {
        Show::Asked { email, provider, status, asker, sequencer } => {
            ("Let campaigns be sent from this inbox", asked((email, provider), status, asker, sequencer))
        }
        Show::Checking { email, is_long: true } => (
            "The consent has arrived",
            html! { p role="status" { "It is still being checked whether it lets anybody into " strong { (email) } ". That goes on by itself, and this page can be closed; whoever sent you here is told." } },
        ),
        Show::Checking { email, is_long: false } => (
            "The consent has arrived",
            html! { p role="status" { "It is being checked whether it lets anybody into " strong { (email) } ". This page says so in a moment." } },
        ),
        Show::Done { email } => (
            "That is all",
            html! { p role="status" { "The consent for " strong { (email) } " was given. There is nothing left to do, and this page can be closed." } },
        ),
        Show::Over => (
            "Nobody asks for this any more",
            html! { p { "The inbox is linked already, was given up, or is asked for in another way. If somebody sent you here just now, ask them for a fresh link." } },
        ),
        Show::Unknown => (
            "This link leads nowhere",
            html! { p { "It is not whole, or it is none of ours. Open it as it was sent to you, or ask for a fresh one. Nothing was done." } },
        ),
        Show::TooOften => (
            "Please try again in a few minutes",
            html! { p { "This was tried very often, and just now. Nothing was done." } },
        ),
        Show::Busy => (
            "Please try again in a moment",
            html! { p { "Too much is waiting right now. Nothing was done; reload this page." } },
        ),
    }
}

fn asked((email, provider): (&str, MailProvider), status: ConsentStatus, asker: &str, sequencer: &str) -> Markup {
    let host = match provider {
        MailProvider::Google => "Google",
        MailProvider::Microsoft => "Microsoft",
    };
    html! {
        @if status != ConsentStatus::Waiting { p role="alert" { (status.sentence()) } }
        p { strong { (asker) } " asks for this, so that " strong { (sequencer) } " can send and read mail of this inbox." }
        p { "The inbox is " strong { (email) } ". You are sent to " (host) ", which asks whether mail may be sent and read there." }
        p { "Sign in there as " strong { (email) } " itself: a consent of another account is not taken." }
        form method="post" { button.primary type="submit" { "Go on to " (host) } }
        p.quiet { "Your password stays at " (host) ". What is given here can be taken back there at any time." }
    }
}

/// What a page may load: its style, and nothing else. Its form goes to us, and from us to this place.
pub(super) fn policy(origin: &str) -> Option<HeaderValue> {
    let text = format!(
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self' {origin}; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&text).ok()
}

/// For every page: nobody keeps it.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Some(policy) = policy("").filter(|_| !headers.contains_key(header::CONTENT_SECURITY_POLICY)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
