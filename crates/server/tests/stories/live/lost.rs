//! Answers that are lost: whatever a vendor is asked on the way of an order, something goes wrong with it once, and all of it
//! comes to the same end.

use std::time::Duration;

use doubles::{Fault, Server};
use model::run::RunKind;
use model::task::Lane;
use serde_json::Value;

use super::batch::{ENDINGS, KINDS, Single, all_ended_well, begin, calm};
use super::stage::Live;

/// As many orders at once: vendors' accounts have a bound of calls in flight, and nothing is to wait for that.
const AT_ONCE: usize = 8;

/// A request of an order's way: which vendor's, and how many about the same name came before it.
#[derive(Clone, Debug)]
struct Place {
    is_first: bool,
    after: usize,
    what: String,
}

fn server(live: &Live, is_first: bool) -> &Server {
    if is_first { &live.namecom.server } else { &live.dnsimple.server }
}

/// What a vendor was asked about a name.
fn asked(live: &Live, is_first: bool, name: &str) -> Vec<String> {
    let all = server(live, is_first).asked().into_iter().filter(|one| one.mentions(name));
    all.map(|one| format!("{} {}", one.method, one.path)).collect()
}

/// What vendors are asked about a name of each ending, from the beginning of the run.
async fn places(kind: RunKind) -> Vec<Vec<Place>> {
    let live = Live::new().await;
    let all = begin(&live, kind, ENDINGS.len()).await;
    let vendors = [true, false];
    let before: Vec<_> =
        all.iter().map(|one| vendors.map(|is_first| asked(&live, is_first, &one.name).len())).collect();
    live.rig.settle_all().await;
    let of = |one: &Single, before: [usize; 2]| -> Vec<Place> {
        let of_vendor = |(is_first, before): (bool, usize)| {
            let all = asked(&live, is_first, &one.name).into_iter().skip(before).enumerate();
            all.map(move |(after, what)| Place { is_first, after, what })
        };
        vendors.into_iter().zip(before).flat_map(of_vendor).collect()
    };
    all.iter().zip(before).map(|(one, before)| of(one, before)).collect()
}

/// On names of both endings alternately, each with what goes wrong.
async fn meet(kind: RunKind, wrongs: &[[(Place, Fault); 2]], calm: &[Value]) {
    let live = Live::new().await;
    let all = begin(&live, kind, wrongs.len() * ENDINGS.len()).await;
    let wrongs: Vec<_> = wrongs.iter().flatten().collect();
    for (one, (place, fault)) in all.iter().zip(&wrongs) {
        server(&live, place.is_first).fail_about(&one.name, place.after, *fault);
    }
    live.rig.settle_all().await;
    let context = format!("{} {wrongs:#?}", kind.as_str());
    assert_eq!(server(&live, true).faults_left() + server(&live, false).faults_left(), 0, "{context}");
    all_ended_well(&live, &all, calm, &context).await;
}

/// Where something is changed every fault, elsewhere one, another at each place. Whoever changes an adapter or how the engine
/// buys takes all of them once.
fn wrongs_of(places: &[Place]) -> Vec<(Place, Fault)> {
    let all = places.iter().enumerate().flat_map(|(n, place)| {
        let looks = place.what.starts_with("GET") || place.what.ends_with(":checkAvailability");
        let faults = if looks { vec![Fault::PASSING[n % Fault::PASSING.len()]] } else { Fault::PASSING.to_vec() };
        faults.into_iter().map(|fault| (place.clone(), fault))
    });
    all.collect()
}

/// In pairs of both endings; where one has fewer, its last is taken again.
fn wrongs(places: &[Vec<Place>]) -> Vec<[(Place, Fault); 2]> {
    let (first, second) = (wrongs_of(&places[0]), wrongs_of(&places[1]));
    let at = |all: &[(Place, Fault)], n: usize| all[n.min(all.len() - 1)].clone();
    (0..first.len().max(second.len())).map(|n| [at(&first, n), at(&second, n)]).collect()
}

async fn answers_are_lost(kind: RunKind) {
    let (calm, places) = (calm(kind).await, places(kind).await);
    assert!(places.iter().flatten().any(|place| !place.what.starts_with("GET")), "{}", kind.as_str());
    for some in wrongs(&places).chunks(AT_ONCE / ENDINGS.len()) {
        meet(kind, some, &calm).await;
    }
}

/// Requests that change something, of the workflow that they are made in, and whose they are.
const CHANGES: [(RunKind, &[(bool, &str)]); 3] = [
    (
        RunKind::Provision,
        &[
            (true, "/domains"),
            (true, ":setNameservers"),
            (false, "/registrations"),
            (false, "/domains"),
            (false, "/batch"),
        ],
    ),
    (RunKind::Renew, &[(true, ":renew"), (false, "/renewals")]),
    (RunKind::Forward, &[(false, "/batch")]),
];

/// How much of an answer's time passes at once: a lease may be renewed meanwhile, or run out.
const A_WHILE: Duration = Duration::from_secs(9);
/// So often it passes until nobody waits for an answer any longer.
const WHILES: usize = 8;

/// Works while a vendor never comes to an end with its answer, until that is given up.
async fn wait_in_vain(live: &Live, is_first: bool) {
    let rig = live.another(None).await;
    let working = tokio::spawn(async move { rig.wired.engine.work_due(Lane::Step).await });
    while server(live, is_first).faults_left() > 0 {
        tokio::task::yield_now().await;
    }
    for _ in 0..WHILES {
        tokio::time::pause();
        tokio::time::advance(A_WHILE).await;
        tokio::time::resume();
        for _ in 0..500 {
            tokio::task::yield_now().await;
        }
    }
    working.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_answer_that_never_comes_to_an_end_is_not_waited_for() {
    for (kind, changes) in CHANGES {
        let calm = calm(kind).await;
        for ((is_first, ending), fault) in changes.iter().flat_map(|one| [(one, Fault::Silence), (one, Fault::Drip)]) {
            let live = Live::new().await;
            let all = begin(&live, kind, ENDINGS.len()).await;
            server(&live, *is_first).fail("POST", ending, fault);
            wait_in_vain(&live, *is_first).await;
            live.restart().await.settle_all().await;
            all_ended_well(&live, &all, &calm, &format!("{} {fault:?} {ending}", kind.as_str())).await;
        }
    }
}

#[tokio::test]
async fn any_answer_may_be_lost_while_an_order_is_made() {
    answers_are_lost(RunKind::Provision).await;
}

#[tokio::test]
async fn any_answer_may_be_lost_in_a_domains_later_life() {
    for kind in &KINDS[1..] {
        answers_are_lost(*kind).await;
    }
}
