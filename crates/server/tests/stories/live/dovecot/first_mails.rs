//! The first mail of a domain, really sent by SMTP with TLS and really read by IMAP with TLS.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use engine::{Fate, Point, Probe};
use model::run::StepName;
use providers::probing::Dial;
use serde_json::Value;
use tokio::net::TcpStream;

use super::process::Dovecot;
use super::relay::Relay;
use super::{GOOGLE, MICROSOFT, MINUTES, Stage, own_dns};
use crate::doctor::{self, Said};
use crate::program::mailwright;
use crate::support::{Rig, order_body};

const MAILBOX: &str = "probe@operator.example";
const PASSWORD: &str = "password-of-the-probe";
const IMAP: &str = "imap.operator.example";

/// What a receiver writes that finds everything right.
const RIGHT: &str = "Authentication-Results: mx.operator.example;\r\n\tdkim=pass header.d=DOMAIN header.s=google;\r\n\t\
    spf=pass (all of it) smtp.mailfrom=DOMAIN;\r\n\tdmarc=pass header.from=DOMAIN\r\n";
const WRONG: &str = "Authentication-Results: mx.operator.example; spf=pass smtp.mailfrom=DOMAIN; dkim=pass header.d=DOMAIN;\r\n \
    dmarc=fail header.from=DOMAIN\r\n";

/// Leads the names of servers to the ports of this machine, where they are not cut off.
struct Wires {
    places: [(&'static str, u16, SocketAddr); 3],
    root: String,
    cut: Mutex<Option<&'static str>>,
    /// Whom somebody could not reach.
    missed: Mutex<Vec<String>>,
}

impl Wires {
    fn cut(&self, host: Option<&'static str>) {
        *self.cut.lock().unwrap() = host;
    }

    fn has_missed(&self, host: &str) -> bool {
        self.missed.lock().unwrap().iter().any(|one| one == host)
    }
}

#[async_trait]
impl Dial for Wires {
    async fn dial(&self, host: &str, port: u16) -> io::Result<TcpStream> {
        if self.cut.lock().unwrap().is_some_and(|cut| cut == host) {
            self.missed.lock().unwrap().push(host.to_owned());
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let place = self.places.iter().find(|(name, number, _)| (*name, *number) == (host, port));
        TcpStream::connect(place.ok_or(io::ErrorKind::NotFound)?.2).await
    }

    fn roots(&self) -> Option<String> {
        Some(self.root.clone())
    }
}

/// A stage whose operator has a mailbox for first mails.
struct Probed {
    stage: Stage,
    wires: Arc<Wires>,
    relay: Arc<Relay>,
}

impl Probed {
    async fn new(on_top: &str) -> Option<Self> {
        let dovecot = Dovecot::start()?;
        dovecot.keeper("operator")(&[(MAILBOX.to_owned(), Some(PASSWORD.to_owned()))]);
        let places = [
            ("smtp.gmail.com", 465, dovecot.smtps),
            ("smtp.office365.com", 587, dovecot.smtp),
            (IMAP, 993, dovecot.imaps),
        ];
        let (cut, missed, root) = (Mutex::default(), Mutex::default(), dovecot.root.clone());
        let (wires, relay) = (Arc::new(Wires { places, root, cut, missed }), dovecot.relay.clone());
        relay.write_on_top(on_top);
        let secret = dovecot.keep("probe", PASSWORD);
        let change = |text| {
            let file = secret.display();
            own_dns(text)
                + &format!(
                    "\n[probe]\nmailbox = \"{MAILBOX}\"\nauthserv_id = \"mx.operator.example\"\nimap_host = \"{IMAP}\"\n\
                     password = {{ file = \"{file}\" }}\nfolders = [\"INBOX\", \"Junk\"]\n"
                )
        };
        let stage = Stage::with(dovecot, change, wires.clone()).await;
        Some(Self { stage, wires, relay })
    }

    /// An order of one name, at Google.
    async fn place(&self, rig: &Rig) -> String {
        let mut body = order_body(&[GOOGLE]);
        body["sequencer"]["api_key"] = doubles::smartlead::API_KEY.into();
        rig.place(&body).await
    }

    async fn pass_until(&self, rig: &Rig, id: &str, is_so: impl Fn() -> bool) {
        for _ in 0..MINUTES {
            if is_so() {
                return;
            }
            self.stage.a_minute(rig).await;
        }
        let (order, timeline) = (rig.order(id).await, rig.call("GET", &format!("/orders/{id}/timeline"), None).await);
        panic!("it is never so: {} mails were taken; {order:#}\n{:#}", self.relay.taken(), timeline.body);
    }

    async fn minutes(&self, count: usize) {
        for _ in 0..count {
            self.stage.a_minute(&self.stage.live.rig).await;
        }
    }

    /// The check of a domain of an order.
    async fn check(&self, rig: &Rig, id: &str, number: usize) -> Value {
        let domain = rig.order(id).await["domains"][number]["id"].as_str().unwrap().to_owned();
        let answer = rig.call("GET", &format!("/domains/{domain}/evidence"), None).await;
        let checks = answer.body["data"]["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|one| one["check"] == "first_mail").unwrap()
    }
}

fn reason(check: &Value) -> &str {
    check["reason"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_sent_and_read_and_shown_before_a_domain_is_connected() {
    // What a stranger has written below counts for nothing.
    let Some(probed) = Probed::new(&format!("{RIGHT}{WRONG}")).await else { return };
    let (stage, rig) = (&probed.stage, &probed.stage.live.rig);
    let mut body = order_body(&[GOOGLE, MICROSOFT]);
    body["sequencer"]["api_key"] = doubles::smartlead::API_KEY.into();
    let id = rig.place(&body).await;
    stage.until(&id, "completed").await;
    for number in 0..2 {
        let check = probed.check(rig, &id, number).await;
        assert_eq!(check["verdict"], "passed", "{check:#}");
        let seen = &check["seen"][0];
        assert_eq!(seen["answered_by"], "mx.operator.example (at imap.operator.example)", "{seen:#}");
        assert!(seen["answer"][0].as_str().unwrap().contains("dmarc=pass"), "{seen:#}");
    }
    assert_eq!(probed.relay.taken(), 2, "one of each domain");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_domain_whose_mail_is_not_found_right_is_not_connected_whatever_others_write() {
    let stranger = RIGHT.replace("mx.operator", "mx.stranger");
    let Some(probed) = Probed::new(&format!("{stranger}{WRONG}{RIGHT}")).await else { return };
    let rig = &probed.stage.live.rig;
    let id = probed.place(rig).await;
    probed.pass_until(rig, &id, || probed.relay.taken() == 1).await;
    probed.minutes(10).await;
    let check = probed.check(rig, &id, 0).await;
    assert_eq!(check["verdict"], "failed", "{check:#}");
    assert!(reason(&check).contains("DMARC does not pass"), "{check:#}");
    assert_eq!((rig.order(&id).await["status"].as_str(), probed.relay.taken()), (Some("in_progress"), 1));
    probed.relay.write_on_top(&stranger);
    probed.pass_until(rig, &id, || probed.relay.taken() == 2).await;
    probed.minutes(3).await;
    let check = probed.check(rig, &id, 0).await;
    assert_eq!(check["verdict"], "unknown", "{check:#}");
    assert!(reason(&check).contains("probe.authserv_id"), "{check:#}");
    assert_eq!(rig.order(&id).await["status"], "in_progress");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_the_mailbox_is_away_nothing_is_known_and_no_other_mail_is_sent() {
    let Some(probed) = Probed::new(RIGHT).await else { return };
    let rig = &probed.stage.live.rig;
    probed.wires.cut(Some(IMAP));
    let id = probed.place(rig).await;
    probed.pass_until(rig, &id, || probed.relay.taken() == 1).await;
    probed.minutes(40).await;
    let check = probed.check(rig, &id, 0).await;
    assert_eq!(check["verdict"], "unknown", "{check:#}");
    assert!(reason(&check).contains("could not be asked"), "{check:#}");
    assert_eq!((rig.order(&id).await["status"].as_str(), probed.relay.taken()), (Some("in_progress"), 1));
    probed.wires.cut(None);
    probed.stage.until(&id, "completed").await;
    assert_eq!(probed.relay.taken(), 1);
}

/// Lets a worker that has just answered meet its fate, once this is so.
struct Fated {
    fate: Fate,
    is_so: Box<dyn Fn() -> bool + Send + Sync>,
    met: Mutex<bool>,
}

impl Probe for Fated {
    fn fate(&self, _: &str, step: StepName, point: Point) -> Fate {
        let mut met = self.met.lock().unwrap();
        if *met || (step, point) != (StepName::ConfirmReady, Point::AfterCall) || !(self.is_so)() {
            return Fate::Live;
        }
        *met = true;
        self.fate
    }
}

/// A worker puts the mail down, and meets this fate at the end of the try that is to send it; another process goes on.
async fn fated(probed: &Probed, fate: Fate, is_so: impl Fn() -> bool + Send + Sync + 'static) {
    let probe = Arc::new(Fated { fate, is_so: Box::new(is_so), met: Mutex::default() });
    let rig = probed.stage.live.another(Some(probe.clone())).await;
    let id = probed.place(&rig).await;
    probed.pass_until(&rig, &id, || *probe.met.lock().unwrap()).await;
    probed.wires.cut(None);
    let next = probed.stage.live.restart().await;
    let before = probed.relay.taken();
    for _ in 0..10 {
        probed.stage.a_minute(&next).await;
    }
    assert_eq!(probed.relay.taken(), before, "{fate:?}: whatever was put down is waited for");
    probed.stage.until_at(&next, &id, "completed").await;
    assert_eq!(probed.relay.taken(), 1, "{fate:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_dies_before_it_is_sent_leaves_word_of_it_and_it_is_sent_once() {
    let Some(probed) = Probed::new(RIGHT).await else { return };
    probed.wires.cut(Some("smtp.gmail.com"));
    let wires = probed.wires.clone();
    fated(&probed, Fate::Die, move || wires.has_missed("smtp.gmail.com")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_dies_after_it_was_sent_or_forgets_it_has_none_sent_twice() {
    for fate in [Fate::Die, Fate::Repeat] {
        let Some(probed) = Probed::new(RIGHT).await else { return };
        let relay = probed.relay.clone();
        fated(&probed, fate, move || relay.taken() == 1).await;
    }
}

/// What the doctor says where the mailbox is on this machine.
async fn examined(data: &Path, dovecot: &Dovecot, port: u16, password: &Path) -> Said {
    let mut command = mailwright(data);
    command.arg("doctor").env("SSL_CERT_FILE", dovecot.keep("root", &dovecot.root));
    command.env("MAILWRIGHT_PROBE__MAILBOX", MAILBOX).env("MAILWRIGHT_PROBE__AUTHSERV_ID", "mx.operator.example");
    command.env("MAILWRIGHT_PROBE__IMAP_HOST", "localhost").env("MAILWRIGHT_PROBE__IMAP_PORT", port.to_string());
    command.env("MAILWRIGHT_PROBE__PASSWORD__FILE", password);
    doctor::asked(command).await
}

#[tokio::test]
async fn the_doctor_finds_a_mailbox_that_is_away_or_lets_nobody_in_until_it_does() {
    let Some(dovecot) = Dovecot::start() else { return };
    dovecot.keeper("operator")(&[(MAILBOX.to_owned(), Some(PASSWORD.to_owned()))]);
    let ((_folder, data), port) = (doctor::left().await, dovecot.imaps.port());
    let (right, wrong) = (dovecot.keep("right", PASSWORD), dovecot.keep("wrong", "another-password"));
    examined(&data, &dovecot, 1, &right).await.finds(&["probe mailbox"], &["does not answer", "probe.imap_port"]);
    let refused = examined(&data, &dovecot, port, &wrong).await;
    refused.finds(&["probe mailbox"], &["probe.password"]);
    let said = examined(&data, &dovecot, port, &right).await;
    said.finds(&[], &[]);
    assert_eq!(said.state("probe mailbox"), "ok");
}
