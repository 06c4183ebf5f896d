//! What a redirector has to keep.

use model::run::StepName;

use super::maker::Maker;
use super::patience::settled;
use super::stage::{delegated, publish};
use crate::call::Call;
use crate::cast::Cast;

/// Holds the redirector against the contract. Where an address leads can be seen from outside only.
///
/// # Panics
/// With the first sentence of the contract that is broken.
pub async fn redirector(cast: &Cast, maker: &Maker) {
    let name = delegated(cast, maker).await;
    let call = maker.call(&name, StepName::SetForwarding);
    for target in ["https://one.example.net/", "https://one.example.net/", "https://two.example.net/"] {
        let set = async |call: &Call| cast.redirector.ensure_redirect(call, target).await;
        let records = settled(&call, set).await;
        publish(cast, maker, &name, &records).await;
        assert_eq!(settled(&call, set).await, records, "the same redirect wants the same records");
    }
    let remove = async |call: &Call| cast.redirector.ensure_no_redirect(call).await;
    for run in ["remove_redirect", "remove_redirect_again"] {
        settled(&maker.later_call(&name, run), remove).await;
    }
    let bare = maker.name();
    settled(&maker.later_call(&bare, "remove_redirect"), remove).await;
}
