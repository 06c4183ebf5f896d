//! What all doubles are: a listener, a vendor behind it, and what goes wrong between the two.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::acts::Act;
use crate::gate::Gate;

/// A request that has arrived whole.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The HTTP method.
    pub method: String,
    /// The path, without parameters.
    pub path: String,
    /// The parameters, decoded.
    pub query: Vec<(String, String)>,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; of a form the object that it is; `Null` when there is none, or it is something else.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Asked {
    /// Whether it is about this name, wherever it says so.
    #[must_use]
    pub fn mentions(&self, name: &str) -> bool {
        self.path.contains(name)
            || self.query.iter().any(|(_, value)| value == name)
            || self.body.to_string().contains(name)
    }

    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// The first parameter of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }
}

/// What a vendor says to a request.
#[derive(Clone, Debug)]
pub struct Said {
    /// The HTTP status code.
    pub status: u16,
    /// More headers.
    pub headers: Vec<(String, String)>,
    /// The body; `None` sends none. A text whose headers name another type than JSON is sent as its letters alone.
    pub body: Option<Value>,
}

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is done, and nobody hears of it.
    ReplyLost,
    /// It is not done, and the connection breaks.
    RequestLost,
    /// It is not done: too many requests, come back after so many seconds, where it says so.
    TooMany(Option<u64>),
    /// It is not done: the vendor is broken.
    Broken,
    /// It is not done: whoever asks is not let in (401), or may not do that (403).
    NotLetIn(u16),
    /// It is done, and a page says that it is fine.
    PageInstead,
    /// It is done, and the answer is JSON under the name of a page.
    WrongType,
    /// It is done, and half of the answer arrives.
    HalfAnAnswer,
    /// It is done, and the answer comes a byte a second and never ends.
    Drip,
    /// It is done, and no answer comes.
    Silence,
    /// It is done, and the answer comes after so many seconds.
    Late(u64),
}

impl Fault {
    /// What goes wrong with one request and is over. That nothing comes at all is what a process sees that is frozen.
    pub const PASSING: [Self; 8] = [
        Self::ReplyLost,
        Self::PageInstead,
        Self::HalfAnAnswer,
        Self::RequestLost,
        Self::Broken,
        Self::TooMany(Some(7)),
        Self::TooMany(None),
        Self::WrongType,
    ];
}

type Vendor = dyn Fn(&Asked) -> Said + Send + Sync;

/// A vendor's double that listens on this machine, until it is dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

struct Shared {
    vendor: Box<Vendor>,
    faults: Mutex<Vec<(String, String, Fault)>>,
    about: Mutex<Vec<(String, usize, Fault)>>,
    weather: Mutex<Option<Fault>>,
    gates: Mutex<Vec<Arc<Gate>>>,
    asked: Mutex<Vec<Asked>>,
    acts: Mutex<Vec<Act>>,
}

impl Server {
    /// Serves a vendor.
    ///
    /// # Panics
    /// When this machine has no port to give.
    pub async fn new(vendor: impl Fn(&Asked) -> Said + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared {
            vendor: Box::new(vendor),
            faults: Mutex::default(),
            about: Mutex::default(),
            weather: Mutex::default(),
            gates: Mutex::default(),
            asked: Mutex::default(),
            acts: Mutex::default(),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let served = shared.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(served.clone().serve(stream));
            }
        });
        Self { address, shared, serving }
    }

    /// Where it listens, as a base address without a path.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next request of this method whose path ends so meets this fault. Faults are met in the order they were given.
    pub fn fail(&self, method: &str, ending: &str, fault: Fault) {
        locked(&self.shared.faults).push((method.into(), ending.into(), fault));
    }

    /// The next request of this method whose path ends so waits, and is done when the gate is opened.
    #[must_use]
    pub fn hold(&self, method: &str, ending: &str) -> Arc<Gate> {
        let gate = Arc::new(Gate::new(method, ending));
        locked(&self.shared.gates).push(gate.clone());
        gate
    }

    /// Of the requests about a name from now on, the one that comes after so many others meets this fault.
    pub fn fail_about(&self, name: &str, after: usize, fault: Fault) {
        locked(&self.shared.about).push((name.into(), after, fault));
    }

    /// From now on every request meets this fault, or none.
    pub fn fail_always(&self, fault: Option<Fault>) {
        *locked(&self.shared.weather) = fault;
    }

    /// Nothing goes wrong from now on.
    pub fn fail_no_more(&self) {
        locked(&self.shared.faults).clear();
        locked(&self.shared.about).clear();
        self.fail_always(None);
    }

    /// The faults that nobody has met yet.
    #[must_use]
    pub fn faults_left(&self) -> usize {
        locked(&self.shared.faults).len() + locked(&self.shared.about).len()
    }

    /// A person has done something at the vendor.
    pub(crate) fn person(&self, what: &'static str, about: &str) {
        locked(&self.shared.acts).push(Act { what, about: about.into() });
    }

    /// What people have done at the vendor.
    #[must_use]
    pub fn acts(&self) -> Vec<Act> {
        locked(&self.shared.acts).clone()
    }

    /// Every request that has arrived.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        locked(&self.shared.asked).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Shared {
    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        while let Some(asked) = read(&mut stream).await {
            locked(&self.asked).push(asked.clone());
            if let Some(gate) = self.gate(&asked) {
                gate.pass().await;
            }
            let Some(bytes) = self.act(&asked, &mut stream).await else { return };
            if stream.write_all(&bytes).await.is_err() {
                return;
            }
        }
    }

    /// The answer; `None` when there is no more to say on this connection.
    async fn act(&self, asked: &Asked, stream: &mut TcpStream) -> Option<Vec<u8>> {
        let fault = self.fault(asked);
        let done = || (self.vendor)(asked);
        match fault {
            None => return Some(written(&done(), "application/json; charset=utf-8")),
            Some(Fault::WrongType) => return Some(written(&done(), "text/html")),
            Some(Fault::RequestLost) => return None,
            Some(Fault::TooMany(after)) => {
                let headers = after.map(|after| ("retry-after".to_owned(), after.to_string())).into_iter().collect();
                let body = Some(serde_json::json!({ "message": "Too many requests" }));
                return Some(written(&Said { status: 429, headers, body }, "application/json"));
            }
            Some(Fault::NotLetIn(status)) => {
                let body = Some(serde_json::json!({ "message": "Permission denied" }));
                return Some(written(&Said { status, headers: vec![], body }, "application/json"));
            }
            Some(Fault::Broken) => return Some(page(502, "Bad Gateway")),
            Some(Fault::ReplyLost) => _ = done(),
            Some(Fault::PageInstead) => {
                done();
                return Some(page(200, "OK"));
            }
            Some(Fault::HalfAnAnswer) => {
                let whole = written(&done(), "application/json");
                let _ = stream.write_all(&whole[..whole.len() - 5]).await;
            }
            Some(Fault::Silence) => {
                done();
                pending::<()>().await;
            }
            Some(Fault::Late(seconds)) => {
                let whole = written(&done(), "application/json");
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                return Some(whole);
            }
            Some(Fault::Drip) => {
                let whole = written(&done(), "application/json");
                let mut second = tokio::time::interval(Duration::from_secs(1));
                for byte in whole.iter().cycle() {
                    second.tick().await;
                    if stream.write_all(&[*byte]).await.is_err() {
                        break;
                    }
                }
            }
        }
        None
    }

    fn gate(&self, asked: &Asked) -> Option<Arc<Gate>> {
        let mut gates = locked(&self.gates);
        let meets = |gate: &Arc<Gate>| gate.method == asked.method && asked.path.ends_with(&gate.ending);
        let at = gates.iter().position(meets)?;
        Some(gates.remove(at))
    }

    fn fault(&self, asked: &Asked) -> Option<Fault> {
        self.about(asked).or_else(|| self.ordered(asked)).or_else(|| *locked(&self.weather))
    }

    /// The fault whose turn it is, of those that were ordered for a name that this is about.
    fn about(&self, asked: &Asked) -> Option<Fault> {
        let mut all = locked(&self.about);
        let turn = all.iter().position(|(name, after, _)| *after == 0 && asked.mentions(name));
        for (_, after, _) in all.iter_mut().filter(|(name, ..)| asked.mentions(name)) {
            *after = after.saturating_sub(1);
        }
        turn.map(|at| all.remove(at).2)
    }

    /// The first fault that was ordered for such a request.
    fn ordered(&self, asked: &Asked) -> Option<Fault> {
        let mut faults = locked(&self.faults);
        let meets = |(method, ending, _): &(String, String, Fault)| {
            *method == asked.method && asked.path.ends_with(ending.as_str())
        };
        let at = faults.iter().position(meets)?;
        Some(faults.remove(at).2)
    }
}

/// Serves answers as they were recorded, headers and all: to a request of this method whose path ends so, this.
///
/// # Panics
/// When this machine has no port to give.
pub async fn replay(answers: Vec<(String, String, Vec<u8>)>) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let answers = Arc::new(answers);
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answers = answers.clone();
            tokio::spawn(async move {
                let Some(asked) = read(&mut stream).await else { return };
                let is_it = |(method, ending, _): &&(String, String, Vec<u8>)| {
                    *method == asked.method && asked.path.ends_with(ending.as_str())
                };
                let missing = page(500, "nothing was recorded for this request");
                let answer = answers.iter().find(is_it).map_or(&missing, |(_, _, answer)| answer);
                let _ = stream.write_all(answer).await;
            });
        }
    });
    (base, serving)
}

fn page(status: u16, words: &str) -> Vec<u8> {
    let body = format!("<html><head><title>{words}</title></head></html>");
    format!("HTTP/1.1 {status} X\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn written(said: &Said, content_type: &str) -> Vec<u8> {
    let named = said.headers.iter().any(|(name, _)| name == "content-type");
    let body = match &said.body {
        Some(Value::String(words)) if named => words.clone(),
        body => body.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    let kind = if named { String::new() } else { format!("content-type: {content_type}\r\n") };
    let more: String = said.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = if said.status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    format!("HTTP/1.1 {} X\r\n{kind}{more}{length}\r\n{body}", said.status).into_bytes()
}

/// One request; `None` when the other side has gone.
async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = vec![];
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        more(stream, &mut bytes).await?;
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let headers: Vec<_> = lines.filter_map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let end = head + 4 + length.unwrap_or(0_usize);
    while bytes.len() < end {
        more(stream, &mut bytes).await?;
    }
    let url = url::Url::parse("http://double").ok()?.join(target).ok()?;
    let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let bytes = bytes[head + 4..end].to_vec();
    let body = body_of(&bytes, &headers);
    Some(Asked { method, path: url.path().to_owned(), query, headers, body, bytes })
}

fn body_of(bytes: &[u8], headers: &[(String, String)]) -> Value {
    let is_form = |(name, value): &(String, String)| name == "content-type" && value.contains("x-www-form-urlencoded");
    match headers.iter().any(is_form) {
        true => {
            let fields = url::form_urlencoded::parse(bytes);
            Value::Object(fields.map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect())
        }
        false => serde_json::from_slice(bytes).unwrap_or(Value::Null),
    }
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut buffer = [0; 4096];
    match stream.read(&mut buffer).await {
        Ok(0) | Err(_) => None,
        Ok(count) => {
            bytes.extend_from_slice(&buffer[..count]);
            Some(())
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
