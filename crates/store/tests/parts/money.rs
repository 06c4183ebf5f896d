//! Quotes, what a month's bookings add up to, and the limits on it.

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::DAY;
use model::domain::{DomainName, MailProvider};
use model::id::{Id as _, KeyId};
use model::ledger::{LineKind, ONCE};
use model::order::Need;
use model::partner::{ApiKey, Partner};
use model::quote::{Held, InTheWay, MOST_KEPT, Quote, QuotedCost, QuotedName, WINDOW};
use model::spend::{Allowance, Limited, Month};
use model::world::Environment;
use store::{keys, quotes, spend};

use crate::support::bench::{Bench, NOW};

on_both! {
    a_months_bookings_are_added_up_for_partner_and_key
    limits_are_read_with_what_is_spent
    quotes_come_back_as_they_were_written
    only_the_newest_quotes_of_a_key_are_not_in_the_way
}

/// An order of 2500 cents placed with the bench's key, and one without; a month ago the first cost 100
/// more, and 700 of it were credited since.
async fn book(bench: &Bench) -> KeyId {
    let mut db = bench.store.read().await.unwrap();
    let key = keys::list(&mut db, Some(&bench.partner.id)).await.unwrap().remove(0).id;
    let (mut with_key, _, lines) = bench.order("acme.com");
    with_key.api_key = Some(key.clone());
    let (without, _, others) = bench.order("other.com");
    let mut change = Change::default();
    let line = |kind, period: &str, amount_cents, created_at| model::ledger::Line {
        id: bench.ids.next(),
        kind,
        period: period.into(),
        amount_cents,
        created_at,
        ..lines[0].clone()
    };
    let month = Month::of(NOW);
    change.lines.push(line(LineKind::Credit, ONCE, -700, month.until.plus(-1)));
    change.lines.push(line(LineKind::GoogleLicense, "2026-04-08", 100, month.from.plus(-1)));
    change.lines.push(line(LineKind::GoogleLicense, "2026-06-08", 1_200, month.until));
    let mut elsewhere = line(LineKind::MicrosoftLicense, "2026-05-08", 3_000, NOW);
    elsewhere.world = model::world::World::live();
    change.lines.push(elsewhere);
    change.lines.extend(lines.into_iter().chain(others));
    change.orders.insert.extend([with_key, without]);
    bench.write(change).await.unwrap();
    key
}

async fn a_months_bookings_are_added_up_for_partner_and_key(bench: Bench) {
    let (key, scope) = (book(&bench).await, bench.scope());
    let mut db = bench.store.read().await.unwrap();
    for (moment, all, own) in [(NOW, 4_300, 1_800), (NOW.plus(-31 * DAY), 100, 100), (NOW.plus(31 * DAY), 1_200, 1_200)]
    {
        let month = Month::of(moment);
        assert_eq!(spend::booked(&mut db, &scope, month).await.unwrap(), all);
        assert_eq!(spend::booked_with(&mut db, &scope, &key, month).await.unwrap(), own);
    }
    let nobody = KeyId::opaque("key_none");
    assert_eq!(spend::booked_with(&mut db, &scope, &nobody, Month::of(NOW)).await.unwrap(), 0);
    assert_eq!(spend::booked(&mut db, &bench.partner.scope(Environment::Live), Month::of(NOW)).await.unwrap(), 3_000);
}

async fn limits_are_read_with_what_is_spent(bench: Bench) {
    let (key, scope) = (book(&bench).await, bench.scope());
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(spend::look(&mut db, &scope, Some(&key), NOW).await.unwrap(), []);
    let record = keys::get(&mut db, &key).await.unwrap().unwrap();
    let mut change = Change::default();
    change.keys.update.push(ApiKey { spend_limit_cents: Some(5_000), ..record });
    change.partners.update.push(Partner { spend_limit_cents: Some(0), ..bench.partner.clone() });
    bench.write(change).await.unwrap();
    let of = |of, limit_cents, spent_cents| Allowance { of, limit_cents, spent_cents };
    let both = vec![of(Limited::Key, 5_000, 1_800), of(Limited::Partner, 0, 4_300)];
    assert_eq!(spend::look(&mut db, &scope, Some(&key), NOW).await.unwrap(), both);
    assert_eq!(spend::look(&mut db, &scope, None, NOW).await.unwrap(), both[1..]);
    let locked = bench.store.write(move |tx| {
        let (scope, key) = (scope.clone(), key.clone());
        async move {
            let limits = spend::lock(tx, &scope, Some(&key)).await?;
            Ok(limits.allowances(tx, &scope, NOW).await?)
        }
        .boxed()
    });
    assert_eq!(locked.await.unwrap(), both);
}

/// One that a key asked for, and that holds nothing.
fn quote(bench: &Bench, key: Option<&str>) -> Quote {
    Quote {
        id: bench.ids.next(),
        partner: bench.partner.id.clone(),
        world: bench.scope().world,
        total_cents: 0,
        key: key.map(KeyId::opaque),
        names: vec![],
        held: Held::default(),
        expires_at: NOW.plus(WINDOW),
        created_at: NOW,
    }
}

async fn only_the_newest_quotes_of_a_key_are_not_in_the_way(bench: Bench) {
    let (key, scope) = (KeyId::opaque("key_1"), bench.scope());
    let many = usize::try_from(MOST_KEPT).unwrap() + 1;
    let mine: Vec<_> = (0..many).map(|_| quote(&bench, Some("key_1"))).collect();
    let mut change = Change { quotes: mine.clone(), ..Change::default() };
    change.quotes.extend((0..many).flat_map(|_| [quote(&bench, Some("key_2")), quote(&bench, None)]));
    let live = bench.partner.scope(Environment::Live);
    change.quotes.extend((0..9).map(|_| Quote { world: live.world.clone(), ..quote(&bench, Some("key_1")) }));
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    let found = quotes::in_the_way(&mut db, &scope, &key).await.unwrap();
    let expected = [&mine[1], &mine[0]].map(|one| InTheWay { id: one.id.clone(), expires_at: one.expires_at });
    assert_eq!(found, expected, "the two oldest, with one more to come");
    assert_eq!(quotes::in_the_way(&mut db, &live, &key).await.unwrap(), []);
    let gone = Change { quotes_removed: found.into_iter().map(|one| one.id).collect(), ..Change::default() };
    bench.write(gone.clone()).await.unwrap();
    // Somebody else has made room as well.
    bench.write(gone).await.unwrap();
    assert_eq!(quotes::in_the_way(&mut db, &scope, &key).await.unwrap(), []);
    assert_eq!(quotes::get(&mut db, &scope, &mine[0].id).await.unwrap(), None);
    assert!(quotes::get(&mut db, &scope, &mine[2].id).await.unwrap().is_some());
}

async fn quotes_come_back_as_they_were_written(bench: Bench) {
    let need = Need { google_licenses: 2, google_domains: 1, microsoft_domains: 1, google_inboxes_per_domain: 2 };
    let name = |name: &str, cost, provider: Option<MailProvider>| {
        let account = provider.map(|_| "names-eu".to_owned());
        QuotedName { name: DomainName::stored(name), cost, provider, account }
    };
    let cost = QuotedCost { first_cents: 1_300, renewal_cents: 1_500 };
    let quote = Quote {
        id: bench.ids.next(),
        partner: bench.partner.id.clone(),
        world: bench.scope().world,
        total_cents: 6_800,
        key: Some(KeyId::opaque("key_1")),
        names: vec![name("a.com", Some(cost), Some(MailProvider::Google)), name("b.com", None, None)],
        held: Held {
            need: Some(need),
            google_license_cents: 600,
            microsoft_license_cents: 3_000,
            domain_margin_cents: 7,
            domain_margin_percent: 3,
        },
        expires_at: NOW.plus(WINDOW),
        created_at: NOW,
    };
    let mut change = Change::default();
    change.quotes.push(quote.clone());
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(quotes::get(&mut db, &bench.scope(), &quote.id).await.unwrap().as_ref(), Some(&quote));
    assert_eq!(quotes::get(&mut db, &bench.partner.scope(Environment::Live), &quote.id).await.unwrap(), None);
}
