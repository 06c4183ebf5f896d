//! A running server, called with a partner's key.

use std::time::Duration;

use model::refusal::Code;
use model::shown::short;
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

use super::Told;
use super::text::{Block, Blocks};
use crate::cli::{Fail, out};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a server may be silent: three of its heartbeats.
const SILENCE: Duration = Duration::from_secs(45);
/// What stands before every event.
const BEGINNING: &str = "evt_00000000000000000000000000";
/// How long we wait before the first try to connect again, and at most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));

/// Where a server is when nobody says so.
pub(crate) const SERVER: &str = "http://127.0.0.1:8080";
/// Where the API is on a server.
const PATH: &str = "/partner/v1";

/// The address of a server, with or without the path of the API, as the one way to write it.
pub(crate) fn root_of(url: &str) -> Result<String, Fail> {
    let parsed = url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let parsed = parsed.filter(|parsed| parsed.query().is_none() && parsed.fragment().is_none());
    let Some(parsed) = parsed else {
        return Err(Fail::refused(format!("{:?} is not the address of a server; write --url {SERVER}", short(url))));
    };
    Ok(parsed.as_str().trim_end_matches('/').trim_end_matches(PATH).trim_end_matches('/').to_owned())
}

/// A server and a key.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    key: String,
}

impl Client {
    /// Takes the address of a server, with or without the path of the API.
    pub(crate) fn new(url: &str, key: &str) -> Result<Self, Fail> {
        let root = root_of(url)?;
        if !(key.starts_with("pk_test_") || key.starts_with("pk_live_")) {
            return Err(Fail::refused("this is not an API key: they begin with pk_test_ or pk_live_"));
        }
        Ok(Self { http: client()?, base: format!("{root}{PATH}"), key: key.to_owned() })
    }

    /// The server's address without the path of the API.
    pub(crate) fn root(&self) -> &str {
        self.base.trim_end_matches(PATH)
    }

    /// Makes a call and answers its status and body.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(u16, Value), Fail> {
        let method = Method::from_bytes(method.as_bytes()).map_err(anyhow::Error::from)?;
        let mut request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|error| self.unreachable(error))?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await.unwrap_or_default()))
    }

    /// Begins to listen. Where the server does not know the last event any more, it says where to go on.
    async fn listen(&self, last: &mut Option<String>) -> Result<Response, Halted> {
        match self.listen_after(last.as_deref()).await {
            Err(Halted::GoOn { after, fail }) => {
                out::error(&fail);
                *last = Some(after);
                self.listen_after(last.as_deref()).await
            }
            listened => listened,
        }
    }

    async fn listen_after(&self, last: Option<&str>) -> Result<Response, Halted> {
        let mut request = self.http.get(format!("{}/events", self.base)).bearer_auth(&self.key);
        request = request.header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let answer = request.send().await.map_err(|error| Halted::Lost(self.unreachable(error)))?;
        let status = answer.status();
        if status == StatusCode::OK {
            return Ok(answer);
        }
        let body: Value = answer.json().await.unwrap_or_default();
        if body["error"]["code"] == Code::CursorLost.as_str() {
            let after = body["error"]["details"]["go_on_after"].as_str().unwrap_or(BEGINNING).to_owned();
            return Err(Halted::GoOn { after, fail: message(&body).to_owned() });
        }
        let fail = Fail::failed(format!("GET /events answered {status}: {}", message(&body)));
        let passes = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        Err(if passes { Halted::Lost(fail) } else { Halted::Refused(fail) })
    }

    fn unreachable(&self, error: reqwest::Error) -> Fail {
        let root = self.root();
        Fail::failed(format!(
            "{root} cannot be reached: {}; is `mailwright serve` running there? Another address: --url",
            in_short(error)
        ))
    }
}

/// What went wrong, without the address, which is said already.
pub(crate) fn in_short(error: reqwest::Error) -> &'static str {
    match (error.is_timeout(), error.is_connect()) {
        (true, _) => "there was no answer in time",
        (_, true) => "no connection could be made",
        _ => "the connection broke",
    }
}

/// What an error answer says.
pub(crate) fn message(body: &Value) -> &str {
    body["error"]["message"].as_str().unwrap_or("no explanation")
}

/// A client for addresses that the person at the terminal chose.
pub(crate) fn client() -> Result<reqwest::Client, Fail> {
    // Somebody may have installed it before us, which is just as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let built = builder.connect_timeout(CONNECT).read_timeout(SILENCE).build();
    Ok(built.map_err(anyhow::Error::from)?)
}

/// Why nothing can be listened to.
enum Halted {
    /// It may work again soon.
    Lost(Fail),
    /// It will not.
    Refused(Fail),
    /// It will after another event.
    GoOn { after: String, fail: String },
}

impl From<Halted> for Fail {
    fn from(halted: Halted) -> Self {
        match halted {
            Halted::Lost(fail) | Halted::Refused(fail) => fail,
            Halted::GoOn { fail, .. } => Self::failed(fail),
        }
    }
}

/// The events of a server, connected again whenever the connection breaks.
pub(crate) struct HttpFeed {
    client: Client,
    last: Option<String>,
    response: Option<Response>,
    blocks: Blocks,
}

impl HttpFeed {
    /// Begins to listen, after an event or from now on.
    pub(crate) async fn open(client: Client, mut after: Option<String>) -> Result<Self, Fail> {
        let response = client.listen(&mut after).await?;
        Ok(Self { client, last: after, response: Some(response), blocks: Blocks::default() })
    }

    pub(crate) async fn next(&mut self) -> Result<Told, Fail> {
        loop {
            match self.blocks.next() {
                Some(Block::Event(told)) => {
                    self.last = Some(told.id.clone());
                    return Ok(told);
                }
                Some(Block::Mark(id)) => self.last = Some(id),
                Some(Block::Other) => {}
                None => self.read().await?,
            }
        }
    }

    async fn read(&mut self) -> Result<(), Fail> {
        let Some(response) = &mut self.response else { return self.connect_again().await };
        match response.chunk().await {
            Ok(Some(bytes)) => self.blocks.push(&bytes),
            Ok(None) | Err(_) => {
                out::error("the connection ended; connecting again");
                // What came half is told again.
                (self.response, self.blocks) = (None, Blocks::default());
            }
        }
        Ok(())
    }

    async fn connect_again(&mut self) -> Result<(), Fail> {
        let (mut wait, longest) = AGAIN;
        loop {
            tokio::time::sleep(wait).await;
            match self.client.listen(&mut self.last).await {
                Ok(response) => {
                    self.response = Some(response);
                    return Ok(());
                }
                Err(halted @ (Halted::Refused(_) | Halted::GoOn { .. })) => return Err(halted.into()),
                Err(Halted::Lost(_)) => wait = (wait * 2).min(longest),
            }
        }
    }
}
