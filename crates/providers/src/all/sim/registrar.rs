//! The sandbox's registrar.

use std::collections::HashMap;

use async_trait::async_trait;
use model::action::ActionReason;
use model::clock::{DAY, HOUR, Time};
use model::domain::{DomainName, NameAnswer, Unavailable, Verdict};
use model::money::Cents;
use model::world::World;

use super::Sim;
use super::behaviour::{Behaviour, Manner, Moment, Shelf};
use super::dns_host::same_hosts;
use super::error::SimError;
use super::estate::{Estate, Ordered, Sale};
use super::ledger::Deed;
use super::scene::{Scene, asking, for_good};
use crate::call::Call;
use crate::roles::{Bought, Holding, Purpose, Registrar};
use crate::trouble::{Trouble, UnderWay};

/// What every name costs for its first year, in cents.
pub(super) const PRICE: Cents = 1_300;
/// How much more a name costs that becomes dearer, in cents.
pub(super) const RISE: Cents = 300;
/// What every further year costs, in cents.
pub(super) const RENEWAL: Cents = 1_500;
/// What every further year costs of a name that has become dearer by then, in cents.
pub(super) const JUMPED_RENEWAL: Cents = 2 * RENEWAL;
/// How long the registry takes over a pending registration, in microseconds of partner time.
pub(super) const REGISTRY_TAKES: i64 = 6 * HOUR;
/// How long a registration lasts, in microseconds.
const YEAR: i64 = 365 * DAY;
/// How far ahead a registration may reach, in years: the registries' usual limit.
const LONGEST: i64 = 10;

#[async_trait]
impl Registrar for Sim {
    async fn check(&self, world: &World, names: &[DomainName], purpose: Purpose) -> Result<Vec<NameAnswer>, Trouble> {
        let known: HashMap<_, _> = self.memory.known(world, names).await?.into_iter().collect();
        let answer = |name: &DomainName| {
            let verdict = looked_up(name, known.get(name.as_str()).map(String::as_str), purpose);
            NameAnswer::new(name.clone(), verdict)
        };
        Ok(names.iter().map(answer).collect())
    }

    async fn ensure_registered(&self, call: &Call, max_cents: Cents) -> Result<Bought, Trouble> {
        self.turn(call, move |scene| sell(scene, max_cents)).await
    }

    async fn registered(&self, call: &Call) -> Result<Option<Bought>, Trouble> {
        self.turn(call, bought_by).await
    }

    async fn ensure_renewed(&self, call: &Call, beyond: Time, max_cents: Cents) -> Result<Bought, Trouble> {
        self.turn(call, move |scene| renew(scene, beyond, max_cents)).await
    }

    async fn expiry(&self, call: &Call) -> Result<Time, Trouble> {
        let run_out = |scene: &mut Scene<'_>| scene.estate.sale.as_ref().map(Sale::expires);
        self.turn(call, move |scene| run_out(scene).ok_or(asking(ActionReason::RegistrarRejected))).await
    }

    async fn renewal_price(&self, call: &Call) -> Result<Cents, Trouble> {
        self.turn(call, |scene| Ok(renewal_price(scene))).await
    }

    async fn ensure_nameservers(&self, call: &Call, nameservers: &[String]) -> Result<(), Trouble> {
        let nameservers = nameservers.to_vec();
        self.turn(call, |scene| delegate(scene, nameservers)).await
    }

    async fn portfolio(&self, world: &World) -> Result<Vec<Holding>, Trouble> {
        let sold = self.memory.all(world).await?.into_iter().filter_map(|(name, memory)| {
            let sale = Estate::read(&memory).ok()?.sale?;
            let (expires_at, renews_itself) = (Some(sale.expires()), Some(false));
            Some(Holding { name: DomainName::stored(name), expires_at, renews_itself })
        });
        Ok(sold.collect())
    }
}

/// The verdict by what is remembered of a name. A memory that cannot be read costs no other name its answer.
fn looked_up(name: &DomainName, memory: Option<&str>, purpose: Purpose) -> Verdict {
    match memory.map_or_else(|| Ok(Estate::default()), Estate::read) {
        Ok(estate) => verdict(name, &estate, purpose),
        Err(source) => {
            tracing::warn!(error = %SimError::damaged(name, source), "the sandbox could not look up a name");
            Verdict::Not(Unavailable::Errored)
        }
    }
}

fn verdict(name: &DomainName, estate: &Estate, purpose: Purpose) -> Verdict {
    if estate.sale.is_some() || estate.ordered.is_some() {
        return Verdict::Not(Unavailable::Taken);
    }
    match Behaviour::of(name).shelf {
        Shelf::Not(why) => Verdict::Not(why),
        Shelf::GoneAtTheTill(_) if purpose == Purpose::Buy => Verdict::Not(Unavailable::Taken),
        Shelf::GoneAtTheTill(usable_for) | Shelf::Free(usable_for) => {
            let price_cents = if estate.dearer { PRICE + RISE } else { PRICE };
            Verdict::Buyable { price_cents, renewal_price_cents: RENEWAL, usable_for: usable_for.to_vec() }
        }
    }
}

fn sell(scene: &mut Scene<'_>, max_cents: Cents) -> Result<Bought, Trouble> {
    register_ordered(scene);
    if let Some(sale) = &scene.estate.sale {
        let ours = sale.reference == scene.call.reference;
        return if ours { Ok(sale.told()) } else { Err(asking(ActionReason::NameTaken)) };
    }
    if let Some(ordered) = &scene.estate.ordered {
        return Err(under_way(scene, ordered).unwrap_or(asking(ActionReason::NameTaken)));
    }
    scene.ask(Moment::Registering)?;
    match scene.behaviour.manner {
        Manner::Snatched => return Err(asking(ActionReason::NameTaken)),
        Manner::Dearer => scene.estate.dearer = true,
        _ => {}
    }
    let price = match verdict(scene.name(), &scene.estate, Purpose::Buy) {
        Verdict::Not(why) => return Err(refusal(why)),
        Verdict::Buyable { price_cents, .. } if price_cents > max_cents => {
            return Err(asking(ActionReason::PriceChanged));
        }
        Verdict::Buyable { price_cents, .. } => price_cents,
    };
    let (reference, now) = (scene.call.reference.clone(), scene.call.now);
    if scene.behaviour.manner == Manner::PendingHours {
        let ready = now.plus(REGISTRY_TAKES);
        scene.estate.ordered = Some(Ordered { reference, price, ready_at: ready.0 });
        return Err(Trouble::UnderWay(UnderWay::Registration, ready));
    }
    Ok(register(scene, Ordered { reference, price, ready_at: now.0 }))
}

fn register(scene: &mut Scene<'_>, ordered: Ordered) -> Bought {
    let Ordered { reference, price, ready_at } = ordered;
    let sale = Sale { reference, expires_at: Time(ready_at).plus(YEAR).0, paid: Some(price) };
    let told = sale.told();
    scene.estate.sale = Some(sale);
    scene.record_sale(Deed::Registered, price);
    told
}

/// What was ordered is registered when its time has come, whether or not anybody asks again.
fn register_ordered(scene: &mut Scene<'_>) {
    let now = scene.call.now.0;
    if let Some(ordered) = scene.estate.ordered.take_if(|ordered| now >= ordered.ready_at) {
        register(scene, ordered);
    }
}

/// What the caller waits for; `None` when somebody else has ordered the name.
fn under_way(scene: &Scene<'_>, ordered: &Ordered) -> Option<Trouble> {
    let ours = ordered.reference == scene.call.reference;
    ours.then_some(Trouble::UnderWay(UnderWay::Registration, Time(ordered.ready_at)))
}

fn bought_by(scene: &mut Scene<'_>) -> Result<Option<Bought>, Trouble> {
    register_ordered(scene);
    if let Some(trouble) = scene.estate.ordered.as_ref().and_then(|ordered| under_way(scene, ordered)) {
        return Err(trouble);
    }
    let sale = scene.estate.sale.as_ref().filter(|sale| sale.reference == scene.call.reference);
    Ok(sale.map(Sale::told))
}

fn renewal_price(scene: &mut Scene<'_>) -> Cents {
    if scene.behaviour.manner == Manner::DearerToRenew { JUMPED_RENEWAL } else { RENEWAL }
}

fn renew(scene: &mut Scene<'_>, beyond: Time, max_cents: Cents) -> Result<Bought, Trouble> {
    let Some(expires) = scene.estate.sale.as_ref().map(Sale::expires) else {
        return Err(asking(ActionReason::RegistrarRejected));
    };
    if expires > beyond {
        return Ok(Bought::until(expires));
    }
    if beyond >= scene.call.now.plus(LONGEST * YEAR) {
        let words = format!("{} cannot be renewed for more than {LONGEST} years ahead.", scene.name());
        return Err(for_good(words));
    }
    scene.ask(Moment::Renewing)?;
    let price = renewal_price(scene);
    let years = (beyond.0 - expires.0) / YEAR + 1;
    let paid = price.saturating_mul(years);
    if max_cents < paid {
        return Err(asking(ActionReason::PriceChanged));
    }
    let later = expires.plus(years * YEAR);
    for _ in 0..years {
        scene.record_sale(Deed::Renewed, price);
    }
    if let Some(sale) = &mut scene.estate.sale {
        sale.expires_at = later.0;
    }
    Ok(Bought { paid_cents: Some(paid), ..Bought::until(later) })
}

/// What a purchase runs into when it ignores what `check` says.
const fn refusal(why: Unavailable) -> Trouble {
    match why {
        Unavailable::Taken => asking(ActionReason::NameTaken),
        Unavailable::Premium => asking(ActionReason::PriceChanged),
        Unavailable::Invalid => asking(ActionReason::RegistrarRejected),
        Unavailable::Errored | Unavailable::Stale => Trouble::Later(None),
    }
}

fn delegate(scene: &mut Scene<'_>, nameservers: Vec<String>) -> Result<(), Trouble> {
    if scene.estate.sale.is_none() {
        return Err(asking(ActionReason::NameserversNotPointed));
    }
    if !same_hosts(&scene.estate.delegation, &nameservers) {
        scene.estate.delegation = nameservers;
        scene.record_name(Deed::NameserversSet);
    }
    Ok(())
}
