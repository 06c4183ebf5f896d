//! What the vendor has really said, replayed. The answers are the vendor's own and not in this repository.

use std::path::PathBuf;

use doubles::dnsimple::TOKEN;
use model::action::ActionReason;
use model::clock::Time;
use model::domain::{DomainName, Unavailable, Verdict};
use model::intent::IntentKind;
use providers::all::dnsimple::Dnsimple;
use providers::roles::{Charged, DnsHost as _, Purpose, Redirector as _, Registrar as _};
use providers::trouble::{Refused, Trouble, UnderWay};
use tokio::task::JoinHandle;

use super::stage::{adapter, call};
use crate::until::Until as _;
use crate::vendor_data;

fn folder() -> Option<PathBuf> {
    Some(vendor_data::folder()?.join("dnsimple/v2/api"))
}

/// An adapter whose vendor says these; `None` where there is nothing to replay.
async fn replayed(answers: &[(&str, &str, &str)]) -> Option<(Dnsimple, JoinHandle<()>)> {
    let folder = folder()?;
    let read = |(method, ending, file): &(&str, &str, &str)| {
        let path = folder.join(file);
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        ((*method).to_owned(), (*ending).to_owned(), bytes)
    };
    let (base, serving) = doubles::replay(answers.iter().map(read).collect()).await;
    Some((adapter(&base, TOKEN).0, serving))
}

fn at(text: &str) -> Time {
    Time::parse(text).unwrap()
}

#[tokio::test]
async fn names_and_prices() {
    let premium = [("GET", "/check", "checkDomain/success.http")];
    let Some((vendor, _serving)) = replayed(&premium).await else { return };
    let names = [DomainName::stored("ruby.codes")];
    let told = vendor.check(&call("any.com").world, &names, Purpose::Buy).await.unwrap();
    assert_eq!(told[0].verdict, Verdict::Not(Unavailable::Premium));
    let price = [("GET", "/prices", "getDomainPrices/success.http")];
    let Some((vendor, _serving)) = replayed(&price).await else { return };
    assert_eq!(vendor.renewal_price(&call("bingo.pizza")).await, Ok(2_000));
    let Some((vendor, _serving)) = replayed(&price).await else { return };
    assert_eq!(vendor.restore_price(&call("bingo.pizza")).await, Ok(Some(2_000)));
    let unknown = [("GET", "/prices", "getDomainPrices/failure.http")];
    let Some((vendor, _serving)) = replayed(&unknown).await else { return };
    assert!(matches!(vendor.renewal_price(&call("a.pineapple")).await, Err(Trouble::Refused(Refused::ForGood(_)))));
}

#[tokio::test]
async fn charges() {
    let some = [("GET", "/billing/charges", "listCharges/success.http")];
    let Some((vendor, _serving)) = replayed(&some).await else { return };
    let told = vendor.charges(&call("any.com").world).await.unwrap().unwrap();
    // One was given back, and two are for no name.
    let bought = Charged {
        name: DomainName::stored("bubble-registered.com"),
        kind: Some(IntentKind::Register),
        cents: 1_450,
        at: at("2023-08-17T05:53:36Z"),
        vendor_id: "1-2".into(),
    };
    assert_eq!(told, [bought]);
    let hidden = [("GET", "/billing/charges", "listCharges/fail-403.http")];
    let Some((vendor, _serving)) = replayed(&hidden).await else { return };
    assert!(matches!(vendor.charges(&call("any.com").world).await, Err(Trouble::Misconfigured(_))));
}

#[tokio::test]
async fn a_name_in_the_account_and_one_that_is_not() {
    let ours = [("GET", "/domains/example-alpha.com", "getDomain/success.http")];
    let Some((vendor, _serving)) = replayed(&ours).await else { return };
    let expires = at("2021-06-05T02:15:00Z");
    assert_eq!(vendor.registered(&call("example-alpha.com")).await.until(), Ok(Some(expires)));
    assert_eq!(vendor.ensure_registered(&call("example-alpha.com"), 0).await.until(), Ok(expires));
    let nobodys = [("GET", "/domains/nobodys.com", "notfound-domain.http")];
    let Some((vendor, _serving)) = replayed(&nobodys).await else { return };
    assert_eq!(vendor.registered(&call("nobodys.com")).await.until(), Ok(None));
    let hosted = [("GET", "/domains/example-beta.com", "createDomain/created.http")];
    let Some((vendor, _serving)) = replayed(&hosted).await else { return };
    assert_eq!(vendor.registered(&call("example-beta.com")).await.until(), Ok(None), "a zone alone");
}

#[tokio::test]
async fn renewals() {
    let look = ("GET", "/domains/example-alpha.com", "getDomain/success.http");
    let price = ("GET", "/prices", "getDomainPrices/success.http");
    let expires = at("2021-06-05T02:15:00Z");
    let early = [look, price, ("POST", "/renewals", "renewDomain/error-tooearly.http")];
    let Some((vendor, _serving)) = replayed(&early).await else { return };
    let told = vendor.ensure_renewed(&call("example-alpha.com"), expires, 2_000).await.until();
    assert_eq!(told, Err(Trouble::Refused(Refused::Ask(ActionReason::RegistrarRejected))));
    let accepted = [look, price, ("POST", "/renewals", "renewDomain/success.http")];
    let Some((vendor, _serving)) = replayed(&accepted).await else { return };
    let told = vendor.ensure_renewed(&call("example-alpha.com"), expires, 2_000).await.until();
    assert!(
        matches!(told, Err(Trouble::UnderWay(UnderWay::Renewal, _))),
        "accepted, and the date has not moved: {told:?}"
    );
}

#[tokio::test]
async fn zones_records_and_delegations() {
    let answers = [
        ("GET", "/zones/example-alpha.com", "getZone/success.http"),
        ("GET", "/records", "listZoneRecords/success.http"),
        ("GET", "/delegation", "getDomainDelegation/success.http"),
        ("POST", "/batch", "batchChangeZoneRecords/success.http"),
    ];
    let Some((vendor, _serving)) = replayed(&answers).await else { return };
    let servers = ["ns1.dnsimple.com", "ns2.dnsimple.com", "ns3.dnsimple.com", "ns4.dnsimple.com"].map(str::to_owned);
    assert_eq!(vendor.ensure_zone(&call("example-alpha.com")).await, Ok(servers.to_vec()));
    assert_eq!(vendor.ensure_nameservers(&call("example-alpha.com"), &servers).await, Ok(()));
    assert_eq!(vendor.ensure_redirect(&call("example-alpha.com"), "https://a.example/").await, Ok(vec![]));
    for file in ["create", "delete", "update"] {
        let file = format!("batchChangeZoneRecords/error_400_{file}_validation_failed.http");
        let refused = [answers[0], answers[1], ("POST", "/batch", file.as_str())];
        let Some((vendor, _serving)) = replayed(&refused).await else { return };
        let told = vendor.ensure_redirect(&call("example-alpha.com"), "https://a.example/").await;
        assert!(matches!(told, Err(Trouble::Refused(Refused::ForGood(_)))), "{file}: {told:?}");
    }
}

/// The doubt is the same whatever stands between us and the vendor.
#[tokio::test]
async fn pages_of_somebody_in_between() {
    for file in ["badgateway.http", "success-with-malformed-json.http"] {
        let answers = [("GET", "/domains/acme.com", file)];
        let Some((vendor, _serving)) = replayed(&answers).await else { return };
        assert_eq!(vendor.registered(&call("acme.com")).await.until(), Err(Trouble::Later(None)), "{file}");
    }
}

/// A purchase as the vendor has answered it, and one that it refused: nobody but this vendor has published any.
#[tokio::test]
async fn purchases() {
    let Some(folder) = folder() else { return };
    let free = "HTTP/1.1 200 OK\r\n\r\n{\"data\":{\"domain\":\"a.com\",\"available\":true,\"premium\":false}}";
    let price = "HTTP/1.1 200 OK\r\n\r\n{\"data\":{\"domain\":\"a.com\",\"premium\":false,\"registration_price\":14.5,\"renewal_price\":14.5}}";
    for (file, bought) in [("success.http", true), ("error-extended-attributes.http", false)] {
        let read = |path: &str| std::fs::read(folder.join(path)).unwrap();
        let answers = vec![
            ("GET".to_owned(), "/domains/a.com".to_owned(), read("notfound-domain.http")),
            ("GET".to_owned(), "/check".to_owned(), free.into()),
            ("GET".to_owned(), "/prices".to_owned(), price.into()),
            ("POST".to_owned(), "/registrations".to_owned(), read(&format!("registerDomain/{file}"))),
        ];
        let (base, _serving) = doubles::replay(answers).await;
        let told = adapter(&base, TOKEN).0.ensure_registered(&call("a.com"), 1_450).await.until();
        match bought {
            true => assert!(matches!(told, Err(Trouble::UnderWay(UnderWay::Registration, _))), "{told:?}"),
            false => assert_eq!(told, Err(Trouble::Refused(Refused::Ask(ActionReason::RegistrarRejected)))),
        }
    }
}
