//! What a registrar has to keep.

use model::action::ActionReason;
use model::domain::{DomainName, NameAnswer, Verdict};
use model::money::Cents;
use model::run::StepName;

use super::maker::Maker;
use super::patience::{refused, settled};
use super::renewal;
use super::stage::{PLENTY, bought, delegated, sorted};
use crate::call::Call;
use crate::cast::Cast;
use crate::roles::Purpose;
use crate::trouble::Refused;

/// Holds the registrar against the contract.
///
/// # Panics
/// With the first sentence of the contract that is broken.
pub async fn registrar(cast: &Cast, maker: &Maker) {
    registrar_by_name(cast, maker).await;
    a_name_is_sold_once(cast, maker).await;
    looking_for_a_purchase_buys_nothing(cast, maker).await;
}

/// The part of it that a registrar can keep which remembers no reference of ours: to such a one, a name in the account is
/// ours, whoever asks.
///
/// # Panics
/// With the first sentence of the contract that is broken.
pub async fn registrar_by_name(cast: &Cast, maker: &Maker) {
    registrar_of_its_own_host(cast, maker).await;
    a_delegation_can_be_set_again(cast, maker).await;
}

/// The part of that which a registrar can keep whose names stay on the servers of its own DNS host.
///
/// # Panics
/// With the first sentence of the contract that is broken.
pub async fn registrar_of_its_own_host(cast: &Cast, maker: &Maker) {
    every_name_gets_one_answer(cast, maker).await;
    the_answer_is_what_it_costs(cast, maker).await;
    what_was_bought_lies_in_the_portfolio(cast, maker).await;
    delegated(cast, maker).await;
    renewal::a_name_is_renewed_up_to_a_date(cast, maker).await;
    renewal::a_renewal_keeps_its_limit(cast, maker).await;
}

async fn check(cast: &Cast, maker: &Maker, names: &[DomainName], purpose: Purpose) -> Vec<NameAnswer> {
    let answers = cast.registrar.check(maker.world(), names, purpose).await;
    answers.unwrap_or_else(|trouble| panic!("a check has to work, and ended with {trouble:?}"))
}

async fn every_name_gets_one_answer(cast: &Cast, maker: &Maker) {
    let names: Vec<_> = (0..7).map(|_| maker.name()).collect();
    for purpose in [Purpose::Browse, Purpose::Buy] {
        let answers = check(cast, maker, &names, purpose).await;
        let answered = answers.into_iter().map(|answer| answer.name).collect();
        assert_eq!(sorted(answered), sorted(names.clone()), "check answers every name exactly once");
        assert!(check(cast, maker, &[], purpose).await.is_empty(), "no names, no answers");
    }
}

/// What a year costs, in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Price {
    /// The first one.
    pub(super) first: Cents,
    /// Every further one.
    pub(super) further: Cents,
}

pub(super) async fn price(cast: &Cast, maker: &Maker, name: &DomainName) -> Option<Price> {
    let answers = check(cast, maker, std::slice::from_ref(name), Purpose::Buy).await;
    answers.into_iter().find_map(|answer| match answer.verdict {
        Verdict::Buyable { price_cents: first, renewal_price_cents: further, .. } => Some(Price { first, further }),
        Verdict::Not(_) => None,
    })
}

async fn the_answer_is_what_it_costs(cast: &Cast, maker: &Maker) {
    let name = maker.name();
    let Some(Price { first: price, .. }) = price(cast, maker, &name).await else {
        panic!("{name} has to be free to buy")
    };
    let call = maker.call(&name, StepName::RegisterName);
    let no = refused(&call, async |call| cast.registrar.ensure_registered(call, price - 1).await).await;
    assert_eq!(no, Refused::Ask(ActionReason::PriceChanged), "a name is not bought for more than is allowed");
    let expires = settled(&call, async |call| cast.registrar.ensure_registered(call, price).await).await;
    assert!(expires.expires_at > call.now, "a name that was just bought has not run out");
}

async fn a_name_is_sold_once(cast: &Cast, maker: &Maker) {
    let name = bought(cast, maker).await;
    let call = maker.call(&name, StepName::RegisterName);
    let first = settled(&call, async |call| cast.registrar.ensure_registered(call, PLENTY).await).await;
    let later = maker.call(&name, StepName::RegisterName);
    let again = settled(&later, async |call| cast.registrar.ensure_registered(call, PLENTY).await).await;
    assert_eq!(first.expires_at, again.expires_at, "the second purchase by one reference finds the first");
    let free = settled(&call, async |call| cast.registrar.ensure_registered(call, 0).await).await;
    assert_eq!(first.expires_at, free.expires_at, "what is ours already costs nothing");
    let rival = maker.rival_call(&name, StepName::RegisterName);
    let no = refused(&rival, async |call| cast.registrar.ensure_registered(call, PLENTY).await).await;
    assert_eq!(no, Refused::Ask(ActionReason::NameTaken), "a name that is sold is taken for everybody else");
    assert_eq!(price(cast, maker, &name).await, None, "a name that is sold cannot be bought");
}

async fn what_was_bought_lies_in_the_portfolio(cast: &Cast, maker: &Maker) {
    let (name, other) = (bought(cast, maker).await, maker.name());
    let call = maker.call(&name, StepName::RegisterName);
    let all = settled(&call, async |call| cast.registrar.portfolio(&call.world).await).await;
    let held: Vec<_> = all.iter().filter(|one| one.name == name).collect();
    assert_eq!(held.len(), 1, "a name lies in its account once");
    assert!(held[0].renews_itself != Some(true), "the vendor renews nothing by itself");
    let until = settled(&call, async |call| cast.registrar.ensure_registered(call, 0).await).await.expires_at;
    assert!(held[0].expires_at.is_none_or(|expires| expires == until), "the portfolio tells the date of the name");
    assert!(all.iter().all(|one| one.name != other), "what was not bought is not there");
}

async fn a_delegation_can_be_set_again(cast: &Cast, maker: &Maker) {
    let name = bought(cast, maker).await;
    let call = maker.call(&name, StepName::DelegateName);
    for host in ["one", "one", "two"] {
        let nameservers = ["a", "b"].map(|label| format!("{label}.{host}.example.net"));
        settled(&call, async |call| cast.registrar.ensure_nameservers(call, &nameservers).await).await;
    }
}

async fn looking_for_a_purchase_buys_nothing(cast: &Cast, maker: &Maker) {
    let name = maker.name();
    let (ours, rival) = (maker.call(&name, StepName::RegisterName), maker.rival_call(&name, StepName::RegisterName));
    let look = async |call: &Call| cast.registrar.registered(call).await;
    for _ in 0..2 {
        assert_eq!(settled(&ours, look).await, None, "what was not bought is not there");
    }
    assert!(price(cast, maker, &name).await.is_some(), "looking for a purchase does not make one");
    let expires = settled(&ours, async |call| cast.registrar.ensure_registered(call, PLENTY).await).await;
    let found = settled(&ours, look).await.map(|found| found.expires_at);
    assert_eq!(found, Some(expires.expires_at), "a purchase is found by its reference");
    assert_eq!(settled(&rival, look).await, None, "somebody else's purchase is not ours");
}
