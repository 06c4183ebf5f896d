//! What is bought is written down first, and the operator stops it within a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::operator::Operator;
use async_trait::async_trait;
use model::audit::Origin;
use model::clock::{DAY, MINUTE, Time};
use model::domain::{DomainName, NameAnswer};
use model::id::Id;
use model::intent::{Intent, IntentState};
use model::money::Cents;
use model::pause::Reach;
use model::world::World;
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::roles::{Bought, Holding, Purpose, Registrar};
use providers::trouble::Trouble;
use serde_json::{Value, json};
use store::intents::{self, Filter};

use crate::program::{json as json_of, run, serve};
use crate::support::{Rig, order_body};

async fn purchases(rig: &Rig) -> Vec<Intent> {
    let mut found = intents::list(&mut rig.wired.store.read().await.unwrap(), &Filter::default(), 100).await.unwrap();
    found.reverse();
    found
}

fn operator(rig: &Rig) -> Operator {
    let origin = Origin { command: Some("pause".into()), system_user: Some("alex (1000)".into()), ..Origin::default() };
    Operator { store: rig.wired.store.clone(), clock: rig.clock.clone(), ids: rig.wired.app.ids.clone(), origin }
}

fn sandbox() -> Reach {
    Reach::Account("sandbox".into())
}

/// A registrar whose answers are lost while that is wanted: what it was asked for has happened all the same.
struct Lossy {
    behind: Player<dyn Registrar>,
    loses: AtomicBool,
    /// Whether it happens at all.
    acts: AtomicBool,
}

#[async_trait]
impl Registrar for Lossy {
    async fn check(&self, world: &World, names: &[DomainName], purpose: Purpose) -> Result<Vec<NameAnswer>, Trouble> {
        self.behind.check(world, names, purpose).await
    }

    async fn ensure_registered(&self, call: &Call, max_cents: Cents) -> Result<Bought, Trouble> {
        let answer = match self.acts.load(Ordering::Relaxed) {
            true => self.behind.ensure_registered(call, max_cents).await,
            false => Err(Trouble::Unknown),
        };
        if self.loses.load(Ordering::Relaxed) { Err(Trouble::Unknown) } else { answer }
    }

    async fn registered(&self, call: &Call) -> Result<Option<Bought>, Trouble> {
        self.behind.registered(call).await
    }

    async fn ensure_renewed(&self, call: &Call, beyond: Time, max_cents: Cents) -> Result<Bought, Trouble> {
        self.behind.ensure_renewed(call, beyond, max_cents).await
    }

    async fn expiry(&self, call: &Call) -> Result<Time, Trouble> {
        self.behind.expiry(call).await
    }

    async fn renewal_price(&self, call: &Call) -> Result<Cents, Trouble> {
        self.behind.renewal_price(call).await
    }

    async fn ensure_nameservers(&self, call: &Call, nameservers: &[String]) -> Result<(), Trouble> {
        self.behind.ensure_nameservers(call, nameservers).await
    }

    async fn portfolio(&self, world: &World) -> Result<Vec<Holding>, Trouble> {
        self.behind.portfolio(world).await
    }
}

fn lose(rig: &mut Rig) -> Arc<Lossy> {
    let cast = rig.wired.sim.cast();
    let behind = cast.registrar.clone();
    let lossy = Arc::new(Lossy { behind, loses: AtomicBool::new(true), acts: AtomicBool::new(true) });
    rig.employ(Cast { registrar: Player::new("sandbox", lossy.clone()), ..cast }, None);
    lossy
}

#[tokio::test]
async fn each_purchase_is_one_intent_that_ends_with_what_is_known() {
    let rig = Rig::sqlite().await;
    let order = rig.place(&order_body(&["acme-one.com", "lost-acme.com"])).await;
    rig.settle_all().await;
    let all = purchases(&rig).await;
    let of = |name: &str| all.iter().filter(|one| one.name == name).collect::<Vec<_>>();
    for name in ["acme-one.com", "lost-acme.com"] {
        let bought = of(name);
        assert_eq!((bought.len(), bought[0].state), (1, IntentState::Bought), "{name}");
        assert_eq!((bought[0].most_cents, bought[0].account.as_str()), (1_300, "sandbox"));
        assert_eq!(bought[0].order.as_ref().map(Id::as_str), Some(order.as_str()));
        assert!(bought[0].paid_until.is_some() && bought[0].closed_at.is_some());
    }
    // A year later each is bought for another one.
    for _ in 0..12 {
        let answer = rig.call("POST", "/test/clock/advance", Some(&json!({ "seconds": 30 * 24 * 3600 }))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        rig.settle_all().await;
    }
    let all = purchases(&rig).await;
    let renewed: Vec<_> = all.iter().filter(|one| one.kind.as_str() == "renew").collect();
    assert_eq!(renewed.len(), 2);
    assert!(renewed.iter().all(|one| one.state == IntentState::Bought && one.most_cents == 1_500), "{renewed:?}");
}

#[tokio::test]
async fn what_costs_too_much_is_not_bought_and_what_is_agreed_is_another_purchase() {
    let rig = Rig::sqlite().await;
    rig.place(&order_body(&["action-price-acme.com"])).await;
    rig.work_off().await;
    let actions = rig.call("GET", "/orders/pending", None).await.body;
    let id = actions["data"][0]["id"].as_str().unwrap_or_else(|| panic!("{actions}")).to_owned();
    let states = async || purchases(&rig).await.iter().map(|one| (one.state, one.most_cents)).collect::<Vec<_>>();
    assert_eq!(states().await, [(IntentState::NotBought, 1_300)]);
    let path = format!("/orders/pending/{id}/resolve");
    let answer = rig.call("POST", &path, Some(&json!({ "max_total_cents": 5_000 }))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    rig.settle_all().await;
    assert_eq!(states().await, [(IntentState::NotBought, 1_300), (IntentState::Bought, 1_600)]);
}

#[tokio::test]
async fn a_pause_stops_what_has_not_begun_and_says_so_and_it_goes_on() {
    let rig = Rig::sqlite().await;
    operator(&rig).pause(sandbox(), false).await.unwrap();
    let order = rig.place(&order_body(&["acme-one.com"])).await;
    rig.work_off().await;
    for _ in 0..5 {
        rig.advance(MINUTE).await;
    }
    assert_eq!((purchases(&rig).await.len(), rig.effects("registered", "acme-one.com").await), (0, 0));
    let timeline = rig.call("GET", &format!("/orders/{order}/timeline"), None).await.body.to_string();
    assert!(timeline.contains("The operator has paused buying"), "{timeline}");
    assert_eq!(rig.order(&order).await["status"], "in_progress");
    operator(&rig).resume(sandbox()).await.unwrap();
    rig.advance(MINUTE).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&order).await["status"], "completed");
    assert_eq!((purchases(&rig).await.len(), rig.effects("registered", "acme-one.com").await), (1, 1));
}

#[tokio::test]
async fn what_may_have_been_bought_is_found_out_in_a_pause_and_never_bought_again() {
    for happened in [true, false] {
        let mut rig = Rig::sqlite().await;
        let lossy = lose(&mut rig);
        lossy.acts.store(happened, Ordering::Relaxed);
        let order = rig.place(&order_body(&["acme-one.com"])).await;
        rig.work_off().await;
        assert_eq!(purchases(&rig).await[0].state, IntentState::Open, "nobody knows");
        operator(&rig).pause(sandbox(), false).await.unwrap();
        lossy.acts.store(true, Ordering::Relaxed);
        for _ in 0..5 {
            rig.advance(MINUTE).await;
        }
        let (state, status) = (purchases(&rig).await[0].state, rig.order(&order).await["status"].clone());
        let bought = rig.effects("registered", "acme-one.com").await;
        match happened {
            true => assert_eq!((state, bought, status), (IntentState::Bought, 1, json!("completed"))),
            false => assert_eq!((state, bought, status), (IntentState::Open, 0, json!("in_progress"))),
        }
        operator(&rig).resume(sandbox()).await.unwrap();
        lossy.loses.store(false, Ordering::Relaxed);
        rig.advance(MINUTE).await;
        rig.settle_all().await;
        let all = purchases(&rig).await;
        assert_eq!((all.len(), all[0].state), (1, IntentState::Bought));
        assert_eq!(rig.effects("registered", "acme-one.com").await, 1);
    }
}

#[tokio::test]
async fn what_is_cancelled_while_nobody_knows_is_looked_for_before_it_is_said() {
    let mut rig = Rig::sqlite().await;
    lose(&mut rig);
    let order = rig.place(&order_body(&["acme-one.com"])).await;
    rig.work_off().await;
    let cancelled = rig.call("POST", &format!("/orders/{order}/cancel"), Some(&json!({}))).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    rig.settle_all().await;
    let all = purchases(&rig).await;
    assert_eq!((all.len(), all[0].state), (1, IntentState::Bought), "it had come about");
}

#[tokio::test]
async fn renewals_go_on_in_a_pause_unless_they_are_to_stop_too() {
    for (renewals, renewed) in [(false, 1), (true, 0)] {
        let rig = Rig::sqlite().await;
        rig.place(&order_body(&["acme-one.com"])).await;
        rig.settle_all().await;
        operator(&rig).pause(sandbox(), renewals).await.unwrap();
        for _ in 0..12 {
            rig.call("POST", "/test/clock/advance", Some(&json!({ "seconds": 29 * 24 * 3600 }))).await;
            rig.work_off().await;
            rig.advance(MINUTE).await;
        }
        let count = purchases(&rig).await.iter().filter(|one| one.kind.as_str() == "renew").count();
        assert_eq!(count, renewed, "{renewals}");
    }
}

#[tokio::test]
async fn two_processes_hold_the_same_pause() {
    let Some(rig) = Rig::postgres().await else { return };
    let other = rig.another(None).await;
    operator(&other).pause(sandbox(), false).await.unwrap();
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.work_off().await;
    other.work_off().await;
    assert_eq!(purchases(&rig).await, []);
    operator(&rig).resume(sandbox()).await.unwrap();
    other.advance(MINUTE).await;
    other.settle_all().await;
    assert_eq!(purchases(&rig).await.len(), 1);
}

#[tokio::test]
async fn the_operator_pauses_and_resumes_from_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let running = serve(&data).await;
    let paused = json_of(&data, &["pause", "--account", "sandbox", "--renewals"]).await;
    assert_eq!((&paused["reach"], &paused["renewals"]), (&json!("account:sandbox"), &json!(true)));
    let again = json_of(&data, &["pause", "--account", "sandbox"]).await;
    assert_eq!((&again["id"], &again["renewals"]), (&paused["id"], &json!(false)), "the same one, changed");
    let token = std::fs::read_to_string(data.join("operator.token")).expect("a token").trim().to_owned();
    let notices = async || -> Value {
        let request = crate::program::client().get(format!("{}/notices", running.operator)).bearer_auth(&token);
        request.send().await.expect("an answer").json().await.expect("JSON")
    };
    while notices().await["data"][0]["kind"] != "buying_paused" {}
    let lifted = json_of(&data, &["resume", "--account", "sandbox"]).await;
    assert!(lifted["lifted_at"].is_string());
    while notices().await["data"] != json!([]) {}
    let none = run(&data, &["resume"]).await;
    let said = String::from_utf8_lossy(&none.stderr).into_owned();
    assert!(!none.status.success() && said.contains("nothing is paused there"), "{said}");
    let wrong = run(&data, &["pause", "--account", "nobody"]).await;
    assert_eq!(wrong.status.code(), Some(2));
    let acts = json_of(&data, &["audit"]).await;
    let acts: Vec<_> = acts.as_array().expect("acts").iter().map(|one| one["act"].as_str().expect("an act")).collect();
    assert_eq!(acts[..3], ["buying.resume", "buying.pause", "buying.pause"]);
    assert_eq!(json_of(&data, &["purchases"]).await, json!([]));
}

#[tokio::test]
async fn a_purchase_that_stays_unclear_is_told() {
    let mut rig = Rig::sqlite().await;
    let lossy = lose(&mut rig);
    lossy.acts.store(false, Ordering::Relaxed);
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.work_off().await;
    let mut lookout = server::notices::Lookout::new(&rig.config, &rig.wired, Arc::default()).unwrap();
    let kinds = async |rig: &Rig| {
        let open = store::notices::open(&mut rig.wired.store.read().await.unwrap()).await.unwrap();
        open.into_iter().map(|one| one.finding.kind.as_str()).collect::<Vec<_>>()
    };
    rig.clock.advance(DAY + 1);
    lookout.look().await;
    assert!(kinds(&rig).await.contains(&"purchase_unclear"));
    lossy.acts.store(true, Ordering::Relaxed);
    lossy.loses.store(false, Ordering::Relaxed);
    rig.settle_all().await;
    rig.clock.advance(1);
    lookout.look().await;
    assert!(!kinds(&rig).await.contains(&"purchase_unclear"));
}
