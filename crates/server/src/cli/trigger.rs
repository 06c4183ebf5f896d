//! `mailwright trigger`: plays the sandbox scenario that causes an event, through the API of a running server.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use model::clock::{SECOND, SystemClock};
use model::event::EventKind;
use model::id::Ids;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::feed::{Client, HttpFeed, SERVER, Told, message};
use super::login::key_for;
use super::scenarios::{Step, moved_by, scenario};
use super::words::span;
use super::{Common, Fail, Output, out};

#[derive(Debug, Args)]
#[command(after_help = clock_help())]
pub(super) struct Options {
    /// The event that is to be told
    #[arg(value_name = "EVENT", value_parser = PossibleValuesParser::new(EventKind::ALL.iter().map(|kind| kind.as_str())))]
    event: String,
    /// A test key with the preset `full`. Others on this machine can see it here: MAILWRIGHT_KEY has it as well, and
    /// `mailwright login` keeps it
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Where the server is
    #[arg(long, value_name = "URL", default_value = SERVER)]
    url: String,
    /// How long to wait for the event, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let Some(kind) = EventKind::parse(&options.event) else {
        return Err(Fail::refused(format!("there is no event {}", options.event)));
    };
    let key = key_for(&options.url, options.key.as_deref())?;
    if !key.starts_with("pk_test_") {
        return Err(Fail::refused("events are caused in the sandbox only: use a key that begins with pk_test_"));
    }
    let client = Client::new(&options.url, &key)?;
    // Listening begins before anything happens, so that nothing is missed.
    let feed = HttpFeed::open(client.clone(), None).await?;
    let random: String =
        Ids::new(Arc::new(SystemClock)).random::<4>().iter().map(|byte| format!("{byte:02x}")).collect();
    let until = Instant::now() + Duration::from_secs(options.timeout);
    let values = BTreeMap::from([("r", random)]);
    let mut play = Play { client, feed, values, heard: vec![], until, said: common.format == Output::Text };
    for step in scenario(kind) {
        play.step(step).await?;
    }
    let told = play.wait_for(kind).await?;
    // As it stands in webhooks: whoever tries a signature on it needs every byte.
    out::exact(&told.body)
}

/// Which events cost time, and how much.
fn clock_help() -> String {
    let moves = EventKind::ALL.iter().filter(|kind| moved_by(**kind) > 0);
    let moves = moves.map(|kind| format!("  {:<30} {}", kind.as_str(), span(moved_by(*kind) * SECOND)));
    let text = "The sandbox clock of the key's partner is moved forward for these events, for good, and everything that \
                comes due meanwhile happens, renewals included (POST /test/reset puts the clock right):";
    format!("{text}\n{}", moves.collect::<Vec<_>>().join("\n"))
}

/// A scenario that is under way.
struct Play {
    client: Client,
    feed: HttpFeed,
    values: BTreeMap<&'static str, String>,
    /// Events of the scenario that nobody has waited for yet.
    heard: Vec<Told>,
    until: Instant,
    /// Whether each step is printed.
    said: bool,
}

impl Play {
    async fn step(&mut self, step: &Step) -> Result<(), Fail> {
        match step {
            Step::Domain(name) => {
                let name = self.filled(name);
                self.values.insert("domain", name);
                Ok(())
            }
            Step::Call { method, path, body, keep } => self.call(method, path, body, keep).await,
            Step::Await(kind) => self.wait_for(*kind).await.map(drop),
            Step::Endpoint => self.find_endpoint().await,
            Step::Advance(seconds) => self.advance(*seconds).await,
        }
    }

    async fn advance(&mut self, seconds: i64) -> Result<(), Fail> {
        let body = json!({ "seconds": seconds });
        self.call("POST", "/test/clock/advance", &body.to_string(), &[]).await?;
        let words = format!("the partner's sandbox clock is moved forward by {}", span(seconds * SECOND));
        if self.said {
            return out::line(&words);
        }
        out::error(&words);
        Ok(())
    }

    /// The newest endpoint that is told anything.
    async fn find_endpoint(&mut self) -> Result<(), Fail> {
        let (status, answer) = self.client.call("GET", "/webhook_endpoints", None).await?;
        if status != 200 {
            return Err(Fail::failed(format!("GET /webhook_endpoints answered {status}: {}", message(&answer))));
        }
        let rows = answer["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        let active = rows.iter().find(|row| row["status"] == "active").and_then(|row| row["id"].as_str());
        let Some(id) = active else {
            let words = "there is no active webhook endpoint to test; make one with POST /webhook_endpoints or `mailwright webhooks set`";
            return Err(Fail::failed(words));
        };
        self.values.insert("endpoint", id.to_owned());
        Ok(())
    }

    /// A text with every `$name` replaced by its value; longer names first, so that none is cut.
    fn filled(&self, text: &str) -> String {
        let mut values: Vec<_> = self.values.iter().collect();
        values.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        values.into_iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${name}"), value))
    }

    async fn call(
        &mut self,
        method: &str,
        path: &str,
        body: &str,
        keep: &[(&'static str, &'static str)],
    ) -> Result<(), Fail> {
        let path = self.filled(path);
        let body = if body.is_empty() { None } else { serde_json::from_str(&self.filled(body)).ok() };
        let (status, answer) = self.client.call(method, &path, body.as_ref()).await?;
        if !(200..300).contains(&status) {
            return Err(Fail::failed(format!("{method} {path} answered {status}: {}", message(&answer))));
        }
        if self.said {
            out::line(&format!("{method} {path}  {status}"))?;
        }
        for (name, pointer) in keep {
            let value = answer.pointer(pointer).and_then(Value::as_str).ok_or_else(|| missing(name, &path))?;
            self.values.insert(name, value.to_owned());
        }
        Ok(())
    }

    /// The next event of this kind that is about something of this scenario.
    async fn wait_for(&mut self, kind: EventKind) -> Result<Told, Fail> {
        loop {
            if let Some(at) = self.heard.iter().position(|told| told.kind == kind.as_str()) {
                return Ok(self.heard.remove(at));
            }
            let Ok(told) = tokio::time::timeout_at(self.until, self.feed.next()).await else {
                let words = format!(
                    "{} was not told in time; look at GET /events, or allow more with --timeout",
                    kind.as_str()
                );
                return Err(Fail::failed(words));
            };
            let told = told?;
            if self.values.values().any(|value| told.body.contains(value.as_str())) {
                self.heard.push(told);
            }
        }
    }
}

fn missing(name: &str, path: &str) -> Fail {
    Fail::failed(format!("the answer of {path} has no {name}"))
}
