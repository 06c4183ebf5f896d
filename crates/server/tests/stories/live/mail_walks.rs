//! Partners who do whatever comes to mind while anything may go wrong at tenants and sequencers, and workers die: every mailbox is
//! there once and is linked once, and when all has been cancelled nothing is left at any vendor.

use std::ops::Range;
use std::sync::Arc;

use doubles::{Fault, Server, instantly, smartlead};
use model::clock::DAY;
use serde_json::{Value, json};

use super::houses::Houses;
use super::stage::Live;
use crate::support::lottery::{Lottery, Storm};
use crate::walks::{FAR_APART, Walk};

/// The walks of every run of the tests. Whoever changes a mail host's adapter, a sequencer's, or what comes of a lost answer takes a
/// hundred others once.
const WALKS: Range<u64> = 0..2;
/// How many times something is done on a walk.
const ROUNDS: u64 = 24;
/// How often people do what they are asked for until nobody is asked any more.
const SETTLINGS: usize = 12;
/// The ways of asking: of each method, and of what is dear to lose.
const ASKED: [(&str, &str); 12] = [
    ("GET", ""),
    ("POST", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("POST", "/users"),
    ("POST", "/domains"),
    ("POST", "/assignLicense"),
    ("POST", "/verify"),
    ("POST", "/webResource"),
    ("POST", "/save"),
    ("POST", "/accounts"),
    ("POST", "/token"),
];

fn name(lottery: &mut Lottery) -> String {
    format!("acme-{}.com", lottery.draw(40))
}

/// One of both sequencers, known by its key or, where that may be, by the login.
fn sequencer(lottery: &mut Lottery) -> Value {
    match lottery.draw(3) {
        0 => json!({ "provider": "instantly", "api_key": instantly::API_KEY }),
        1 => json!({ "provider": "smartlead", "api_key": smartlead::API_KEY }),
        _ => json!({
            "provider": "smartlead", "login_email": smartlead::LOGIN_EMAIL, "login_password": smartlead::LOGIN_PASSWORD,
        }),
    }
}

struct Path {
    live: Live,
    houses: Houses,
    walk: Walk,
    seed: u64,
    /// How many more times something befalls until all that lasts ends.
    lasts: u64,
}

impl Path {
    async fn new(seed: u64) -> Self {
        let houses = Houses::new(1).await;
        houses.smartlead.raise_limits();
        let live = houses.live(|usual| format!("[sizing]\nmicrosoft_inboxes_per_domain = 3\n\n{usual}")).await;
        let rig = live.another(Some(Arc::new(Storm::of(seed, 40)))).await;
        let mut walk = Walk::new(rig, Lottery::seeded(seed), name);
        walk.sequencers = Some(sequencer);
        Self { live, houses, walk, seed, lasts: 0 }
    }

    async fn round(&mut self) {
        match self.walk.lottery.draw(16) {
            0..=3 => self.walk.order().await,
            4 => self.walk.cancel().await,
            5 => self.walk.undo().await,
            6 => self.walk.swap().await,
            7 | 8 => self.walk.rename().await,
            9 => self.walk.resolve().await,
            10 => self.walk.cancel_swap().await,
            11..=13 => self.people().await,
            14 => self.start_anew().await,
            _ => self.walk.wait().await,
        }
        if self.walk.lottery.draw(2) == 0 {
            self.befall();
        }
        let (whole, count) = (self.walk.lottery.draw(2) == 0, self.walk.lottery.draw(12));
        match whole {
            true => self.walk.work(count / 2).await,
            false => self.walk.steps(count).await,
        }
    }

    async fn people(&mut self) {
        self.walk.log.push("people do what they are asked for".into());
        self.houses.people_try(&self.walk.rig).await;
    }

    /// The process is killed, and another takes over.
    async fn start_anew(&mut self) {
        self.seed = self.seed.wrapping_add(FAR_APART);
        self.walk.rig = self.live.another(Some(Arc::new(Storm::of(self.seed, 40)))).await;
        self.walk.rig.wired.engine.recover().await.unwrap();
        self.walk.log.push("another process takes over".into());
    }

    fn servers(&self) -> [(&'static str, &Server); 4] {
        let houses = &self.houses;
        [
            ("Google", &houses.google[0].server),
            ("Graph", &houses.graph[0].server),
            ("Smartlead", &houses.smartlead.server),
            ("Instantly", &houses.instantly.server),
        ]
    }

    /// Something goes wrong, or what did has an end.
    fn befall(&mut self) {
        self.lasts = self.lasts.saturating_sub(1);
        if self.lasts == 1 {
            self.servers().iter().for_each(|(_, server)| server.fail_always(None));
        }
        let fault = *self.walk.lottery.pick(&Fault::PASSING).unwrap();
        let (lasts, asked) = (self.walk.lottery.draw(6) == 0, *self.walk.lottery.pick(&ASKED).unwrap());
        let which = usize::try_from(self.walk.lottery.draw(4)).unwrap();
        let (who, server) = self.servers()[which];
        let said = match lasts {
            true => {
                server.fail_always(Some(fault));
                format!("{who}: everything meets {fault:?}")
            }
            false => {
                server.fail(asked.0, asked.1, fault);
                format!("{who}: the next {asked:?} meets {fault:?}")
            }
        };
        if lasts {
            self.lasts = 4;
        }
        self.walk.log.push(said);
    }

    /// Everything that goes wrong has an end, and people do what they are asked for.
    async fn come_to_rest(&mut self) {
        self.servers().iter().for_each(|(_, server)| server.fail_no_more());
        self.walk.log.push("nothing goes wrong any more".into());
        for _ in 0..SETTLINGS {
            self.walk.work(60).await;
            self.people().await;
        }
        self.walk.rig.clock.advance(2 * DAY);
        self.walk.work(200).await;
    }

    /// Nothing is there more than once.
    fn twice(&self, faults: &mut Vec<String>) {
        let houses = &self.houses;
        for (who, mut all) in [
            ("Google", houses.google[0].addresses()),
            ("Graph", houses.graph[0].addresses()),
            ("Smartlead", houses.smartlead.addresses()),
            ("Instantly", houses.instantly.addresses()),
        ] {
            all.sort();
            let twice = all.windows(2).filter(|pair| pair[0] == pair[1]);
            faults.extend(twice.map(|pair| format!("{who} has {} twice", pair[0])));
        }
    }

    /// The tenants have the mailboxes that are shown of domains that work, and the sequencers the accounts.
    async fn inboxes_are_those_that_there_are(&self, faults: &mut Vec<String>) {
        let houses = &self.houses;
        let there = [houses.google[0].addresses(), houses.graph[0].addresses()].concat();
        let linked = [houses.smartlead.addresses(), houses.instantly.addresses()].concat();
        for domain in self.walk.all("/domains?category=connected&per_page=100").await {
            let path = format!("/inboxes?domain_id={}&per_page=100", domain["id"].as_str().unwrap());
            let ending = format!("@{}", domain["domain"].as_str().unwrap());
            let shown = self.walk.all(&path).await;
            let of_it = |all: &[String]| all.iter().filter(|email| email.ends_with(&ending)).count();
            let is_linked = |inbox: &&Value| inbox["sequencer"]["status"] == "linked";
            let wanted = (shown.len(), shown.iter().filter(is_linked).count());
            let counted = (of_it(&there), of_it(&linked));
            if counted != wanted {
                faults.push(format!("{counted:?} mailboxes and accounts, and {wanted:?} are shown: {domain}"));
            }
            for inbox in &shown {
                let email = inbox["email"].as_str().unwrap().to_owned();
                if !there.contains(&email) || inbox["sequencer"]["status"] == "linked" && !linked.contains(&email) {
                    faults.push(format!("it is shown, and not there: {inbox}"));
                }
            }
        }
    }

    /// When everything has ended.
    fn nothing_is_left(&self, faults: &mut Vec<String>) {
        let houses = &self.houses;
        for (who, left) in [
            ("Google", houses.google[0].domains()),
            ("Google", houses.google[0].addresses()),
            ("Graph", houses.graph[0].domains()),
            ("Graph", houses.graph[0].addresses()),
            ("Smartlead", houses.smartlead.addresses()),
            ("Instantly", houses.instantly.addresses()),
        ] {
            faults.extend(left.iter().map(|one| format!("{who} still has {one}")));
        }
    }
}

/// Everything that was not true at any moment of a walk, and what was done on it.
async fn walk(seed: u64) -> Vec<String> {
    let mut path = Path::new(seed).await;
    for _ in 0..ROUNDS {
        path.round().await;
        let mut faults = path.walk.always_untrue().await;
        path.twice(&mut faults);
        if !faults.is_empty() {
            return faults.into_iter().chain(path.walk.log).collect();
        }
    }
    path.come_to_rest().await;
    let mut faults = path.walk.untrue_at_rest().await;
    path.twice(&mut faults);
    path.inboxes_are_those_that_there_are(&mut faults).await;
    if faults.is_empty() {
        path.walk.end_everything().await;
        faults = path.walk.untrue_in_the_end().await;
        path.nothing_is_left(&mut faults);
        faults.extend(path.live.money_faults().await);
        faults.extend(path.live.served_to_nobody());
    }
    if !faults.is_empty() {
        faults.append(&mut path.walk.log);
    }
    faults
}

#[tokio::test]
async fn whatever_goes_wrong_at_tenants_and_sequencers_each_mailbox_is_there_once_and_none_is_left() {
    for number in WALKS {
        let faults = walk(number.wrapping_mul(FAR_APART)).await;
        assert!(faults.is_empty(), "walk {number}\n{}", faults.join("\n"));
    }
}
