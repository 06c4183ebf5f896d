//! As many names as one vendor lets through: Cloudflare sells, serves and redirects them, and takes 1,200 requests in five
//! minutes. Its double counts them on its own clock, which goes with the server's.

use doubles::cloudflare::{LIMIT, WINDOW};
use model::clock::{Clock as _, DAY, SECOND};
use model::run::RunKind;
use model::task::Lane;
use model::world::World;
use store::{domains, runs};

use super::edge::Edge;
use super::stage::body;
use crate::support::NOW;

/// As many domains as are needed to know what one costs: one check of the registrar is for twenty names.
const FEW: usize = 20;
/// How far the clock goes at once. The period in which the client counts (the vendor's, and a second) is a multiple of it, so
/// whoever is told to come back is told a beat, and nobody stands in line for real seconds.
const BEAT: i64 = 7 * SECOND;
/// More rounds of work than there is work for without a beat.
const ROUNDS: usize = 5_000;
/// How many requests fall into a beat while there is work: twenty a second, five times what the limit lets through.
const A_BEATS_WORTH: usize = 140;

impl Edge {
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

    /// Works until every domain is made, while time passes. What never ends fails.
    async fn work(&self) {
        let (mut counted, mut rounds) = (self.double.came(), 0);
        loop {
            let mut done = 0;
            for &lane in Lane::ALL {
                done += self.rig.wired.engine.work_due(lane).await.unwrap();
            }
            rounds += 1;
            if self.double.came() - counted >= A_BEATS_WORTH {
                (counted, rounds) = (self.double.came(), 0);
                self.rig.clock.advance(BEAT);
            } else if done == 0 {
                // What comes later, such as a look at each zone a day after it was made, is not waited for.
                if self.left().await.is_empty() {
                    return;
                }
                let due = self.rig.next_due().await.expect("something is due");
                let beats = (due.0 - self.rig.clock.now().0 + BEAT - 1) / BEAT;
                self.rig.clock.advance(beats.max(1) * BEAT);
                rounds = 0;
            }
            let now = self.rig.clock.now();
            assert!(rounds < ROUNDS && now < NOW.plus(DAY), "{rounds} rounds at {now:?}: {:?}", self.left().await);
        }
    }

    /// Where every domain stands that is not done.
    async fn left(&self) -> Vec<String> {
        let mut db = self.rig.wired.store.read().await.unwrap();
        let mut left = vec![];
        for domain in domains::living(&mut db, &World::live()).await.unwrap() {
            let runs = runs::of_domain(&mut db, &domain.id).await.unwrap();
            let open = runs.iter().filter(|run| run.finished_at.is_none() && run.kind == RunKind::Provision);
            left.extend(open.map(|run| format!("{} {:?} {:?}", domain.name, run.step, run.steps.last())));
        }
        left
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
