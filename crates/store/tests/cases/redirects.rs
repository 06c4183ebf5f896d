//! Sites, and the certificates of theirs: who may order one, what is kept, and how whoever shows them finds what is new.

use futures_util::FutureExt as _;
use model::certificate::{Certificate, Failure, FailureKind, Limits, Made};
use model::change::Change;
use model::clock::{DAY, HOUR, MINUTE, Time};
use model::dns::HostedZone;
use model::domain::DomainName;
use model::id::{Id as _, LeaseId};
use model::partner::Partner;
use model::world::{Environment, Scope, World};
use secrecy::{ExposeSecret as _, SecretString};
use store::acme::{self, Answer, Claimed, Held, Settled};
use store::sites::{self, Changed};
use store::zones::Served;

use crate::support::bench::{Bench, NOW};
use crate::support::fill::Fill;
use crate::support::filled::worked;
use crate::support::zones::{at_own, insert, update};

on_both! {
    whoever_leads_on_finds_the_sites_that_have_changed
    a_site_is_wanted_once_its_records_are_published
    a_certificate_is_ordered_by_one_at_a_time
    what_was_made_is_found_and_its_key_is_sealed
    an_account_is_kept_once_and_bounds_the_orders
    an_answer_is_there_for_everybody_until_its_time_is_over
    what_fails_for_long_is_found
}

const DIRECTORY: &str = "https://acme.example/directory";
const OTHER: &str = "https://other.example/directory";

fn zone(bench: &Bench, world: &World, name: &str, target: Option<&str>) -> HostedZone {
    let account = (*world == World::live()).then(|| "own".to_owned());
    HostedZone {
        id: bench.ids.next(),
        partner: bench.partner.id.clone(),
        world: world.clone(),
        domain: bench.ids.next(),
        name: DomainName::stored(name),
        account: Some("elsewhere".into()),
        records: vec![],
        redirects_to: target.map(str::to_owned),
        redirect_account: account,
        serial: 7,
        published_serial: Some(7),
        removed_at: None,
        version: 1,
        ..worked::zone(&Fill::of("a", 0, 1))
    }
}

async fn since(bench: &Bench, which: &Served, mark: i64) -> Changed {
    sites::changed(&mut bench.store.read().await.unwrap(), which, mark).await.unwrap()
}

fn led(changed: &Changed) -> Vec<(&str, &str)> {
    changed.sites.iter().map(|site| (site.name.as_str(), site.target.as_str())).collect()
}

fn gone(changed: &Changed) -> Vec<&str> {
    changed.removed.iter().map(DomainName::as_str).collect()
}

async fn want(bench: &Bench, directory: &'static str, hosts: &[&str], at: Time) {
    let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let wanted = bench.store.settle(move |tx| {
        let hosts = hosts.clone();
        async move { acme::want(tx, (directory, Environment::Live), &hosts, at).await }.boxed()
    });
    wanted.await.unwrap();
}

async fn claim(bench: &Bench, limits: Limits, now: Time, token: &str) -> Claimed {
    let token = LeaseId::opaque(token);
    let claimed = bench.store.settle(move |tx| {
        let token = token.clone();
        let until = now.plus(10 * MINUTE);
        async move { acme::claim(tx, (DIRECTORY, &at_own()), &limits, (now, until), &token).await }.boxed()
    });
    claimed.await.unwrap()
}

async fn held(bench: &Bench, now: Time, token: &str) -> Held {
    let claimed = claim(bench, Limits::default(), now, token).await;
    let Claimed::Now(held) = claimed else { panic!("{claimed:?}") };
    *held
}

async fn settle(bench: &Bench, token: &str, settled: &Settled) -> bool {
    let (token, settled) = (LeaseId::opaque(token), settled.clone());
    let done = bench.store.settle(move |tx| {
        let (token, settled) = (token.clone(), settled.clone());
        async move { acme::settle(tx, DIRECTORY, &token, &settled).await }.boxed()
    });
    done.await.unwrap()
}

fn made(certificate: &Certificate, chain: &str) -> Settled {
    let names = certificate.next_names();
    let made = Made { names, begins_at: NOW, ends_at: NOW.plus(90 * DAY), suggested: None };
    let kept = Some((chain.to_owned(), SecretString::from(format!("the key of {chain}"))));
    Settled { certificate: certificate.made(&made), kept, paused_until: None }
}

fn failed(certificate: &Certificate, now: Time) -> Settled {
    let sentence = "The certificate authority said no.".into();
    let failure = Failure { kind: FailureKind::Refused, sentence, refused: vec![], not_before: None };
    Settled { certificate: certificate.failed(&failure, now), kept: None, paused_until: None }
}

async fn whoever_leads_on_finds_the_sites_that_have_changed(bench: Bench) {
    let (live, which) = (World::live(), at_own());
    let (one, other) = (zone(&bench, &live, "one.com", Some("https://acme.com")), zone(&bench, &live, "two.com", None));
    let elsewhere = HostedZone {
        redirect_account: Some("cloudflare".into()),
        ..zone(&bench, &live, "elsewhere.com", Some("https://acme.com"))
    };
    let tried = zone(&bench, &bench.scope().world, "tried.com", Some("https://acme.com"));
    insert(&bench, &[&one, &other, &elsewhere, &tried]).await;
    let whole = sites::all(&mut bench.store.read().await.unwrap(), &which).await.unwrap();
    assert_eq!(led(&whole), [("one.com", "https://acme.com")]);
    let sandbox = sites::all(&mut bench.store.read().await.unwrap(), &Served::Sandbox).await.unwrap();
    assert_eq!(led(&sandbox), [("tried.com", "https://acme.com")]);
    let nothing = since(&bench, &which, whole.mark).await;
    assert_eq!((led(&nothing), gone(&nothing)), (vec![], vec![]));

    let one = update(&bench, &one, |zone| zone.lead(Some("second"), "https://new.com")).await;
    let next = since(&bench, &which, whole.mark).await;
    assert_eq!((led(&next), gone(&next)), (vec![("one.com", "https://new.com")], vec![]));
    let one = update(&bench, &one, |zone| zone.lead(Some("cloudflare"), "https://new.com")).await;
    let moved = since(&bench, &which, next.mark).await;
    assert_eq!((led(&moved), gone(&moved)), (vec![], vec!["one.com"]));
    let one = update(&bench, &one, |zone| zone.lead(Some("own"), "https://new.com")).await;
    let back = since(&bench, &which, moved.mark).await;
    assert_eq!(led(&back), [("one.com", "https://new.com")]);
    update(&bench, &one, |zone| zone.remove(NOW)).await;
    assert_eq!(gone(&since(&bench, &which, back.mark).await), ["one.com"]);

    let mut change = Change::default();
    change.partners.update.push(Partner { test_epoch: bench.partner.test_epoch + 1, ..bench.partner.clone() });
    bench.write(change).await.unwrap();
    let left = sites::all(&mut bench.store.read().await.unwrap(), &Served::Sandbox).await.unwrap();
    assert_eq!(led(&left), [], "its world is gone");
}

async fn a_site_is_wanted_once_its_records_are_published(bench: Bench) {
    let (live, which) = (World::live(), at_own());
    let ready = zone(&bench, &live, "ready.com", Some("https://acme.com"));
    let behind = HostedZone { published_serial: None, ..zone(&bench, &live, "behind.com", Some("https://acme.com")) };
    insert(&bench, &[&ready, &behind, &zone(&bench, &live, "nowhere.com", None)]).await;
    let hosts: Vec<_> = ["ready.com", "behind.com", "nowhere.com", "unknown.com"].map(str::to_owned).into();
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(acme::missing(&mut db, DIRECTORY, &which, &hosts).await.unwrap(), ["ready.com"]);
    assert!(acme::missing(&mut db, DIRECTORY, &Served::Sandbox, &hosts).await.unwrap().is_empty());
    want(&bench, DIRECTORY, &["ready.com"], NOW).await;
    want(&bench, DIRECTORY, &["ready.com"], NOW.plus(HOUR)).await;
    assert!(acme::missing(&mut db, DIRECTORY, &which, &hosts).await.unwrap().is_empty());
    assert_eq!(acme::missing(&mut db, OTHER, &which, &hosts).await.unwrap(), ["ready.com"], "another one's");
    assert_eq!(acme::next_due(&mut db, DIRECTORY, NOW).await.unwrap(), Some(NOW), "since the first time");
    assert!(sites::has(&mut db, &which, "ready.com").await.unwrap());
    assert!(!sites::has(&mut db, &which, "nowhere.com").await.unwrap());
}

async fn a_certificate_is_ordered_by_one_at_a_time(bench: Bench) {
    let live = World::live();
    let one = zone(&bench, &live, "one.com", Some("https://acme.com"));
    insert(&bench, &[&one, &zone(&bench, &live, "two.com", Some("https://acme.com"))]).await;
    assert_eq!(claim(&bench, Limits::default(), NOW, "lse_0").await, Claimed::Later(None));
    want(&bench, DIRECTORY, &["one.com", "gone.com"], NOW).await;
    want(&bench, DIRECTORY, &["two.com"], NOW.plus(HOUR)).await;
    let first = held(&bench, NOW, "lse_1").await;
    assert_eq!((first.certificate.host.as_str(), first.chain), ("one.com", None));
    assert_eq!(claim(&bench, Limits::default(), NOW, "lse_2").await, Claimed::Later(Some(NOW.plus(HOUR))));
    let hosts = bench.texts("SELECT host FROM acme_certificates ORDER BY host").await;
    assert_eq!(hosts, ["one.com", "two.com"], "nobody opens the other one");

    let later = NOW.plus(10 * MINUTE);
    let again = held(&bench, later, "lse_3").await;
    assert_eq!(again.certificate, first.certificate, "who had it has died");
    assert!(!settle(&bench, "lse_1", &failed(&first.certificate, later)).await, "and wakes too late");
    let settled = made(&again.certificate, "chain 1");
    assert!(settle(&bench, "lse_3", &settled).await);
    assert!(!settle(&bench, "lse_3", &settled).await, "once");
    let renewed = held(&bench, settled.certificate.due_at.unwrap().plus(-1), "lse_4").await;
    assert_eq!(renewed.certificate.host, "two.com");
    let renewed = held(&bench, settled.certificate.due_at.unwrap(), "lse_5").await;
    // Whose lease is over is due again, too.
    let renewed = match renewed.certificate.host.as_str() {
        "one.com" => renewed,
        _ => held(&bench, settled.certificate.due_at.unwrap(), "lse_6").await,
    };
    assert_eq!(renewed.certificate, settled.certificate);
    assert_eq!(renewed.chain.as_deref(), Some("chain 1"), "the one that it takes the place of");
}

async fn what_was_made_is_found_and_its_key_is_sealed(bench: Bench) {
    let live = World::live();
    insert(&bench, &[&zone(&bench, &live, "one.com", Some("https://acme.com"))]).await;
    want(&bench, DIRECTORY, &["one.com"], NOW).await;
    want(&bench, OTHER, &["one.com"], NOW).await;
    let mut db = bench.store.read().await.unwrap();
    let before = acme::all(&mut db, DIRECTORY, "").await.unwrap();
    assert!(before.kept.is_empty() && !before.has_more);
    let held = held(&bench, NOW, "lse_1").await;
    assert!(settle(&bench, "lse_1", &made(&held.certificate, "chain 1")).await);
    for found in [
        acme::changed(&mut db, DIRECTORY, before.mark).await.unwrap(),
        acme::all(&mut db, DIRECTORY, "one").await.unwrap(),
    ] {
        let [kept] = &found.kept[..] else { panic!("{found:?}") };
        assert_eq!((kept.host.as_str(), kept.chain.as_str()), ("one.com", "chain 1"));
        assert_eq!(kept.key.as_ref().unwrap().expose_secret(), "the key of chain 1");
        assert!(acme::changed(&mut db, DIRECTORY, found.mark).await.unwrap().kept.is_empty());
    }
    assert!(acme::all(&mut db, DIRECTORY, "one.com").await.unwrap().kept.is_empty());
    assert!(acme::changed(&mut db, OTHER, 0).await.unwrap().kept.is_empty());
    let columns = "SELECT private_key FROM acme_certificates WHERE private_key IS NOT NULL";
    let kept = bench.texts(columns).await;
    assert!(kept.len() == 1 && !kept[0].contains("the key of"), "{kept:?}");
}

async fn an_account_is_kept_once_and_bounds_the_orders(bench: Bench) {
    let keep = async |credentials: &'static str, instead_of: Option<&'static str>| {
        let kept = bench.store.settle(move |tx| {
            async move {
                let (new, old) = (SecretString::from(credentials), instead_of.map(SecretString::from));
                acme::keep_account(tx, DIRECTORY, &new, old.as_ref()).await
            }
            .boxed()
        });
        kept.await.unwrap().expose_secret().to_owned()
    };
    let mut db = bench.store.read().await.unwrap();
    assert!(acme::account(&mut db, DIRECTORY).await.unwrap().is_none());
    assert_eq!(keep("first", None).await, "first");
    assert_eq!(keep("second", None).await, "first", "of two that open one at once both go on with the same");
    assert_eq!(keep("third", Some("first")).await, "third");
    assert_eq!(keep("fourth", Some("first")).await, "third", "somebody has replaced it already");
    assert_eq!(acme::account(&mut db, DIRECTORY).await.unwrap().unwrap().expose_secret(), "third");
    assert!(!bench.texts("SELECT credentials FROM acme_accounts").await[0].contains("third"));

    let live = World::live();
    let names = ["a.com", "b.com", "c.com", "d.com"];
    let zones: Vec<_> = names.iter().map(|name| zone(&bench, &live, name, Some("https://acme.com"))).collect();
    insert(&bench, &zones.iter().collect::<Vec<_>>()).await;
    want(&bench, DIRECTORY, &names, NOW).await;
    let limits = Limits { in_flight: 1, orders: 3, per: 3 * HOUR };
    let Claimed::Now(first) = claim(&bench, limits, NOW, "lse_1").await else { panic!("there is room") };
    assert_eq!(claim(&bench, limits, NOW, "lse_2").await, Claimed::Later(None), "one at once");
    let paused = Settled { paused_until: Some(NOW.plus(MINUTE)), ..failed(&first.certificate, NOW) };
    assert!(settle(&bench, "lse_1", &paused).await);
    assert_eq!(
        claim(&bench, limits, NOW, "lse_3").await,
        Claimed::Later(Some(NOW.plus(MINUTE))),
        "it was told to wait"
    );
    let limits = Limits { in_flight: 9, ..limits };
    for token in ["lse_4", "lse_5"] {
        assert!(matches!(claim(&bench, limits, NOW.plus(MINUTE), token).await, Claimed::Now(_)));
    }
    let spent = claim(&bench, limits, NOW.plus(MINUTE), "lse_6").await;
    assert_eq!(spent, Claimed::Later(Some(NOW.plus(HOUR))), "each is given back after its share of the time");
}

async fn an_answer_is_there_for_everybody_until_its_time_is_over(bench: Bench) {
    let keep = async |token: &'static str, until: Time, now: Time| {
        let kept = bench.store.settle(move |tx| {
            async move {
                let (name, kind, answer) = ("acme.com".into(), "http-01".into(), format!("{token}.thumb"));
                acme::keep_answer(tx, DIRECTORY, &Answer { name, kind, token: token.into(), answer, until }, now).await
            }
            .boxed()
        });
        kept.await.unwrap();
    };
    let find = async |directory: &str, kind: &str, token: Option<&str>, now: Time| {
        let mut db = bench.store.read().await.unwrap();
        let found = acme::answer(&mut db, directory, ("acme.com", kind, token), now).await.unwrap();
        found.map(|answer| answer.answer)
    };
    keep("one", NOW.plus(MINUTE), NOW).await;
    assert_eq!(find(DIRECTORY, "http-01", Some("one"), NOW).await.as_deref(), Some("one.thumb"));
    assert_eq!(find(DIRECTORY, "http-01", None, NOW).await.as_deref(), Some("one.thumb"));
    assert_eq!(find(DIRECTORY, "http-01", Some("other"), NOW).await, None);
    assert_eq!(find(DIRECTORY, "tls-alpn-01", None, NOW).await, None);
    assert_eq!(find(OTHER, "http-01", Some("one"), NOW).await, None);
    assert_eq!(find(DIRECTORY, "http-01", Some("one"), NOW.plus(MINUTE)).await, None, "its time is over");
    keep("two", NOW.plus(HOUR), NOW.plus(MINUTE)).await;
    assert_eq!(find(DIRECTORY, "http-01", None, NOW).await.as_deref(), Some("two.thumb"));
    assert_eq!(bench.texts("SELECT token FROM acme_answers").await, ["two"]);
}

async fn what_fails_for_long_is_found(bench: Bench) {
    let live = World::live();
    let (order, domains, _) = bench.order("one.com");
    let domain = domains[0].clone();
    let mut change = Change::default();
    change.orders.insert.push(order.clone());
    change.domains.insert = domains;
    bench.write(change).await.unwrap();
    let zone = zone(&bench, &live, "one.com", Some("https://acme.com"));
    insert(&bench, &[&HostedZone { domain: domain.id.clone(), ..zone }]).await;
    want(&bench, DIRECTORY, &["one.com"], NOW).await;
    let mut now = NOW;
    for token in ["lse_1", "lse_2", "lse_3"] {
        let held = held(&bench, now, token).await;
        let settled = failed(&held.certificate, now);
        now = settled.certificate.due_at.unwrap();
        assert!(settle(&bench, token, &settled).await);
    }
    let mut db = bench.store.read().await.unwrap();
    let found = acme::failing(&mut db, 3, NOW, 10).await.unwrap();
    assert_eq!((found.len(), found[0].directory.as_str()), (1, DIRECTORY));
    assert_eq!((found[0].certificate.failures, found[0].certificate.host.as_str()), (3, "one.com"));
    assert_eq!(found[0].environment, Environment::Live);
    let told = acme::troubles_of_order(&mut db, &Scope { world: live, ..bench.scope() }, &order.id).await.unwrap();
    assert_eq!(told[&domain.id], "The certificate authority said no.");
    assert!(acme::troubles_of_order(&mut db, &bench.scope(), &order.id).await.unwrap().is_empty());
    assert!(acme::failing(&mut db, 3, now, 10).await.unwrap().is_empty(), "nobody tries it any more");
    assert!(acme::failing(&mut db, 4, NOW, 10).await.unwrap().is_empty());
}
