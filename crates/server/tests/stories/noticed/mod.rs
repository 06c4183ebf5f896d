//! What only the operator can mend: seen in notices, metrics and the doctor's report, told to the operator's webhook, and gone
//! when it is mended.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use engine::signature;
use model::clock::{Clock as _, DAY, HOUR, MINUTE, MachineByHand, SECOND};
use model::id::Id as _;
use model::notice::{Notice, NoticeKind};
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::roles::{Part, Reachable, Sequencer, SequencerLogin};
use providers::trouble::Trouble;
use secrecy::SecretString;
use serde_json::{Value, json};
use server::notices::Lookout;
use server::operator::Entrance;
use server::timekeeper::{Steps, Timekeeper};
use store::notices::{self, Filter};

use crate::program::{client, mailwright};
use crate::support::courier::Sent;
use crate::support::{Rig, order_body};

mod accounts;
mod bounds;
mod certificates;
mod judged;
mod on_a_full_disk;
mod shared;
mod vendors;

/// Where the operator wants to be told: inside their own network.
const WEBHOOK: &str = "http://10.0.0.7/mailwright";

/// A server with somebody who looks after it.
struct Watched {
    rig: Rig,
    lookout: Lookout,
    /// Where the operator's listener is.
    operator: String,
}

impl Watched {
    async fn new() -> Self {
        Self::on(Rig::sqlite().await, Arc::default()).await
    }

    async fn on(mut rig: Rig, steps: Arc<Steps>) -> Self {
        rig.config.operator.webhook_url = WEBHOOK.into();
        rig.config.operator_listen = "127.0.0.1:0".into();
        // The folder of a test, and what is in it, is as wide as the system makes it.
        let own = |path: &std::path::Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700));
        own(rig.folder.path()).expect("the folder is ours");
        for entry in std::fs::read_dir(rig.folder.path()).expect("a folder").flatten() {
            own(&entry.path()).expect("the file is ours");
        }
        let lookout = Lookout::new(&rig.config, &rig.wired, steps).expect("a secret is made");
        let entrance = Entrance::open(&rig.config).await.expect("a port").expect("a listener");
        let operator = format!("http://{}", entrance.address().expect("an address"));
        tokio::spawn(entrance.serving(&rig.config, &rig.wired).expect("a token is made"));
        Self { rig, lookout, operator }
    }

    fn secret(&self) -> SecretString {
        let file = self.rig.config.webhook_secret_file();
        std::fs::read_to_string(file).expect("a secret").trim().to_owned().into()
    }

    /// What the operator's listener answers.
    async fn ask(&self, path: &str) -> String {
        let token = std::fs::read_to_string(self.rig.config.operator_token_file()).expect("a token");
        let request = client().get(format!("{}{path}", self.operator)).bearer_auth(token.trim());
        request.send().await.expect("an answer").text().await.expect("text")
    }

    /// The kinds of what is open, by the operator's listener.
    async fn open(&self) -> Vec<String> {
        let answer: Value = serde_json::from_str(&self.ask("/notices?limit=1000").await).expect("JSON");
        assert_eq!(answer["complete"], true);
        let mut kinds: Vec<_> =
            answer["data"].as_array().expect("notices").iter().map(|one| text(&one["kind"])).collect();
        kinds.sort_unstable();
        kinds
    }

    async fn rows(&self, is_open: Option<bool>) -> Vec<Notice> {
        let mut db = self.rig.wired.store.read().await.expect("it can be read");
        notices::list(&mut db, &Filter { is_open, before: None }, 1_000).await.expect("notices")
    }

    /// What the webhook was told: the event's type and the notice's kind.
    fn told(&self) -> Vec<(String, String)> {
        let of = |sent: &Sent| (sent.kind(), text(&sent.event()["data"]["kind"]));
        self.sent().iter().map(of).collect()
    }

    fn sent(&self) -> Vec<Sent> {
        self.rig.courier.sent().into_iter().filter(|sent| sent.url == WEBHOOK).collect()
    }

    /// Looks a moment later: what was found at the very same moment, a look does not know better.
    async fn look(&mut self) -> Vec<String> {
        self.later(1).await
    }

    async fn later(&mut self, micros: i64) -> Vec<String> {
        self.rig.clock.advance(micros);
        self.lookout.look().await;
        self.open().await
    }

    /// What the doctor says of notices, beside the running server: whether all is well, and what it has seen.
    async fn doctor(&self) -> (bool, String) {
        let mut command = mailwright(self.rig.folder.path());
        command.env("MAILWRIGHT_DATABASE_URL", &self.rig.config.database_url).args(["doctor", "--format", "json"]);
        let output = command.output().await.expect("it runs");
        let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let checks = said["checks"].as_array().expect("checks");
        let check = checks.iter().find(|check| check["name"] == "notices").expect("a check");
        (check["state"] == "ok", text(&check["seen"]))
    }

    /// Whether everybody sees these kinds, each once, and nothing else: the listener, the metrics, the doctor.
    async fn everybody_sees(&self, kinds: &[&str]) {
        assert_eq!(self.open().await, kinds);
        for kind in NoticeKind::ALL {
            let count = kinds.iter().filter(|one| **one == kind.as_str()).count();
            self.shows(&format!("mailwright_open_notices{{kind=\"{}\"}} {count}\n", kind.as_str())).await;
        }
        let (is_well, seen) = self.doctor().await;
        assert_eq!(is_well, kinds.is_empty(), "{seen}");
        assert!(kinds.iter().all(|kind| seen.contains(&format!("1 {kind}"))), "{kinds:?} in {seen}");
    }

    /// Waits until the metrics say so: they are looked at every five seconds at most.
    async fn shows(&self, series: &str) {
        while !self.ask("/metrics").await.contains(series) {}
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(event, kind)| ((*event).to_owned(), (*kind).to_owned())).collect()
}

/// A sequencer that can be switched off: then nobody knows what came of a call.
struct Silent {
    behind: Player<dyn Sequencer>,
    is_silent: AtomicBool,
}

#[async_trait]
impl Sequencer for Silent {
    async fn ensure_linked(
        &self,
        call: &Call,
        login: &SequencerLogin,
        inboxes: &[Reachable],
    ) -> Part<(String, String)> {
        if self.is_silent.load(Ordering::Relaxed) {
            return Part { done: vec![], trouble: Some(Trouble::Unknown) };
        }
        self.behind.ensure_linked(call, login, inboxes).await
    }

    async fn ensure_unlinked(&self, call: &Call, login: &SequencerLogin, emails: &[String]) -> Result<(), Trouble> {
        self.behind.ensure_unlinked(call, login, emails).await
    }
}

/// The same server, whose sequencer says nothing until it is told to.
fn silence(rig: &mut Rig) -> Arc<Silent> {
    let cast = rig.wired.sim.cast();
    let silent = Arc::new(Silent { behind: cast.sequencer.clone(), is_silent: AtomicBool::new(true) });
    rig.employ(Cast { sequencer: Player::new("sandbox", silent.clone()), ..cast }, None);
    silent
}

#[tokio::test]
async fn a_provider_that_says_nothing_for_an_hour_is_seen_and_forgotten_when_it_answers() {
    let mut watched = Watched::new().await;
    let silent = silence(&mut watched.rig);
    let order = watched.rig.place(&order_body(&["acme-one.com"])).await;
    watched.rig.work_off().await;
    assert_eq!(watched.look().await, [""; 0], "one call says nothing yet");
    let began = watched.rig.clock.now();
    while watched.rig.clock.now() < began.plus(HOUR) {
        let due = watched.rig.next_due().await.expect("it is tried again");
        watched.rig.clock.set(due);
        watched.rig.work_off().await;
        watched.look().await;
    }
    watched.everybody_sees(&["account_refuses", "step_parked"]).await;
    let rows = watched.rows(None).await;
    let of = |kind: &str| rows.iter().find(|row| row.finding.kind.as_str() == kind).expect("it").finding.clone();
    assert_eq!(of("account_refuses").subject, "sandbox/sequencer");
    let parked = of("step_parked");
    for word in ["link_sequencer", "acme-one.com", &order, "did not answer clearly"] {
        assert!(parked.message.contains(word), "{word} in {}", parked.message);
    }
    assert!(parked.todo.contains(&format!("mailwright orders show {order}")), "{}", parked.todo);
    assert_eq!(parked.partner, Some(watched.rig.partner.id.clone()));
    watched.shows("mailwright_provider_calls_total{account=\"sandbox\",role=\"sequencer\",outcome=\"unknown\"}").await;

    silent.is_silent.store(false, Ordering::Relaxed);
    watched.rig.settle_all().await;
    assert_eq!(watched.rig.order(&order).await["status"], "completed");
    assert_eq!(watched.look().await, [""; 0]);
    let closed: BTreeMap<_, _> = watched.rows(None).await.into_iter().map(|row| (row.id, row.closed_at)).collect();
    assert_eq!((closed.len(), closed.values().flatten().count()), (2, 2), "each was opened once, and is closed");
    let expected = [
        ("notice.opened", "account_refuses"),
        ("notice.opened", "step_parked"),
        ("notice.closed", "account_refuses"),
        ("notice.closed", "step_parked"),
    ];
    let mut told = watched.told();
    told[2..].sort();
    assert_eq!(told, pairs(&expected));
    watched.everybody_sees(&[]).await;
}

#[tokio::test]
async fn what_the_webhook_is_told_is_signed_as_partners_are_told() {
    let mut watched = Watched::new().await;
    let wide = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(watched.rig.folder.path(), wide).expect("the folder is ours");
    assert_eq!(watched.look().await, ["file_modes"]);
    let opened = watched.rig.clock.now();
    assert_eq!(watched.look().await, ["file_modes"]);
    assert_eq!(watched.told().len(), 1, "once");
    let (sent, secret) = (watched.sent().remove(0), watched.secret());
    let at = sent.headers["webhook-timestamp"].parse().expect("a number");
    let id = sent.headers["webhook-id"].clone();
    assert!(signature::verify_standard(&secret, &id, at, &sent.body, &sent.headers["webhook-signature"]));
    assert!(signature::verify_peeker(&secret, at, &sent.body, &sent.headers["peeker-signature"]));
    let (event, row) = (sent.event(), watched.rows(None).await.remove(0));
    assert_eq!((text(&event["id"]), text(&event["data"]["id"])), (id, row.id.as_str().to_owned()));
    assert_eq!(event["data"]["status"], "open");
    assert!(event["data"]["todo"].as_str().expect("text").contains("chmod"), "{event}");

    watched.rig.clock.set(opened.plus(DAY - 2));
    watched.look().await;
    assert_eq!(watched.told().len(), 1);
    watched.look().await;
    watched.later(HOUR).await;
    assert_eq!(watched.told()[1..], pairs(&[("notice.reminded", "file_modes")]), "once a day");
    let own = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(watched.rig.folder.path(), own).expect("the folder is ours");
    assert_eq!(watched.look().await, [""; 0]);
    assert_eq!(watched.told()[2..], pairs(&[("notice.closed", "file_modes")]));
    let closed = watched.sent().remove(2).event();
    assert_eq!((&closed["data"]["status"], closed["data"]["closed_at"].is_string()), (&json!("closed"), true));
}

#[tokio::test]
async fn a_webhook_that_does_not_answer_is_tried_again_and_is_a_notice_of_its_own() {
    let mut watched = Watched::new().await;
    watched.rig.courier.answer(WEBHOOK, 500);
    let wide = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(watched.rig.folder.path(), wide).expect("the folder is ours");
    watched.look().await;
    for (gap, attempts) in [(10 * SECOND - 1, 1), (1, 2), (MINUTE, 3), (10 * MINUTE, 4), (2 * HOUR, 5), (5 * HOUR, 5)] {
        let open = watched.later(gap).await;
        assert_eq!(
            (watched.told().len(), open),
            (attempts, vec!["file_modes".into(), "operator_webhook_fails".into()])
        );
    }
    let ids: std::collections::BTreeSet<_> =
        watched.sent().iter().map(|sent| sent.headers["webhook-id"].clone()).collect();
    assert_eq!(ids.len(), 1, "the same event each time");
    watched.rig.courier.answer(WEBHOOK, 204);
    watched.later(DAY).await;
    assert_eq!(watched.look().await, ["file_modes"], "what arrives ends it");
    assert_eq!(watched.told()[5..], pairs(&[("notice.reminded", "file_modes")]));
}

#[tokio::test]
async fn an_endpoint_that_has_gone_is_told_until_it_is_switched_on_again() {
    let mut watched = Watched::new().await;
    let (endpoint, _) = watched.rig.endpoint("https://acme.com/hook").await;
    watched.rig.courier.answer("https://acme.com/hook", 410);
    watched.rig.place(&order_body(&["acme-one.com"])).await;
    watched.rig.settle_all().await;
    watched.look().await;
    watched.everybody_sees(&["endpoint_disabled"]).await;
    let row = watched.rows(None).await.remove(0).finding;
    assert_eq!((row.subject.as_str(), row.partner), (endpoint.id.as_str(), Some(watched.rig.partner.id.clone())));
    assert!(row.message.contains("410 Gone"), "{}", row.message);
    watched.rig.courier.answer("https://acme.com/hook", 200);
    let path = format!("/webhook_endpoints/{}", endpoint.id);
    let answer = watched.rig.call("PATCH", &path, Some(&json!({ "status": "active" }))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    watched.look().await;
    watched.everybody_sees(&[]).await;
}

#[tokio::test]
async fn a_clock_that_was_put_somewhere_else_is_told_for_an_hour() {
    let machine = MachineByHand::at(crate::support::NOW);
    let rig = Rig::sqlite().await;
    let steady = server::timekeeper::clock(&rig.wired.store, Arc::new(machine.clone())).await.expect("a clock");
    let mut keeper = Timekeeper::new(steady, rig.wired.store.clone());
    keeper.begin().await.expect("it can write");
    let mut watched = Watched::on(rig, keeper.steps()).await;
    assert_eq!(watched.look().await, [""; 0]);
    machine.wall.advance(3 * HOUR);
    keeper.look().await.expect("it can write");
    watched.rig.clock.advance(3 * HOUR);
    watched.look().await;
    watched.everybody_sees(&["clock_step"]).await;
    let message = watched.rows(None).await.remove(0).finding.message;
    assert!(message.contains("forward by 10800 seconds"), "{message}");
    // One of the same machine that began later knows nothing of it, and so does not know that it is over.
    let rig = watched.rig.another(None).await;
    let mut other = Lookout::new(&rig.config, &rig.wired, Arc::default()).expect("the secret is there");
    for _ in 0..3 {
        rig.clock.advance(1);
        other.look().await;
        assert_eq!(watched.look().await, ["clock_step"]);
    }
    assert_eq!(watched.rows(None).await.len(), 1);
    assert_eq!(watched.later(HOUR - 2 * SECOND).await, ["clock_step"]);
    watched.later(2 * SECOND).await;
    watched.everybody_sees(&[]).await;
}

#[tokio::test]
async fn a_backup_gets_too_old_and_is_made() {
    let mut watched = Watched::new().await;
    assert_eq!(watched.later(7 * DAY).await, [""; 0]);
    assert_eq!(watched.look().await, ["backup_old"]);
    let copy = watched.rig.folder.path().join("copy.db");
    watched.rig.wired.store.backup(&copy, watched.rig.clock.now()).await.expect("a copy");
    assert_eq!(watched.look().await, [""; 0]);
}

#[tokio::test]
async fn work_that_nobody_does_is_told() {
    let mut watched = Watched::new().await;
    watched.rig.place(&order_body(&["acme-one.com"])).await;
    assert_eq!(watched.later(5 * MINUTE).await, [""; 0]);
    assert_eq!(watched.look().await, ["work_waits"]);
    assert_eq!(watched.rows(None).await[0].finding.subject, "step");
    watched.rig.settle_all().await;
    assert_eq!(watched.look().await, [""; 0]);
}

#[tokio::test]
async fn a_step_that_waits_for_longer_than_usual_is_told_and_a_reset_forgets_it() {
    let mut watched = Watched::new().await;
    watched.rig.place(&order_body(&["pending-hours-acme.com"])).await;
    watched.rig.work_off().await;
    assert_eq!(watched.later(HOUR).await, [""; 0], "hours are usual here");
    // Nobody works on it meanwhile, so that it waits for ever.
    assert_eq!(watched.later(DAY).await, ["purchase_unclear", "step_overdue", "work_waits"]);
    let reset = watched.rig.call("POST", "/test/reset", Some(&json!({}))).await;
    assert_eq!(reset.status, 200, "{}", reset.body);
    let open = watched.look().await;
    assert!(!open.contains(&"step_overdue".to_owned()), "{open:?}");
}
