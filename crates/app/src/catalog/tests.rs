use std::sync::atomic::{AtomicUsize, Ordering};

use model::clock::MINUTE;
use model::domain::Verdict;

use super::*;

/// Answers, keeps silent, or fails, as it is told.
struct Registrar {
    asked: AtomicUsize,
    mood: Mutex<Mood>,
}

/// When a registrar that is to be left alone may be asked again.
const FREE: i64 = 7 * MINUTE;

#[derive(Clone, Copy)]
enum Mood {
    Answering,
    Silent,
    Away,
    Held,
    Nobody,
}

#[async_trait]
impl NameSource for Registrar {
    async fn check(&self, _: &World, names: &[DomainName], _: Looking<'_>) -> Result<Vec<NameAnswer>, CatalogError> {
        self.asked.fetch_add(names.len(), Ordering::SeqCst);
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Answering => Ok(names.iter().map(taken).collect()),
            Mood::Silent => std::future::pending().await,
            Mood::Held => Ok(names.iter().map(|name| NameAnswer::errored(name.clone(), Some(Time(FREE)))).collect()),
            Mood::Away => Err(CatalogError::Unreachable),
            Mood::Nobody => Err(CatalogError::NotConfigured),
        }
    }
}

fn taken(name: &DomainName) -> NameAnswer {
    NameAnswer::new(name.clone(), Verdict::Not(Unavailable::Taken))
}

fn names(texts: &[&str]) -> Vec<DomainName> {
    texts.iter().map(|text| DomainName::stored(*text)).collect()
}

fn start() -> (Arc<Registrar>, Catalog) {
    let registrar = Arc::new(Registrar { asked: AtomicUsize::new(0), mood: Mutex::new(Mood::Answering) });
    (registrar.clone(), Catalog::new(registrar))
}

async fn reason(catalog: &Catalog, world: &World, name: &str, now: i64) -> Unavailable {
    match catalog.browse(world, &names(&[name]), Time(now)).await.unwrap()[0].verdict {
        Verdict::Not(reason) => reason,
        Verdict::Buyable { .. } => panic!("{name} is not for sale"),
    }
}

#[tokio::test]
async fn answers_are_told_for_five_minutes_in_their_own_world() {
    let (registrar, catalog) = start();
    let (live, test) = (World::live(), World::stored("test:org_1:0"));
    for (world, now, asked) in
        [(&live, 0, 1), (&live, 5 * MINUTE - 1, 1), (&live, 5 * MINUTE, 2), (&test, 5 * MINUTE, 3)]
    {
        assert_eq!(reason(&catalog, world, "a.com", now).await, Unavailable::Taken);
        assert_eq!(registrar.asked.load(Ordering::SeqCst), asked);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_refreshed_in_time_is_stale_or_errored() {
    let (registrar, catalog) = start();
    reason(&catalog, &World::live(), "old.com", 0).await;
    for mood in [Mood::Silent, Mood::Away] {
        *registrar.mood.lock().unwrap() = mood;
        assert_eq!(reason(&catalog, &World::live(), "old.com", 6 * MINUTE).await, Unavailable::Stale);
        assert_eq!(reason(&catalog, &World::live(), "new.com", 6 * MINUTE).await, Unavailable::Errored);
    }
}

#[tokio::test]
async fn buying_asks_every_time() {
    let (registrar, catalog) = start();
    let wanted = names(&["a.com", "b.com"]);
    reason(&catalog, &World::live(), "a.com", 0).await;
    for _ in 0..2 {
        catalog.confirm(&World::live(), &wanted, Time(0)).await.unwrap();
    }
    assert_eq!(registrar.asked.load(Ordering::SeqCst), 5);
    *registrar.mood.lock().unwrap() = Mood::Away;
    let answers = catalog.confirm(&World::live(), &wanted, Time(0)).await.unwrap();
    assert!(answers.iter().all(|answer| answer.verdict == Verdict::Not(Unavailable::Errored)));
}

#[tokio::test]
async fn nobody_to_ask_is_said() {
    let (registrar, catalog) = start();
    *registrar.mood.lock().unwrap() = Mood::Nobody;
    assert_eq!(catalog.confirm(&World::live(), &names(&["a.com"]), Time(0)).await, Err(NotConfigured));
    assert_eq!(catalog.browse(&World::live(), &[], Time(0)).await, Ok(vec![]));
}

/// Sells every name, as an account of several.
struct Seller;

#[async_trait]
impl NameSource for Seller {
    async fn check(&self, _: &World, names: &[DomainName], _: Looking<'_>) -> Result<Vec<NameAnswer>, CatalogError> {
        let verdict = Verdict::Buyable { price_cents: 900, renewal_price_cents: 900, usable_for: vec![] };
        Ok(names.iter().map(|name| NameAnswer::new(name.clone(), verdict.clone()).by("second")).collect())
    }
}

#[tokio::test]
async fn who_sells_a_name_is_told_with_its_price_fresh_or_kept() {
    let (catalog, wanted) = (Catalog::new(Arc::new(Seller)), names(&["a.com"]));
    for now in [0, 1] {
        let told = catalog.browse(&World::live(), &wanted, Time(now)).await.unwrap();
        assert_eq!(told[0].account.as_deref(), Some("second"));
    }
    assert_eq!(catalog.confirm(&World::live(), &wanted, Time(0)).await.unwrap()[0].account.as_deref(), Some("second"));
}

#[tokio::test]
async fn what_was_known_is_stale_also_where_the_registrar_says_when_to_come_back() {
    let (registrar, catalog) = start();
    reason(&catalog, &World::live(), "a.com", 0).await;
    *registrar.mood.lock().unwrap() = Mood::Held;
    let told = catalog.browse(&World::live(), &names(&["a.com", "b.com"]), Time(6 * MINUTE)).await.unwrap();
    for (answer, reason) in told.iter().zip([Unavailable::Stale, Unavailable::Errored]) {
        assert_eq!((&answer.verdict, answer.retry_at), (&Verdict::Not(reason), Some(Time(FREE))), "{}", answer.name);
    }
}
