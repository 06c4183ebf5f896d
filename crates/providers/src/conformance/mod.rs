//! The contract of the roles, as a suite that any provider can be held against.
//!
//! A provider's tests build a [`Cast`] in which it plays its part, give a [`Maker`] that knows names which are
//! free there, and run [`everything`], or the function of its role alone. A provider that breaks the contract
//! makes the suite panic with the sentence it broke; that is all it does, because it is a tool for tests.
//!
//! The suite is as patient as a worker: it comes back when it is told *later*, at the time it is told, and
//! looks again when an answer was lost. So it also runs against providers that fail now and then.

use model::domain::MailProvider;

use crate::cast::Cast;

mod dns_host;
mod lost_replies;
mod mail_host;
mod maker;
mod observer;
mod patience;
mod redirector;
mod registrar;
mod renaming;
mod renewal;
mod sequencer;
mod stage;

pub use self::dns_host::dns_host;
pub use self::lost_replies::lost_replies;
pub use self::mail_host::mail_host;
pub use self::maker::Maker;
pub use self::observer::observer;
pub use self::redirector::redirector;
pub use self::registrar::{registrar, registrar_by_name, registrar_of_its_own_host};
pub use self::sequencer::sequencer;

/// Holds every role of a cast against the contract.
///
/// # Panics
/// With the first sentence of the contract that is broken.
pub async fn everything(cast: &Cast, maker: &Maker) {
    registrar(cast, maker).await;
    dns_host(cast, maker).await;
    redirector(cast, maker).await;
    observer(cast, maker).await;
    for provider in [MailProvider::Google, MailProvider::Microsoft] {
        mail_host(cast, maker, provider).await;
        sequencer(cast, maker, provider).await;
        lost_replies(cast, maker, provider).await;
    }
}
