//! Our own redirect servers: an order's web addresses as whoever opens them is led on, from every process.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use model::clock::DAY;
use reqwest::redirect::Policy;
use serde_json::json;
use server::config::{Config, Flags};
use server::redirect_servers::{self, RedirectServer};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::program::{mailwright, refused, run};
use crate::support::{Rig, order_body};

mod at_a_vendor;
mod certified;
#[path = "../../../../edge/tests/support/judge.rs"]
mod judge;
#[path = "../../../../edge/tests/redirect/pebble.rs"]
#[expect(dead_code, reason = "other tests of the same authority ask more of it")]
mod pebble;
#[path = "../../../../edge/tests/support/mod.rs"]
pub(crate) mod support;

/// A redirect server of a rig, leading on until it is dropped.
struct Leading {
    /// Where it listens: over HTTP, then over HTTPS.
    addresses: Vec<SocketAddr>,
    _stop: DropGuard,
}

/// The sandbox's, with settings.
fn leading_with(rig: &Rig, set: impl FnOnce(&mut Config)) -> Leading {
    let mut config = rig.config.clone();
    set(&mut config);
    let place = redirect_servers::places(&config).expect("free ports").pop().expect("a place");
    let server = RedirectServer::new(place, &config, &rig.wired).expect("it can be");
    let port = |text: &String| text.split_once("//").expect("a scheme").1.parse().expect("an address");
    let addresses = server.addresses().iter().map(port).collect();
    let stop = CancellationToken::new();
    tokio::spawn(server.run(stop.clone()));
    Leading { addresses, _stop: stop.drop_guard() }
}

fn leading(rig: &Rig) -> Leading {
    leading_with(rig, |config| "127.0.0.1:0".clone_into(&mut config.sandbox.redirect_listen))
}

/// Somebody with a browser to whom these names lead here.
struct Visitor(reqwest::Client);

impl Visitor {
    fn new(names: &[&str]) -> Self {
        Self::who_trusts(names, None)
    }

    /// The same, who believes certificates of this authority alone.
    fn who_trusts(names: &[&str], root: Option<&[u8]>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder().redirect(Policy::none()).no_proxy();
        for name in names {
            builder = builder.resolve(name, "127.0.0.1:0".parse().expect("an address"));
        }
        if let Some(root) = root {
            let root = reqwest::Certificate::from_pem(root).expect("a certificate");
            builder = builder.tls_certs_only([root]);
        }
        Self(builder.build().expect("a client"))
    }

    /// What is answered: a status, and where it leads.
    async fn open(&self, url: &str) -> reqwest::Result<(u16, Option<String>)> {
        let response = self.0.get(url).send().await?;
        let location = response.headers().get("location").map(|to| to.to_str().expect("an address").to_owned());
        Ok((response.status().as_u16(), location))
    }

    /// Opens it until the answer is this one.
    async fn open_until(&self, url: &str, expected: (u16, Option<&str>)) {
        let opening = async {
            loop {
                let answer = self.open(url).await;
                if answer.is_ok_and(|(status, to)| (status, to.as_deref()) == expected) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        let opened = tokio::time::timeout(Duration::from_secs(60), opening).await;
        opened.unwrap_or_else(|_| panic!("{url} is not answered with {expected:?}"));
    }
}

/// What is answered where a site is led on, and where there is none.
const fn to(target: &str) -> (u16, Option<&str>) {
    (301, Some(target))
}
const NOBODY: (u16, Option<&str>) = (404, None);

#[tokio::test]
async fn an_orders_web_address_leads_on_while_the_order_lasts() {
    let rig = Rig::sqlite().await;
    let leading = leading(&rig);
    let http = leading.addresses[0].port();
    let visitor = Visitor::new(&["acme-one.com", "www.acme-one.com", "other.com"]);
    let url = |host: &str, path: &str| format!("http://{host}:{http}{path}");
    visitor.open_until(&url("acme-one.com", "/"), NOBODY).await;
    let id = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    visitor.open_until(&url("acme-one.com", "/a?b=c"), to("https://acme.com/a?b=c")).await;
    visitor.open_until(&url("www.acme-one.com", "/"), to("https://acme.com/")).await;
    assert_eq!(visitor.open(&url("other.com", "/")).await.unwrap(), (404, None));

    let body = json!({ "domains": ["acme-one.com"], "forwarding_url": "https://acme.com/offer" });
    assert_eq!(rig.call("POST", "/domains/forwarding", Some(&body)).await.status, 202);
    rig.settle_all().await;
    visitor.open_until(&url("acme-one.com", "/"), to("https://acme.com/offer/")).await;

    rig.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({}))).await;
    rig.advance(32 * DAY).await;
    assert_eq!(rig.order(&id).await["status"], "cancelled");
    visitor.open_until(&url("acme-one.com", "/"), NOBODY).await;
}

#[tokio::test]
async fn a_world_that_is_left_leads_nowhere() {
    let rig = Rig::sqlite().await;
    let leading = leading(&rig);
    let (visitor, url) =
        (Visitor::new(&["acme-one.com"]), format!("http://acme-one.com:{}/", leading.addresses[0].port()));
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    visitor.open_until(&url, to("https://acme.com/")).await;
    assert_eq!(rig.call("POST", "/test/reset", None).await.status, 200);
    visitor.open_until(&url, NOBODY).await;
}

#[tokio::test]
async fn what_one_process_changes_another_one_leads_on() {
    let Some(rig) = Rig::postgres().await else { return };
    let other = rig.another(None).await;
    let leading = leading_with(&other, |config| {
        "127.0.0.1:0".clone_into(&mut config.sandbox.redirect_listen);
        config.redirect.status = 302;
        config.redirect.keep_path = false;
    });
    let (visitor, url) =
        (Visitor::new(&["acme-one.com"]), format!("http://acme-one.com:{}/path", leading.addresses[0].port()));
    let id = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    visitor.open_until(&url, (302, Some("https://acme.com/"))).await;
    rig.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({}))).await;
    rig.advance(32 * DAY).await;
    visitor.open_until(&url, NOBODY).await;
}

#[tokio::test]
async fn the_program_says_where_it_leads_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut serving = mailwright(&data);
    serving.arg("serve").env("MAILWRIGHT_SANDBOX__REDIRECT_LISTEN", "127.0.0.1:0").stdout(Stdio::piped());
    let mut child = serving.spawn().expect("the server starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let address: SocketAddr = loop {
        let line = lines.next_line().await.expect("text").expect("it says where it leads on");
        if let Some(address) = line.trim().strip_prefix("redirect test http://") {
            break address.trim().parse().expect("an address");
        }
    };
    let visitor = Visitor::new(&["acme-one.com"]);
    visitor.open_until(&format!("http://acme-one.com:{}/", address.port()), NOBODY).await;
    // Whoever waits for the first key would wait for a pipe that is full.
    while let Ok(Some(line)) = lines.next_line().await {
        if line.trim().starts_with("pk_test_") {
            break;
        }
    }
    child.kill().await.expect("killed");
}

#[test]
fn everything_that_is_wrong_with_its_settings_is_told_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mailwright.toml");
    let problems = |said: &str| {
        std::fs::write(&file, said).expect("a file");
        Config::load(Some(&file), &Flags::default()).err().unwrap_or_default()
    };
    let wrong = problems("[redirect]\nhttps_listen = [\"nowhere\"]\nstatus = 303\n");
    for words in
        ["write it as 192.0.2.1:80", "no account of kind embedded_redirect", "acme.directory is not", "neither 301"]
    {
        assert!(wrong.iter().any(|problem| problem.contains(words)), "{words}: {wrong:?}");
    }
    let own = "[accounts.web]\nkind = \"embedded_redirect\"\naddresses = \"192.0.2.1\"\n\n[redirect]\nhttp_listen = [\"127.0.0.1:0\"]\nhttps_listen = [\"127.0.0.1:0\"]\n\n[acme]\ndirectory = \"https://acme.example/directory\"\nterms_agreed = true\n";
    assert_eq!(problems(own), [""; 0]);
    let wrong = problems(&own.replace("https://acme", "http://acme").replace("192.0.2.1", "acme.com"));
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(wrong[0].starts_with("acme.directory "), "{wrong:?}");
}

#[tokio::test]
async fn a_redirect_server_that_cannot_be_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    refused(&run(&data, &["serve", "--role", "redirect"]).await, &["PostgreSQL"]);
    for (key, value, words) in [
        ("SANDBOX__REDIRECT_LISTEN", "0.0.0.0:8081", ["sandbox.redirect_listen", "127.0.0.1:8081"]),
        ("SANDBOX__HTTPS_LISTEN", "0.0.0.0:8443", ["sandbox.https_listen", "127.0.0.1:8443"]),
        (
            "SANDBOX__ACME_DIRECTORY",
            "https://acme-v02.api.letsencrypt.org/directory",
            ["sandbox.acme_directory", "localhost"],
        ),
        ("REDIRECT__HTTP_LISTEN", "[\"127.0.0.1:0\"]", ["redirect.http_listen", "embedded_redirect"]),
        ("REDIRECT__STATUS", "303", ["redirect.status", "301"]),
        ("ACME__DIRECTORY", "https://acme.example/directory", ["acme.terms_agreed", "true"]),
        ("ACME__CONTACT", "nobody", ["acme.contact", "certificates@example.com"]),
        ("ACME__ORDERS", "0", ["acme.orders", "1 to"]),
    ] {
        let output = mailwright(&data).arg("serve").env(format!("MAILWRIGHT_{key}"), value).output().await;
        refused(&output.expect("it runs"), &words);
    }
    assert!(!data.exists(), "nothing was made");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = mailwright(&data).arg("serve").env("MAILWRIGHT_SANDBOX__REDIRECT_LISTEN", &address).output().await;
    refused(&output.expect("it runs"), &["sandbox.redirect_listen", &address]);
    let mut without_root = mailwright(&data);
    without_root.arg("serve").env("MAILWRIGHT_SANDBOX__HTTPS_LISTEN", "127.0.0.1:0");
    without_root.env("MAILWRIGHT_SANDBOX__ACME_DIRECTORY", "https://localhost:14000/dir");
    without_root.env("MAILWRIGHT_SANDBOX__ACME_ROOT_FILE", folder.path().join("none.pem"));
    refused(&without_root.output().await.expect("it runs"), &["sandbox.acme_root_file", "none.pem"]);
    std::fs::write(folder.path().join("none.pem"), "").expect("written");
    for command in ["serve", "check-config"] {
        let mut empty = mailwright(&data);
        empty.arg(command).env("MAILWRIGHT_SANDBOX__HTTPS_LISTEN", "127.0.0.1:0");
        empty.env("MAILWRIGHT_SANDBOX__ACME_DIRECTORY", "https://localhost:14000/dir");
        empty.env("MAILWRIGHT_SANDBOX__ACME_ROOT_FILE", folder.path().join("none.pem"));
        let told = empty.output().await.expect("it runs");
        let error = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(told.status.code() == Some(2) && error.contains("has no certificate"), "{command}: {error}");
    }
}
