//! Partners who do whatever comes to mind, an operator who pauses, two vendors at which anything may go wrong at any moment,
//! and workers that die: whatever it was, no name is bought at two accounts, and none is paid for and forgotten.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use doubles::Fault;
use model::clock::{Clock as _, DAY};
use model::intent::RENEWAL_SHOWS;
use model::pause::Reach;
use model::role::Role;
use model::task::Lane;
use serde_json::{Value, json};

use super::operator;
use super::stage::Live;
use super::trouble::Troubles;
use crate::support::Rig;
use crate::support::lottery::{Lottery, Storm};
use crate::walks::{FAR_APART, Walk};

/// The walks of every run of the tests. Whoever changes how names are bought, an adapter, or what comes of a lost answer takes
/// three hundred others once.
const WALKS: Range<u64> = 0..3;

/// The walks of two processes on one database.
const CROWDS: Range<u64> = 1..2;

/// How many times something is done on a walk.
const ROUNDS: u64 = 40;

/// Endings: most are sold at both vendors, two at one of them each, one of these for two years at least.
const ENDINGS: [&str; 6] = ["com", "com", "net", "org", "org", "ai"];
/// Beginnings: somebody else's, dear, or of a registry that is not there. Most are none of these.
const BEGINNINGS: [&str; 3] = ["taken-", "premium-", "resting-"];

/// A name of which there are so few that the same one is wanted again and again.
fn name(lottery: &mut Lottery) -> String {
    let is_odd = lottery.draw(16) == 0;
    let beginning = lottery.pick(&BEGINNINGS).copied().filter(|_| is_odd).unwrap_or_default();
    let ending = lottery.pick(&ENDINGS).copied().unwrap_or_default();
    format!("{beginning}acme-{}.{ending}", lottery.draw(60))
}

/// How often what is asked is given up until nothing is.
const SETTLINGS: usize = 4;

/// How many years names may be renewed on a walk.
const MOST_YEARS: u64 = 2;

struct Path {
    live: Live,
    walk: Walk,
    troubles: Troubles,
    /// Another process that works at the same time.
    beside: Option<Rig>,
    seed: u64,
    years: u64,
}

impl Path {
    async fn new(live: Live, seed: u64) -> Self {
        let rig = live.another(Some(Arc::new(Storm::of(seed, 40)))).await;
        let walk = Walk::new(rig, Lottery::seeded(seed), name);
        Self { live, walk, troubles: Troubles::default(), beside: None, seed, years: 0 }
    }

    async fn round(&mut self) {
        match self.walk.lottery.draw(16) {
            0..=5 => self.walk.order().await,
            6 | 7 => self.regret().await,
            8 => self.walk.cancel().await,
            9 => self.walk.undo().await,
            10 => self.walk.swap().await,
            11 => self.walk.forward().await,
            12 | 13 => self.walk.resolve().await,
            14 => self.walk.cancel_swap().await,
            _ => {
                self.registries_answer();
                self.walk.wait().await;
            }
        }
        if self.walk.lottery.draw(3) == 0 {
            let said = self.troubles.befall(&self.live, &mut self.walk.lottery);
            self.walk.log.push(said);
        }
        match self.walk.lottery.draw(16) {
            0 | 1 => self.pause().await,
            2 => self.start_anew().await,
            3 => self.somebody_is_quicker().await,
            4 if self.years < MOST_YEARS => self.a_year_passes().await,
            _ => {}
        }
        if self.walk.lottery.draw(4) == 0 {
            self.walk.answers_beside_work(2).await;
        }
        let (whole, count) = (self.walk.lottery.draw(2) == 0, self.walk.lottery.draw(12));
        match &self.beside {
            Some(other) => _ = tokio::join!(self.walk.steps(count), turns(other, count)),
            None if whole => {}
            None => self.walk.steps(count).await,
        }
        if whole {
            self.walk.work(count / 2).await;
        }
    }

    /// An order whose purchases may not be heard of, and that is cancelled before anybody has looked.
    async fn regret(&mut self) {
        self.live.namecom.server.fail("POST", "/domains", Fault::ReplyLost);
        self.live.dnsimple.server.fail("POST", "/registrations", Fault::PageInstead);
        self.walk.order().await;
        let count = self.walk.lottery.draw(3);
        self.walk.steps(count).await;
        let newest = self.walk.all("/orders?per_page=1").await.pop();
        if let Some(id) = newest.and_then(|order| order["id"].as_str().map(str::to_owned)) {
            self.walk.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({}))).await;
        }
    }

    /// The operator pauses buying somewhere, or resumes.
    async fn pause(&mut self) {
        let operator = operator(&self.live.rig);
        let reaches = [Reach::Role(Role::Registrar), Reach::Account("first".into()), Reach::Account("second".into())];
        let reach = self.walk.lottery.pick(&reaches).cloned().unwrap();
        let (resumes, renewals) = (self.walk.lottery.draw(3) > 0, self.walk.lottery.draw(2) == 0);
        self.walk.log.push(format!("{reach:?} is {}", if resumes { "resumed" } else { "paused" }));
        // What is not paused cannot be resumed: that is refused, and nothing else.
        match resumes {
            true => _ = operator.resume(reach).await,
            false => _ = operator.pause(reach, renewals).await,
        }
    }

    async fn resume_all(&self) {
        for reach in [Reach::Role(Role::Registrar), Reach::Account("first".into()), Reach::Account("second".into())] {
            let _ = operator(&self.live.rig).resume(reach).await;
        }
    }

    /// The process is killed, and another takes over.
    async fn start_anew(&mut self) {
        self.seed = self.seed.wrapping_add(FAR_APART);
        self.walk.rig = self.live.another(Some(Arc::new(Storm::of(self.seed, 40)))).await;
        self.walk.rig.wired.engine.recover().await.unwrap();
        self.walk.log.push("another process takes over".into());
    }

    /// Somebody else buys a name that may be wanted here, unless it is ours.
    async fn somebody_is_quicker(&mut self) {
        let taken = name(&mut self.walk.lottery);
        if self.live.bought(&taken) == (0, 0) {
            self.live.namecom.take(&taken);
            self.live.dnsimple.take(&taken);
            self.walk.log.push(format!("somebody else has {taken}"));
        }
    }

    /// No registry takes weeks: an adapter that waits for its vendor's order believes in it for so long only.
    fn registries_answer(&self) {
        self.live.namecom.finish();
        self.live.dnsimple.finish();
    }

    async fn a_year_passes(&mut self) {
        self.years += 1;
        self.registries_answer();
        self.walk.rig.clock.advance(340 * DAY);
        self.walk.log.push("eleven months later".into());
    }

    /// Everything that goes wrong has an end, and the workers their rest.
    async fn come_to_rest(&mut self) {
        self.troubles.end(&self.live);
        self.resume_all().await;
        self.walk.log.push("nothing goes wrong any more".into());
        for _ in 0..SETTLINGS {
            self.walk.work(60).await;
            self.give_up_what_is_asked().await;
        }
        // A renewal that was asked for without an answer is only looked for so long.
        let clock = self.walk.rig.clock.clone();
        let known = clock.now().plus(RENEWAL_SHOWS + DAY);
        while clock.now() < known {
            let before = clock.now();
            self.walk.work(200).await;
            if clock.now() == before {
                clock.set(known);
            }
        }
        self.walk.work(20).await;
    }

    /// Nobody answers any more: whatever waits for a person is given up.
    async fn give_up_what_is_asked(&mut self) {
        for action in self.walk.all("/orders/pending?per_page=100").await {
            let path = format!("/orders/pending/{}/resolve", action["id"].as_str().unwrap());
            self.walk.call("POST", &path, Some(&json!({ "give_up": true }))).await;
        }
    }

    /// Each renewal is charged to an order once.
    async fn years_are_paid_for(&self, faults: &mut Vec<String>) {
        let mut charged = 0;
        for order in self.walk.all("/orders?per_page=100").await {
            charged += years_charged(&self.walk.rig.order(order["id"].as_str().unwrap()).await);
        }
        let renewed = self.live.paid().iter().filter(|one| one.what == "renewed").count();
        if usize::try_from(charged) != Ok(renewed) {
            faults.push(format!("{renewed} names were renewed, and {charged} renewals are paid for"));
        }
    }

    /// As many purchases as were paid for at vendors are paid for by orders.
    async fn what_was_bought_is_paid_for(&self, faults: &mut Vec<String>) {
        self.years_are_paid_for(faults).await;
        let mut sold: BTreeMap<String, i64> = BTreeMap::new();
        for one in self.live.paid().into_iter().filter(|one| one.what == "registered") {
            *sold.entry(one.name).or_default() += 1;
        }
        for (name, paid) in self.walk.paid_for(faults).await {
            let count = sold.get(&name).copied().unwrap_or(0);
            if paid != count {
                faults.push(format!("{name} was bought {count} times and paid for {paid} times"));
            }
        }
    }
}

/// How many further years an order is charged for.
fn years_charged(order: &Value) -> i64 {
    let lines = order["costs"]["line_items"].as_array().unwrap().iter();
    lines.filter(|line| line["type"] == "domain_renewal").map(|line| line["quantity"].as_i64().unwrap()).sum()
}

/// Lets the workers of another process take so many turns.
async fn turns(rig: &Rig, count: u64) {
    for _ in 0..count {
        rig.wired.engine.work_due(Lane::Step).await.unwrap();
        rig.wired.engine.work_due(Lane::Timer).await.unwrap();
    }
}

/// Everything that was not true at any moment of a walk, and what was done on it.
async fn walk(mut path: Path) -> Vec<String> {
    for _ in 0..ROUNDS {
        path.round().await;
        let mut faults = path.walk.always_untrue().await;
        faults.extend(path.live.twice());
        if !faults.is_empty() {
            return faults.into_iter().chain(path.walk.log).collect();
        }
    }
    path.come_to_rest().await;
    let mut faults = path.walk.untrue_at_rest().await;
    faults.extend(path.live.money_faults().await);
    path.what_was_bought_is_paid_for(&mut faults).await;
    if faults.is_empty() {
        path.walk.end_everything().await;
        faults = path.walk.untrue_in_the_end().await;
        faults.extend(path.live.money_faults().await);
        faults.extend(path.live.served_to_nobody());
        path.what_was_bought_is_paid_for(&mut faults).await;
    }
    if !faults.is_empty() {
        faults.append(&mut path.walk.log);
    }
    faults
}

#[tokio::test]
async fn whatever_goes_wrong_at_two_vendors_nothing_is_bought_twice_or_forgotten() {
    for number in WALKS {
        let path = Path::new(Live::new().await, number.wrapping_mul(FAR_APART)).await;
        let faults = walk(path).await;
        assert!(faults.is_empty(), "walk {number}\n{}", faults.join("\n"));
    }
}

#[tokio::test]
async fn whatever_goes_wrong_while_two_processes_work_nothing_is_bought_twice_or_forgotten() {
    for number in CROWDS {
        let Some(live) = Live::postgres().await else { return };
        let seed = number.wrapping_mul(FAR_APART);
        let other = live.another(Some(Arc::new(Storm::of(seed.rotate_left(7), 40)))).await;
        let path = Path { beside: Some(other), ..Path::new(live, seed).await };
        let faults = walk(path).await;
        assert!(faults.is_empty(), "crowd {number}\n{}", faults.join("\n"));
    }
}
