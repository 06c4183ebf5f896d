//! The same of the program itself: what it writes, what it tells a collector of traces, and what the list of processes shows of it. It
//! goes as far as names are bought and zones are made; whom they are delegated to it would have to see on the internet.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{SEEN, plant_what_was_sent, planted, shows};
use crate::live::houses::Houses;
use crate::live::stage::Live;
use crate::program::{Running, client, greeted, json as told, mailwright};
use crate::support::collector::{Listening, Told, collector};
use crate::support::order_body;

const COLLECTORS_KEY: &str = "hunter3-collector";
/// What must not hang gets this long.
const PATIENCE: Duration = Duration::from_secs(120);

/// Tenants and vendors whose clocks show what the machine's does.
#[expect(clippy::disallowed_methods, reason = "the program that is asked by them goes by the machine's clock")]
async fn vendors() -> (Live, Houses) {
    let houses = Houses::new(1).await;
    let live = houses.live(|usual| usual).await;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let now = i64::try_from(now).unwrap();
    (houses.clocks())(now);
    live.namecom.reach(now);
    live.dnsimple.reach(now);
    (live, houses)
}

/// A server that writes everything it can, into a file.
async fn serve(folder: &Path, live: &Live, collector: &Listening<Told>) -> Running {
    std::fs::write(folder.join("headers"), format!("x-collector-key: {COLLECTORS_KEY}\n")).unwrap();
    let rights = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(folder.join("headers"), rights).unwrap();
    std::fs::write(folder.join("served.toml"), live.configured()).unwrap();
    let mut command = mailwright(&folder.join("data"));
    command
        .args(["serve", "--config"])
        .arg(folder.join("served.toml"))
        .env("MAILWRIGHT_LOG", "trace")
        .env("MAILWRIGHT_TRACES__ENDPOINT", &collector.url)
        .env("MAILWRIGHT_TRACES__HEADERS_FILE", folder.join("headers"))
        .stdout(Stdio::piped())
        .stderr(File::create(folder.join("log")).unwrap());
    greeted(command.spawn().unwrap(), true).await
}

/// How often the log is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Places an order with a live key.
async fn ordered(folder: &Path, running: &Running) {
    let config = folder.join("served.toml");
    let whose = ["keys", "create", "--partner", "Sandbox", "--environment", "live", "--preset", "full"];
    let made = told(&folder.join("data"), &[&["--config", config.to_str().unwrap()], &whose[..]].concat()).await;
    let mut body = order_body(&[SEEN, "acme-other-4711.com"]);
    body["sequencer"] = json!({ "provider": "smartlead", "api_key": doubles::smartlead::API_KEY });
    let key = made["key"].as_str().unwrap_or_else(|| panic!("{made}"));
    let request = client().post(format!("{}/orders", running.api)).bearer_auth(key).json(&body);
    let answer = request.send().await.unwrap();
    let (status, said) = (answer.status(), answer.json::<Value>().await.unwrap());
    assert_eq!(status.as_u16(), 200, "{said}");
}

#[tokio::test]
async fn what_opens_something_stands_in_no_log_trace_or_list_of_processes() {
    let folder = tempfile::tempdir().unwrap();
    let (live, houses) = vendors().await;
    let collector = collector(COLLECTORS_KEY).await;
    let mut running = serve(folder.path(), &live, &collector).await;
    ordered(folder.path(), &running).await;
    let asked = |all: &[Told], account: &str| all.iter().any(|span| span.fields.values().any(|value| value == account));
    let both = collector.until(|all| ["first", "second"].iter().all(|account| asked(all, account)));
    let spans = tokio::time::timeout(PATIENCE, both).await.expect("the vendors are asked before long");
    // What it does is told to the log apart from the collector, and a program that is killed tells nothing any more.
    let logged = async {
        let log = folder.path().join("log");
        while !std::fs::read_to_string(&log).unwrap_or_default().contains(SEEN) {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, logged).await.expect("the log tells of it before long");
    let process = Path::new("/proc").join(running.child.id().unwrap().to_string());
    let shown = ["cmdline", "environ"].map(|file| std::fs::read(process.join(file)).unwrap()).concat();
    running.child.kill().await.unwrap();
    let mut planted = planted();
    plant_what_was_sent(&mut planted, &live, &houses);
    planted.plant("the collector's key", COLLECTORS_KEY);
    let log = std::fs::read(folder.path().join("log")).unwrap();
    shows("the log", &log);
    let mut found = planted.found("the log", &log);
    found.extend(planted.found("the list of processes", &shown));
    found.extend(planted.found("the traces", format!("{spans:?}").as_bytes()));
    found.extend(planted.found_in(&folder.path().join("data")));
    assert_eq!(found, [] as [String; 0]);
}
