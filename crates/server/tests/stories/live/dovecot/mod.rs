//! An order whose zone is on our own name server and whose mailboxes are real ones: Dovecot has those that the tenants make, and the
//! sequencer logs into them by SMTP and IMAP before it takes them, as the vendor does.

mod client;
mod first_mails;
mod process;
mod relay;

use std::net::SocketAddr;
use std::sync::Arc;

use doubles::smartlead::Login;
use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use model::clock::{DAY, MINUTE};
use providers::probing::{Dial, Directly};
use serde_json::{Value, json};
use server::name_servers::{self, Following, NameServer};
use tokio::task::block_in_place;
use tokio_util::sync::{CancellationToken, DropGuard};

use self::process::Dovecot;
use super::houses::Houses;
use super::stage::Live;
use crate::name_servers::{ask, is_refused};
use crate::support::{Rig, order_body};

const GOOGLE: &str = "acme-one.com";
const MICROSOFT: &str = "acme-two.com";
/// How many minutes an order, or its end, takes at most by the server's clock.
const MINUTES: usize = 400;

/// Everything of the story.
struct Stage {
    live: Live,
    houses: Houses,
    dovecot: Dovecot,
    dns: SocketAddr,
    following: Arc<Following>,
    _stop: DropGuard,
}

impl Stage {
    /// `None` where there is no Dovecot.
    async fn new() -> Option<Self> {
        Some(Self::with(Dovecot::start()?, own_dns, Arc::new(Directly)).await)
    }

    async fn with(dovecot: Dovecot, change: impl FnOnce(String) -> String, dial: Arc<dyn Dial>) -> Self {
        let houses = Houses::new(1).await;
        houses.smartlead.raise_limits();
        houses.google[0].keep_mailboxes_with(dovecot.keeper("google"));
        houses.graph[0].keep_mailboxes_with(dovecot.keeper("graph"));
        let (imap, smtp) = (dovecot.imap, dovecot.smtp);
        houses.smartlead.check_with(move |login| block_in_place(|| logged_in(login, imap, smtp)));
        let live = houses.live_dialling(change, dial).await;
        let place = name_servers::places(&live.rig.config).unwrap().pop().unwrap();
        let server = NameServer::new(place, &live.rig.config, &live.rig.wired);
        let (dns, following, stop) = (server.addresses()[0], server.following(), CancellationToken::new());
        tokio::spawn(server.run(stop.clone()));
        *live.asked.lock().unwrap() = Some(dns);
        houses.look_with(move |name| {
            // Whoever answers may be waiting behind whoever asks.
            block_in_place(|| [heard(dns, name, RecordType::TXT), heard(dns, name, RecordType::CNAME)].concat())
        });
        Self { live, houses, dovecot, dns, following, _stop: stop.drop_guard() }
    }

    /// Time passes, and people do what they are asked for, until an order has a status.
    async fn until(&self, id: &str, status: &str) -> Value {
        self.until_at(&self.live.rig, id, status).await
    }

    async fn until_at(&self, rig: &Rig, id: &str, status: &str) -> Value {
        for _ in 0..MINUTES {
            self.a_minute(rig).await;
            let order = rig.order(id).await;
            if order["status"] == status {
                return order;
            }
        }
        panic!("it is never {status}: {:#}", rig.order(id).await)
    }

    async fn a_minute(&self, rig: &Rig) {
        rig.advance(MINUTE).await;
        // By itself it looks when some of the machine's time has passed, which is hours of this clock on a fast one.
        self.following.catch_up().await.unwrap();
        self.houses.people_act(rig).await;
    }

    /// Whether the mailboxes of these logins let their owners in, by both ways.
    fn lets_in(&self, login: &(String, String)) -> (bool, bool) {
        let (email, password) = login;
        let smtp = client::smtp(self.dovecot.smtp, email, password).is_ok();
        (smtp, client::imap(self.dovecot.imap, email, password).is_ok())
    }

    /// The logins that the sequencer keeps.
    fn logins(&self) -> Vec<(String, String)> {
        let of = |email: &String| {
            let account = self.houses.smartlead.accounts(email).pop().unwrap();
            (email.clone(), account.password.unwrap())
        };
        self.houses.smartlead.addresses().iter().map(of).collect()
    }

    async fn is_served(&self, name: &str) -> bool {
        !is_refused(&ask(self.dns, &format!("{name}."), RecordType::MX).await)
    }
}

/// Zones are on our own name server.
fn own_dns(text: String) -> String {
    let own = "[sizing]\nmicrosoft_inboxes_per_domain = 2\n\n\
               [accounts.own]\nkind = \"embedded\"\nnameservers = \"ns1.example.com ns2.example.com\"\n\n\
               [dns]\nlisten = [\"127.0.0.1:0\"]\n\n\
               [accounts.web]\nkind = \"embedded_redirect\"\naddresses = \"192.0.2.1\"\n\n\
               [redirect]\nhttp_listen = [\"127.0.0.1:0\"]\n\n[live]\n";
    let text = text.replace("[live]\n", own).replace("dns = [\"second\"]", "dns = [\"own\"]");
    text.replace("redirect = [\"second\"]", "redirect = [\"web\"]")
}

/// What the sequencer does before it takes an account. The hosts' servers are this machine's.
fn logged_in(login: &Login, imap: SocketAddr, smtp: SocketAddr) -> Result<(), String> {
    let hosts = (login.smtp.0.as_str(), login.imap.0.as_str());
    let known = [("smtp.gmail.com", "imap.gmail.com"), ("smtp.office365.com", "outlook.office365.com")];
    if !known.contains(&hosts) {
        return Err(format!("getaddrinfo ENOTFOUND {}", login.smtp.0));
    }
    client::smtp(smtp, &login.username, &login.secret)?;
    client::imap(imap, &login.username, &login.secret)
}

/// What a tenant hears of a name from our name server.
fn heard(server: SocketAddr, name: &str, rtype: RecordType) -> Vec<String> {
    use std::io::{Read as _, Write as _};
    let mut question = Message::new(4711, MessageType::Query, OpCode::Query);
    question.add_query(Query::query(Name::from_ascii(format!("{name}.")).unwrap(), rtype));
    let bytes = question.to_vec().unwrap();
    let mut stream = std::net::TcpStream::connect(server).unwrap();
    let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    stream.write_all(&[&length[..], &bytes].concat()).unwrap();
    let mut length = [0; 2];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut answer).unwrap();
    let answer = Message::from_vec(&answer).unwrap();
    let value = |data: String| data.trim_end_matches('.').to_owned();
    answer.answers.iter().map(|record| value(record.data.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mailboxes_that_are_real_are_linked_and_after_a_cancel_let_nobody_in() {
    let Some(stage) = Stage::new().await else { return };
    let mut body = order_body(&[GOOGLE, MICROSOFT]);
    body["sequencer"] = json!({ "provider": "smartlead", "api_key": doubles::smartlead::API_KEY });
    let id = stage.live.rig.place(&body).await;
    stage.until(&id, "completed").await;
    let logins = stage.logins();
    assert_eq!(logins.len(), 4, "{logins:?}");
    for login in &logins {
        assert_eq!(stage.lets_in(login), (true, true), "{}", login.0);
        assert_eq!(stage.lets_in(&(login.0.clone(), "another".into())), (false, false), "{}", login.0);
    }
    assert!(stage.is_served(GOOGLE).await && stage.is_served(MICROSOFT).await);
    let cancelled = stage.live.rig.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({}))).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    stage.live.rig.advance(32 * DAY).await;
    stage.until(&id, "cancelled").await;
    assert_eq!(stage.houses.smartlead.addresses(), [] as [String; 0], "no account is left");
    // Dovecot looks at its list once a second.
    let shut = async {
        while logins.iter().any(|login| stage.lets_in(login) != (false, false)) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), shut).await.expect("nobody is let in before long");
    let gone = async {
        while stage.is_served(GOOGLE).await || stage.is_served(MICROSOFT).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), gone).await.expect("the zones are gone before long");
}
