//! `mailwright listen`: brings a partner's events to a local address, signed as webhooks are.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use engine::signature;
use model::clock::{Clock as _, SystemClock, Time};
use model::event::EventKind;
use model::id::Ids;
use model::shown::is_hidden;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;

use super::admin::Desk;
use super::feed::{Client, Feed, HttpFeed, SERVER, StoreFeed, Told, client, in_short};
use super::keys::{EnvironmentName, environment_of};
use super::login::key_for;
use super::verify::text_of;
use super::{Common, Fail, Output, out};

/// How long the local address may take to answer: as long as a real endpoint may.
const TIMEOUT: Duration = Duration::from_secs(15);

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Where each event is posted, such as http://localhost:3000/hooks
    #[arg(long, value_name = "URL", required_unless_present = "print_only", conflicts_with = "print_only")]
    forward_to: Option<String>,
    /// Only print the events
    #[arg(long)]
    print_only: bool,
    /// A key of the partner; the events come from the server at --url. Others on this machine can see it here:
    /// MAILWRIGHT_KEY has it as well, and `mailwright login` keeps it
    #[arg(long, value_name = "KEY", conflicts_with = "partner")]
    key: Option<String>,
    /// Where the server is
    #[arg(long, value_name = "URL", default_value = SERVER)]
    url: String,
    /// The partner's id or name, for operators: the events come from the data folder
    #[arg(long, requires = "environment")]
    partner: Option<String>,
    /// Whose events
    #[arg(long, value_enum, requires = "partner")]
    environment: Option<EnvironmentName>,
    /// What they are signed with [default: a new secret, printed at the start]
    #[arg(long, value_name = "SECRET", conflicts_with = "secret_file")]
    secret: Option<String>,
    /// A file with it: what stands on the command line can be seen by others
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Only events of this type; may be repeated
    #[arg(long = "event", value_name = "EVENT", hide_possible_values = true,
        value_parser = PossibleValuesParser::new(EventKind::ALL.iter().map(|kind| kind.as_str())))]
    events: Vec<String>,
    /// Begin after this event [default: now]
    #[arg(long, value_name = "EVENT")]
    after: Option<String>,
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let kept = options.secret_file.as_deref().map(text_of).transpose()?;
    let secret = options.secret.as_deref().or(kept.as_deref()).map(str::trim);
    let forward = options.forward_to.as_deref().map(|url| Forward::to(url, secret)).transpose()?;
    let mut feed = open(options, common).await?;
    greet(forward.as_ref(), common.format)?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    loop {
        tokio::select! {
            biased;
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            told = feed.next() => {
                let told = told?;
                if options.events.is_empty() || options.events.contains(&told.kind) {
                    pass_on(&told, forward.as_ref(), common.format).await?;
                }
            }
        }
    }
}

async fn open(options: &Options, common: &Common) -> Result<Feed, Fail> {
    let after = options.after.clone();
    if let (Some(partner), Some(environment)) = (&options.partner, options.environment) {
        let desk = Desk::open(common).await?;
        let feed = StoreFeed::open(desk, partner, environment_of(environment), after).await?;
        return Ok(Feed::Store(Box::new(feed)));
    }
    let key = key_for(&options.url, options.key.as_deref())?;
    let feed = HttpFeed::open(Client::new(&options.url, &key)?, after).await?;
    Ok(Feed::Http(Box::new(feed)))
}

/// Where events are posted, and how they are signed.
struct Forward {
    http: reqwest::Client,
    url: String,
    secret: SecretString,
}

impl Forward {
    fn to(url: &str, secret: Option<&str>) -> Result<Self, Fail> {
        let parsed = url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let parsed = parsed.filter(|_| !url.contains(is_hidden));
        if parsed.is_none() {
            return Err(Fail::refused(format!(
                "{url:?} is not an address; write --forward-to http://localhost:3000/hooks"
            )));
        }
        let secret = match secret {
            None => signature::new_secret(Ids::new(std::sync::Arc::new(SystemClock)).random()),
            Some(text) if signature::is_secret(text) => SecretString::from(text.to_owned()),
            Some(_) => {
                return Err(Fail::refused(
                    "--secret does not look like an endpoint's secret, which is whsec_ and base64; leave it out for a new one",
                ));
            }
        };
        Ok(Self { http: client()?, url: url.to_owned(), secret })
    }

    /// Posts an event as a delivery is, and answers the status or what went wrong.
    async fn post(&self, told: &Told, now: Time) -> Result<u16, &'static str> {
        let secrets = std::slice::from_ref(&self.secret);
        let headers = signature::headers(&told.id, now.seconds(), &told.body, secrets);
        let request = self.http.post(&self.url).timeout(TIMEOUT).body(told.body.clone());
        let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        request.send().await.map(|answer| answer.status().as_u16()).map_err(in_short)
    }
}

fn greet(forward: Option<&Forward>, format: Output) -> Result<(), Fail> {
    match (forward, format) {
        (None, Output::Text) => out::line("listening; Ctrl-C ends it"),
        (None, Output::Json) => Ok(()),
        (Some(forward), Output::Text) => out::line(&format!(
            "listening; events go to {}, signed with\n\n  {}\n\nCtrl-C ends it",
            forward.url,
            forward.secret.expose_secret()
        )),
        (Some(forward), Output::Json) => {
            line(&json!({ "forward_to": forward.url, "secret": forward.secret.expose_secret() }))
        }
    }
}

/// One value on one line: what goes on for ever has no end to wait for.
fn line(value: &Value) -> Result<(), Fail> {
    out::line(&value.to_string())
}

async fn pass_on(told: &Told, forward: Option<&Forward>, format: Output) -> Result<(), Fail> {
    let now = SystemClock.now();
    let Some(forward) = forward else {
        return match format {
            Output::Json => out::exact(&told.body),
            Output::Text => out::line(&out::within(&format!("{now}  {:<26} {}", told.kind, told.id))),
        };
    };
    let began = Instant::now();
    let answer = forward.post(told, now).await;
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    match format {
        Output::Json => line(&json!({
            "at": now, "type": told.kind, "id": told.id, "status": answer.ok(), "error": answer.err(), "ms": ms,
        })),
        Output::Text => {
            let said = answer.map_or_else(|error| error.to_owned(), |status| status.to_string());
            out::line(&out::within(&format!("{now}  {:<26} {}  {said}  {ms} ms", told.kind, told.id)))
        }
    }
}
