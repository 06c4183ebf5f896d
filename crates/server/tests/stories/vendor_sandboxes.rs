//! Test keys of named partners at vendors' own sandboxes: what those do not play, the sandbox of ours plays as ever.

use std::sync::Arc;

use doubles::{dnsimple, namecom};
use model::clock::{Clock, HandClock, SECOND, Time};
use model::partner::Preset;
use model::role::Role;
use model::world::Environment;
use serde_json::json;
use server::account_settings::CastConfig;
use server::accounts::{self, Players, laid_out};
use server::config::{Config, Flags};

use crate::support::{NOW, Rig, make_partner, order_body};

const ACCOUNTS: &str = r#"
[accounts.shop]
kind = "namecom"
sandbox = true
base_url = "FIRST"
username = "acme-test"
token = { file = "FOLDER/first" }

[accounts.zones]
kind = "dnsimple"
sandbox = true
base_url = "SECOND/v2"
account = 1385
registrant = 2715
token = { file = "FOLDER/second" }

[live.registrant]
first_name = "Alex"
last_name = "Rivera"
email = "alex@acme.com"
phone = "+1.2125550100"
street = "1 Main Street"
city = "New York"
state = "NY"
postal_code = "10001"
country = "US"

[sandbox.cast]
partners = ["PARTNER"]
registrar = ["shop"]
"#;

/// The vendors, and a server where one partner's sandbox is at theirs.
struct Stage {
    rig: Rig,
    namecom: Arc<namecom::Namecom>,
    dnsimple: Arc<dnsimple::Dnsimple>,
    config: Config,
}

impl Stage {
    /// With more of the table `sandbox.cast`.
    async fn new(more: &str) -> Self {
        let first = Rig::sqlite().await;
        let namecom = Arc::new(namecom::Namecom::new(NOW.seconds()).await);
        let dnsimple = Arc::new(dnsimple::Dnsimple::new(NOW.seconds()).await);
        let folder = first.folder.path();
        for (file, secret) in [("first", namecom::TOKEN), ("second", dnsimple::TOKEN)] {
            std::fs::write(folder.join(file), secret).unwrap();
        }
        let text = ACCOUNTS
            .replace("FIRST", &namecom.server.base())
            .replace("SECOND", &dnsimple.server.base())
            .replace("FOLDER", &folder.display().to_string())
            .replace("PARTNER", &first.partner.id.to_string());
        let file = folder.join("mailwright.toml");
        std::fs::write(&file, text + more).unwrap();
        let flags = Flags { data: Some(folder.to_owned()), ..Flags::default() };
        let config = Config::load(Some(&file), &flags).unwrap_or_else(|problems| panic!("{problems:?}"));
        let clock: Arc<dyn Clock> =
            Arc::new(Passing { hand: first.clock.clone(), namecom: namecom.clone(), dnsimple: dnsimple.clone() });
        let vendors = accounts::vendors(&config, &clock, &first.wired.sim.cast()).unwrap();
        let rig = first.beside(None, Players { live: None, vendors }, 7).await;
        Self { rig, namecom, dnsimple, config }
    }

    /// What a start with the configuration as it is now would be refused with.
    async fn refused(&self) -> Result<(), String> {
        self.refused_with(&self.config).await
    }

    async fn refused_with(&self, config: &Config) -> Result<(), String> {
        laid_out::refuse(config, &mut self.rig.wired.store.read().await.unwrap()).await
    }

    fn sold(&self, name: &str) -> usize {
        self.namecom.ledger().iter().filter(|one| one.what == "registered" && one.name == name).count()
    }
}

/// The vendors' clocks go with the server's, and a look takes a moment: nobody stands in line for a vendor's pace.
struct Passing {
    hand: Arc<HandClock>,
    namecom: Arc<namecom::Namecom>,
    dnsimple: Arc<dnsimple::Dnsimple>,
}

impl Clock for Passing {
    fn now(&self) -> Time {
        self.hand.advance(SECOND / 60);
        let now = self.hand.now();
        self.namecom.reach(now.seconds());
        self.dnsimple.reach(now.seconds());
        now
    }
}

#[tokio::test]
async fn a_test_order_buys_at_the_vendors_sandbox_and_ends_in_ours() {
    let stage = Stage::new("").await;
    let order = stage.rig.place(&order_body(&["acme-cast.com"])).await;
    stage.rig.settle_all().await;
    let order = stage.rig.order(&order).await;
    assert_eq!(order["status"], "completed", "{order}");
    let took = stage.rig.clock.now().seconds() - NOW.seconds();
    assert!(took < 30, "nobody is waited for to set the nameservers: {took} s");
    assert_eq!(stage.sold("acme-cast.com"), 1);
    assert_eq!(stage.rig.effects("registered", "acme-cast.com").await, 0, "the sandbox sells nothing beside it");
}

#[tokio::test]
async fn zones_too_are_at_the_vendors_where_it_is_wanted() {
    let stage = Stage::new("dns = [\"zones\"]\nredirect = [\"zones\"]\n").await;
    let order = stage.rig.place(&order_body(&["acme-zone.com"])).await;
    stage.rig.settle_all().await;
    let order = stage.rig.order(&order).await;
    assert_eq!(order["status"], "completed", "{order}");
    assert!(!stage.dnsimple.hosted("acme-zone.com", "MX").is_empty());
    assert_eq!(stage.sold("acme-zone.com"), 1);
}

#[tokio::test]
async fn everybody_else_has_the_sandbox_as_ever() {
    let stage = Stage::new("").await;
    let (partner, key) = make_partner(&stage.rig.wired, "Other", Preset::Full, Environment::Test).await;
    let other = stage.rig.as_partner(partner, key);
    let order = other.place(&order_body(&["acme-other.com"])).await;
    other.settle_all().await;
    assert_eq!(other.order(&order).await["status"], "completed");
    assert_eq!((stage.namecom.ledger().len(), stage.sold("acme-other.com")), (0, 0));
    assert_eq!(other.call("POST", "/test/clock/advance", Some(&json!({ "seconds": 60 }))).await.status, 200);
}

#[tokio::test]
async fn a_vendors_clock_is_not_ours_to_move() {
    let stage = Stage::new("").await;
    for (path, body) in [("/test/clock/advance", json!({ "seconds": 60 })), ("/test/reset", json!({}))] {
        let answer = stage.rig.call("POST", path, Some(&body)).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["error"]["details"]["reason"]),
            (409, &json!("vendor_sandbox"))
        );
    }
}

#[tokio::test]
async fn what_was_made_there_is_not_lost_sight_of() {
    let mut stage = Stage::new("").await;
    stage.rig.place(&order_body(&["acme-stays.com"])).await;
    stage.rig.settle_all().await;
    assert_eq!(stage.refused().await, Ok(()));
    stage.config.accounts.remove("shop");
    let told = stage.refused().await.unwrap_err();
    assert!(told.contains("accounts.shop") && told.contains(Role::Registrar.as_str()), "{told}");
    // Taken out of the cast the partner can begin anew, and nothing is there any more.
    stage.config.sandbox.cast = CastConfig::default();
    let ours = stage.rig.another(None).await;
    assert_eq!(ours.call("POST", "/test/reset", None).await.status, 200);
    assert_eq!(stage.refused().await, Ok(()));
}

#[tokio::test]
async fn a_sandbox_that_was_used_is_not_handed_over() {
    let stage = Stage::new("").await;
    assert_eq!(stage.refused().await, Ok(()));
    let ours = stage.rig.another(None).await;
    ours.place(&order_body(&["acme-ours.com"])).await;
    assert_eq!(stage.refused().await, Ok(()), "nothing is bought yet");
    ours.settle_all().await;
    let told = stage.refused().await.unwrap_err();
    assert!(told.contains("names that were bought without it: 1"), "{told}");
    assert_eq!(ours.call("POST", "/test/reset", None).await.status, 200);
    assert_eq!(stage.refused().await, Ok(()));
    let mut config = stage.config.clone();
    config.sandbox.cast.partners = vec!["org_01ABC".into()];
    let told = stage.refused_with(&config).await.unwrap_err();
    assert!(told.contains("org_01ABC, and there is no such partner"), "{told}");
}

#[test]
fn only_accounts_of_vendors_sandboxes_play_for_partners_that_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mailwright.toml");
    let text = r#"
[accounts.real]
kind = "csv"
[accounts.shop]
kind = "by_hand"
sandbox = true
[sandbox.cast]
partners = ["Acme"]
sequencer = ["real"]
registrar = ["shop", "nobody"]
redirect = ["ours"]
[accounts.ours]
kind = "embedded_redirect"
sandbox = true
addresses = "192.0.2.1"
[live.registrants.acme]
first_name = "Alex"
"#;
    std::fs::write(&file, text).unwrap();
    let problems = Config::load(Some(&file), &Flags::default()).unwrap_err();
    for told in [
        "sandbox.cast.sequencer names \"real\", where real money is spent",
        "sandbox.cast.redirect names \"ours\", and our own servers need no account for sandboxes",
        "sandbox.cast.redirect is set, and sandbox.cast.dns is not",
        "sandbox.cast.registrar names \"nobody\", and there is no [accounts.nobody]",
        "sandbox.cast.registrar names \"shop\"; ",
        "sandbox.cast.partners names \"Acme\", which is no partner's id",
        "live.registrants names \"acme\", which is no partner's id",
    ] {
        assert!(problems.iter().any(|problem| problem.starts_with(told)), "{told}: {problems:#?}");
    }
}
