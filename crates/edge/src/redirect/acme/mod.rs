//! Certificates by ACME (RFC 8555): who keeps them and what is due (`keeper`), who makes them (`maker`: `authority`, `account`, `client`, or `own`), one
//! order from its beginning to its end (`order`, `proof`), and all of them (`orders`). When one is due and what becomes of it
//! when an order fails is decided in [`model::certificate`].

mod account;
mod authority;
mod client;
mod keeper;
mod maker;
mod order;
mod orders;
mod own;
mod proof;
mod renewal;
mod trouble;
mod wanting;

pub use self::authority::{Authority, AuthorityFault, Settings};
pub use self::keeper::{Claim, Held, Keeper, Settled};
pub use self::maker::Maker;
pub use self::orders::{Orders, keep};
pub use self::own::{OWN, own_root};
pub use self::wanting::want;
