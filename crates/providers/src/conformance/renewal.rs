//! What a registrar has to keep when names are renewed.

use model::action::ActionReason;
use model::clock::{DAY, Time};
use model::domain::DomainName;
use model::money::Cents;
use model::run::StepName;

use super::maker::Maker;
use super::patience::{refused, settled};
use super::registrar::price;
use super::stage::{PLENTY, bought};
use crate::call::Call;
use crate::cast::Cast;
use crate::trouble::Refused;

/// A renewal by a run of its own.
async fn renewed(cast: &Cast, call: &Call, beyond: Time, max_cents: Cents) -> Time {
    settled(call, async |call| cast.registrar.ensure_renewed(call, beyond, max_cents).await).await.expires_at
}

/// When a name runs out, as the purchase finds it.
async fn expiry(cast: &Cast, maker: &Maker, name: &DomainName) -> Time {
    let call = maker.call(name, StepName::RegisterName);
    settled(&call, async |call| cast.registrar.ensure_registered(call, 0).await).await.expires_at
}

pub(super) async fn a_name_is_renewed_up_to_a_date(cast: &Cast, maker: &Maker) {
    let name = bought(cast, maker).await;
    let (first, next) = (maker.later_call(&name, "renewal_1"), maker.later_call(&name, "renewal_2"));
    let before = expiry(cast, maker, &name).await;
    let free = renewed(cast, &first, before.plus(-DAY), 0).await;
    assert_eq!(free, before, "a name that lasts long enough is not renewed, and costs nothing");
    let after = renewed(cast, &first, before, PLENTY).await;
    assert!(after > before, "a renewed name runs out after the date");
    for call in [&first, &next] {
        assert_eq!(renewed(cast, call, before, 0).await, after, "the same date renews once, whoever asks");
    }
    assert_eq!(expiry(cast, maker, &name).await, after, "the purchase finds the new date");
    let looked = settled(&next, async |call| cast.registrar.expiry(call).await).await;
    assert_eq!(looked, after, "and so does whoever only looks");
    let far = after.plus(500 * DAY);
    let last = renewed(cast, &next, far, PLENTY).await;
    assert!(last > far, "as many years are bought as the date needs");
    assert_eq!(renewed(cast, &next, far, 0).await, last, "and they are bought once");
}

pub(super) async fn a_renewal_keeps_its_limit(cast: &Cast, maker: &Maker) {
    let name = maker.name();
    let Some(price) = price(cast, maker, &name).await else { panic!("{name} has to be free to buy") };
    let call = maker.later_call(&name, "renewal");
    let start = call.now;
    let no = refused(&call, async |call| cast.registrar.ensure_renewed(call, start, PLENTY).await).await;
    assert_eq!(no, Refused::Ask(ActionReason::RegistrarRejected), "a name that is not ours is not renewed");
    let buy = maker.call(&name, StepName::RegisterName);
    let before = settled(&buy, async |call| cast.registrar.ensure_registered(call, price.first).await).await.expires_at;
    let two = async |call: &Call| {
        let beyond = before.plus(366 * DAY);
        cast.registrar.ensure_renewed(call, beyond, 2 * price.further - 1).await
    };
    let no = refused(&call, two).await;
    assert_eq!(no, Refused::Ask(ActionReason::PriceChanged), "the limit is for all the years that are missing");
    let now = settled(&call, async |call| cast.registrar.renewal_price(call).await).await;
    assert_eq!(now, price.further, "another year costs what was said when the name was bought");
    let dear = async |call: &Call| cast.registrar.ensure_renewed(call, before, price.further - 1).await;
    let no = refused(&call, dear).await;
    assert_eq!(no, Refused::Ask(ActionReason::PriceChanged), "a name is not renewed for more than is allowed");
    assert_eq!(expiry(cast, maker, &name).await, before, "a refused renewal changes nothing");
    assert!(renewed(cast, &call, before, price.further).await > before, "it is renewed for what it costs");
}
