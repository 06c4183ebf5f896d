//! What opens accounts, tenants and mailboxes stands nowhere: not in the database, its log or a backup, in no answer, event or
//! webhook, and in no line that the server or what it is made of writes, however much is written.

mod search;
mod served;

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use doubles::{dnsimple, google, graph, instantly, namecom, smartlead};
use model::clock::{Clock as _, DAY, MINUTE};
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use self::search::{Planted, files};
use super::houses::Houses;
use super::stage::Live;
use crate::support::order_body;

/// A name that may be seen by everybody: what is looked at is shown to have been looked at by finding it.
const SEEN: &str = "acme-seen-4711.com";
const MICROSOFT: &str = "acme-other-4711.com";
/// In which folder the story finds out what it is to look at. Whoever has not started it for that has none.
const FOLDER: &str = "SECRETS_FOLDER";

/// Everything that is logged in this process.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Written {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What is in the configuration, and what the doubles know from the beginning.
fn planted() -> Planted {
    let mut planted = Planted::default();
    google::KEY.lines().filter(|line| !line.starts_with("---")).for_each(|line| {
        if line.len() >= 16 {
            planted.plant("the service account's key", line);
        }
    });
    planted.plant("the application's secret", graph::SECRET);
    planted.plant("name.com's token", namecom::TOKEN);
    planted.plant("DNSimple's token", dnsimple::TOKEN);
    planted.plant("Smartlead's key", smartlead::API_KEY);
    planted.plant("Smartlead's password", smartlead::LOGIN_PASSWORD);
    planted.plant("what a login says beside the key", smartlead::JWT);
    planted.plant("Instantly's key", instantly::API_KEY);
    planted
}

/// Everything that a server was sent or has sent that opens something.
fn plant_what_was_sent(planted: &mut Planted, live: &Live, houses: &Houses) {
    planted.plant_what_was_sent("sent to Google", &houses.google[0].server.asked());
    planted.plant_what_was_sent("sent to Microsoft", &houses.graph[0].server.asked());
    planted.plant_what_was_sent("sent to Smartlead", &houses.smartlead.server.asked());
    planted.plant_what_was_sent("sent to Instantly", &houses.instantly.server.asked());
    planted.plant_what_was_sent("sent to name.com", &live.namecom.server.asked());
    planted.plant_what_was_sent("sent to DNSimple", &live.dnsimple.server.asked());
}

/// Time passes, and people do what they are asked for.
async fn pass(live: &Live, houses: &Houses, rounds: usize) {
    for _ in 0..rounds {
        houses.people_act(&live.rig).await;
        for _ in 0..10 {
            live.rig.advance(MINUTE).await;
        }
    }
}

/// An order at both tenants whose mailboxes let nobody in at first, so that the sequencer says with which passwords it has tried; a
/// swap of an inbox's names; and an end.
async fn lived(live: &Live, houses: &Houses) -> String {
    let mut body = order_body(&[SEEN, MICROSOFT]);
    body["sequencer"] = json!({
        "provider": "smartlead", "login_email": smartlead::LOGIN_EMAIL, "login_password": smartlead::LOGIN_PASSWORD,
    });
    let id = live.rig.place(&body).await;
    houses.smartlead.check_with(|login| Err(format!("Invalid login: 535 {} / {}", login.username, login.secret)));
    pass(live, houses, 6).await;
    assert!(houses.smartlead.addresses().is_empty() && !houses.smartlead.server.asked().is_empty());
    houses.smartlead.check_with(|_| Ok(()));
    pass(live, houses, 12).await;
    assert_eq!(live.rig.order(&id).await["status"], "completed", "{:#}", live.rig.order(&id).await);
    houses.google[0].revoke_tokens();
    houses.graph[0].revoke_tokens();
    id
}

/// Everything that somebody with a key can ask for.
async fn answers(live: &Live, id: &str) -> String {
    let mut all = vec![];
    for path in
        ["/orders", "/domains", "/inboxes", "/users", "/events", "/orders/pending", "/ledger", "/webhook_endpoints"]
    {
        all.push(live.rig.call("GET", &format!("{path}?per_page=100"), None).await.body);
    }
    all.push(live.rig.order(id).await);
    all.push(live.rig.call("GET", &format!("/orders/{id}/timeline"), None).await.body);
    all.extend(live.rig.events().await);
    Value::Array(all).to_string()
}

/// What may be seen is found where it is, by the same search: nothing is missing there because nobody has looked.
fn shows(place: &str, bytes: &[u8]) {
    let mut seen = Planted::default();
    seen.plant("a name", SEEN);
    assert!(!seen.found(place, bytes).is_empty(), "{place} was not looked at: it does not have {SEEN}");
}

#[tokio::test]
#[ignore = "is started by the test below, alone in its process: which lines are written is remembered for all threads together"]
#[expect(clippy::disallowed_methods, reason = "a word between a test and the process that it has started")]
async fn alone() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let written = Written::default();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(written.clone()).init();
    let houses = Houses::new(1).await;
    houses.smartlead.raise_limits();
    let live = houses.live(|usual| format!("[sizing]\nmicrosoft_inboxes_per_domain = 2\n\n{usual}")).await;
    let id = lived(&live, &houses).await;
    let data = &live.rig.config.data;
    let mut found = vec![];
    let mut planted = planted();
    plant_what_was_sent(&mut planted, &live, &houses);
    assert!(planted.len() > 40, "{} secrets", planted.len());
    let backup = Path::new(&folder).join("backup.db");
    live.rig.wired.store.backup(&backup, live.rig.clock.now()).await.unwrap();
    let database: Vec<_> = files(data).into_iter().filter(|(path, _)| path.contains("mailwright.db")).collect();
    assert!(database.iter().any(|(path, _)| path.ends_with("-wal")), "{data:?} has a log beside the database");
    shows("the database", &database.iter().flat_map(|(_, bytes)| bytes.clone()).collect::<Vec<_>>());
    shows("the backup", &std::fs::read(&backup).unwrap());
    let answers = answers(&live, &id).await;
    shows("the answers", answers.as_bytes());
    found.extend(planted.found("an answer", answers.as_bytes()));
    live.rig.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({}))).await;
    live.rig.advance(40 * DAY).await;
    pass(&live, &houses, 3).await;
    found.extend(planted.found_in(data));
    found.extend(planted.found_in(Path::new(&folder)));
    let log = written.0.lock().unwrap().clone();
    shows("the log", &log);
    found.extend(planted.found("the log", &log));
    assert_eq!(found, [] as [String; 0]);
}

#[tokio::test]
async fn what_opens_something_stands_in_no_database_answer_or_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "live::secrets::alone", "--nocapture"]).env(FOLDER, folder.path());
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
