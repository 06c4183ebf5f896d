//! As many inboxes as vendors let through: two tenants at Google and two at Microsoft make them, and Smartlead, which lets a key do 60
//! things a minute and 1,000 an hour, is told of each. The doubles count on their own clocks, which go with the server's.

use std::collections::BTreeSet;

use model::clock::{Clock as _, DAY};
use model::task::Lane;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::houses::Houses;
use super::stage::Live;
use crate::support::{NOW, order_body};

/// An inbox is looked for, and saved: what was found a moment before may have been changed by another process since.
const FOR_AN_INBOX: usize = 2;
/// Whoever walks through all lists finds this many accounts on each that were on none before.
const NEW_ON_A_LIST: usize = 90;
/// Of so many inboxes each is looked at before a domain is said to be connected; for more all lists are walked through.
const FEW: usize = 10;
/// That there is nothing behind the last list is seen by one more.
const BEHIND_THE_LAST: usize = 1;
/// How often a key may be used in an hour, and in a minute.
const AN_HOUR: usize = 1_000;
const A_MINUTE: usize = 60;
/// More rounds of work than there is work for.
const ROUNDS: usize = 50_000;

/// How large the order is.
#[derive(Clone, Copy)]
struct Size {
    google: usize,
    microsoft: usize,
    /// Inboxes of each domain at Microsoft; at Google there are two.
    inboxes: usize,
}

impl Size {
    const fn domains(self) -> usize {
        self.google + self.microsoft
    }

    const fn all(self) -> usize {
        2 * self.google + self.inboxes * self.microsoft
    }

    /// How often Smartlead has to be asked: for each inbox; for each domain, which begins with a list; and before a domain is said to be
    /// connected.
    fn asked(self) -> usize {
        FOR_AN_INBOX * self.all() + self.domains() + self.google * 2 + self.microsoft * self.looked_at()
    }

    /// What a look at a domain at Microsoft takes. Some are looked at when hardly any account is there and some when nearly all are.
    fn looked_at(self) -> usize {
        let walked = (self.all() / 2).div_ceil(NEW_ON_A_LIST) + BEHIND_THE_LAST;
        if self.inboxes > FEW { walked } else { self.inboxes }
    }

    /// How long so many take at least, in seconds.
    fn allowed(self) -> usize {
        let (hours, left) = ((self.asked() - 1) / AN_HOUR, (self.asked() - 1) % AN_HOUR);
        hours * 3_600 + left / A_MINUTE * 60
    }

    fn body(self) -> Value {
        let names: Vec<_> = (0..self.domains()).map(|number| format!("acme-{number}.com")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let mut body = order_body(&names);
        (body["google_licenses"], body["microsoft_licenses"]) = (json!(2 * self.google), json!(self.microsoft));
        body["sequencer"] = json!({ "provider": "smartlead", "api_key": doubles::smartlead::API_KEY });
        body
    }
}

/// Works until something has come to be; what never does fails.
async fn work(live: &Live, has_come: impl AsyncFn() -> bool) {
    for _ in 0..ROUNDS {
        let mut done = 0;
        for &lane in Lane::ALL {
            done += live.rig.wired.engine.work_due(lane).await.unwrap();
        }
        if done > 0 {
            continue;
        }
        if has_come().await {
            return;
        }
        let due = live.rig.next_due().await.expect("something is due");
        live.rig.clock.set(due.max(live.rig.clock.now()));
        assert!(live.rig.clock.now() < NOW.plus(DAY), "it takes longer than a day");
    }
    panic!("{ROUNDS} rounds were too few");
}

/// How long something takes by the server's clock, in seconds.
async fn timed(live: &Live, work: impl Future<Output = ()>) -> usize {
    let began = live.rig.clock.now();
    work.await;
    usize::try_from(live.rig.clock.now().seconds() - began.seconds()).unwrap()
}

/// Has them made and linked, and answers how it went. What is measured begins when all have been let in: before that the vendors'
/// own slowness counts, and no limit.
async fn as_fast_as_the_limits(size: Size) -> String {
    let houses = Houses::new(2).await;
    let each = format!("microsoft_inboxes_per_domain = {}", size.inboxes);
    let live = houses.live(|usual| format!("[sizing]\n{each}\n\n{usual}")).await;
    let id = live.rig.place(&size.body()).await;
    let everybody_asks = async || {
        let open = live.rig.call("GET", "/orders/pending?per_page=100", None).await.body["data"].clone();
        open.as_array().unwrap().len() == size.domains()
    };
    let making = timed(&live, work(&live, everybody_asks)).await;
    let answered = Mutex::default();
    let people_act = async || {
        let mut known = answered.lock().await;
        houses.people_act_once(&live.rig, &mut known).await;
    };
    let all_are_linked = async || {
        people_act().await;
        houses.smartlead.addresses().len() == size.all()
    };
    let linking = timed(&live, work(&live, all_are_linked)).await;
    let is_complete = async || {
        people_act().await;
        live.rig.order(&id).await["status"] == "completed"
    };
    work(&live, is_complete).await;
    each_is_linked_once(&houses, size);
    let (came, allowed) = (houses.smartlead.server.asked().len(), size.allowed());
    let told = format!(
        "{} inboxes were made in {making} s and linked in {linking} s, by {came} requests; {} are needed, which the limits allow in {allowed} s",
        size.all(),
        size.asked()
    );
    assert_eq!(refused(&houses), 0, "vendors refused some for their number: {told}");
    assert!(10 * came <= 11 * size.asked(), "{told}");
    assert!(10 * linking <= 11 * allowed, "{told}");
    told
}

fn each_is_linked_once(houses: &Houses, size: Size) {
    let linked = houses.smartlead.addresses();
    let distinct: BTreeSet<_> = linked.iter().collect();
    assert_eq!((linked.len(), distinct.len()), (size.all(), size.all()));
    let has_part = |addresses: Vec<String>| assert!(!addresses.is_empty(), "every tenant has a part");
    houses.google.iter().for_each(|one| has_part(one.addresses()));
    houses.graph.iter().for_each(|one| has_part(one.addresses()));
}

/// How often vendors had to say that it was too often.
fn refused(houses: &Houses) -> usize {
    let google: usize = houses.google.iter().map(|one| one.refused()).sum();
    let graph: usize = houses.graph.iter().map(|one| one.refused()).sum();
    google + graph + houses.smartlead.refused()
}

#[tokio::test]
async fn a_thousand_inboxes_take_no_longer_than_the_vendors_limits_let_them() {
    println!("{}", as_fast_as_the_limits(Size { google: 17, microsoft: 23, inboxes: 42 }).await);
}

#[tokio::test]
async fn two_hundred_inboxes_take_no_longer_than_the_vendors_limits_let_them() {
    println!("{}", as_fast_as_the_limits(Size { google: 2, microsoft: 2, inboxes: 98 }).await);
}
