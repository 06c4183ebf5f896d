//! As many names as one vendor lets through: Cloudflare sells, serves and redirects them, and takes 1,200 requests in five
//! minutes. Its double counts them on its own clock, which goes with the server's.

use std::sync::Arc;

use async_trait::async_trait;
use doubles::cloudflare::{ACCOUNT, Cloudflare, LIMIT, TOKEN, WINDOW};
use model::clock::{Clock, HandClock, SECOND, Time};
use model::dns::RrType;
use model::task::Lane;
use providers::call::Call;
use providers::roles::{Fetched, Observer};
use providers::trouble::Trouble;
use server::accounts;
use tempfile::TempDir;

use super::stage::{body, read, with_mail};
use crate::support::{NOW, Rig};

/// As many domains as are needed to know what one costs: one check of the registrar is for twenty names.
const FEW: usize = 20;
/// How far the clock goes at once. The period in which the client counts (the vendor's, and a second) is a multiple of it, so
/// whoever is told to come back is told a beat, and nobody stands in line for real seconds.
const BEAT: i64 = 7 * SECOND;
/// How many requests fall into a beat while there is work: twenty a second, five times what the limit lets through.
const A_BEATS_WORTH: usize = 140;

/// One account for everything but mail and links.
const ACCOUNTS: &str = r#"
[accounts.edge]
kind = "cloudflare"
base_url = "EDGE/client/v4"
account = "ACCOUNT"
token = { file = "FOLDER/token" }

[live]
registrar = ["edge"]
dns = ["edge"]
redirect = ["edge"]
margin_cents = 0
day_cap_cents = 10000000
month_cap_cents = 10000000
"#;

/// A server that does everything at one double.
struct Edge {
    rig: Rig,
    double: Arc<Cloudflare>,
    _folder: TempDir,
}

impl Edge {
    async fn new() -> Self {
        let double = Arc::new(Cloudflare::new(NOW.seconds()).await);
        double.limit_names(1_000);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("token"), TOKEN).unwrap();
        let text = ACCOUNTS
            .replace("EDGE", &double.server.base())
            .replace("ACCOUNT", ACCOUNT)
            .replace("FOLDER", &folder.path().display().to_string());
        let said = read(&text, folder.path());
        let accounts = |hand: &Arc<HandClock>| {
            let clock: Arc<dyn Clock> = Arc::new(Shared { hand: hand.clone(), double: double.clone() });
            with_mail(accounts::live(&said, &clock, Arc::new(Eyes(double.clone()))).unwrap().unwrap())
        };
        let rig = Rig::live_at(said.clone(), accounts).await;
        Self { rig, double, _folder: folder }
    }

    /// Has two orders of so many domains made, and answers how many seconds of the clock that took.
    async fn make(&self, domains: usize) -> i64 {
        let mut orders = vec![];
        for order in ["one", "two"] {
            let names: Vec<_> = (0..domains).map(|n| format!("acme-{order}-{n}.com")).collect();
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            orders.push(self.rig.place(&body(&names)).await);
        }
        self.work().await;
        for id in orders {
            assert_eq!(self.rig.order(&id).await["status"], "completed");
        }
        assert_eq!(self.double.ledger().len(), 2 * domains, "each name is bought once");
        self.rig.clock.now().seconds() - NOW.seconds()
    }

    /// Works everything off that is not planned for later, while time passes.
    async fn work(&self) {
        let mut counted = self.double.came();
        loop {
            let mut done = 0;
            for &lane in Lane::ALL {
                done += self.rig.wired.engine.work_due(lane).await.unwrap();
            }
            if self.double.came() - counted >= A_BEATS_WORTH {
                counted = self.double.came();
                self.rig.clock.advance(BEAT);
            } else if done == 0 {
                let Some(due) = self.rig.next_due().await else { return };
                let beats = (due.0 - self.rig.clock.now().0 + BEAT - 1) / BEAT;
                self.rig.clock.advance(beats.max(1) * BEAT);
            }
        }
    }
}

/// The server's clock; the vendor's goes with it.
struct Shared {
    hand: Arc<HandClock>,
    double: Arc<Cloudflare>,
}

impl Clock for Shared {
    fn now(&self) -> Time {
        let now = self.hand.now();
        self.double.pass_to(now.seconds());
        now
    }
}

/// Sees what the double serves.
struct Eyes(Arc<Cloudflare>);

#[async_trait]
impl Observer for Eyes {
    async fn dns(&self, _: &Call, name: &str, rtype: RrType) -> Result<Vec<String>, Trouble> {
        if rtype != RrType::Ns {
            return Ok(self.0.served(name, rtype.as_str()));
        }
        let zone = self.0.zone(name).unwrap_or_default();
        let servers = zone["name_servers"].as_array().into_iter().flatten();
        Ok(servers.filter_map(|one| one.as_str().map(str::to_owned)).collect())
    }

    async fn is_signed(&self, _: &Call, _: &str) -> Result<bool, Trouble> {
        Ok(false)
    }

    async fn fetch(&self, _: &Call, _: &str, _: usize) -> Result<Fetched, Trouble> {
        Ok(Fetched { status: 200, content_type: None, body: vec![] })
    }
}

/// What the limit allows is what it allows for as many requests as are needed when nobody has to wait: what is asked again
/// after a wait is lost time. Answers how it went.
async fn two_orders_are_as_fast_as_the_limit(domains: usize) -> String {
    let calm = Edge::new().await;
    calm.make(FEW).await;
    let needed = calm.double.came() * domains / FEW;
    let edge = Edge::new().await;
    let took = edge.make(domains).await;
    let allowed = i64::try_from(needed).unwrap() * WINDOW / i64::try_from(LIMIT).unwrap();
    let (came, refused) = (edge.double.came(), edge.double.refused());
    assert!(calm.double.refused() == 0 && took > WINDOW, "a few are let through at once, and many are not: {took} s");
    assert_eq!(refused, 0, "of {came} requests, the vendor refused some for their number");
    let told = format!("{came} requests in {took} s; {needed} were needed, which the limit allows in {allowed} s");
    assert!(10 * took <= 11 * allowed, "{told}");
    told
}

#[tokio::test]
async fn two_orders_take_no_longer_than_the_vendors_limit_lets_them() {
    println!("{}", two_orders_are_as_fast_as_the_limit(100).await);
}

#[tokio::test]
#[ignore = "takes minutes where nothing is optimised: just bench-limit"]
async fn two_orders_of_five_hundred_domains_take_no_longer_than_the_vendors_limit_lets_them() {
    println!("{}", two_orders_are_as_fast_as_the_limit(500).await);
}
