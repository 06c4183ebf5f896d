//! Whoever makes certificates.

use model::certificate::Made;
use model::clock::Time;

use super::super::certified::Kept;
use super::authority::Authority;
use super::keeper::{Held, Keeper};
use super::trouble::Trouble;
use super::{order, own};

/// Whoever makes certificates.
pub enum Maker {
    /// An authority that is asked by ACME.
    Authority(Box<Authority>),
    /// We ourselves, for sites that nobody else knows.
    Own,
}

impl Maker {
    /// What it is called where certificates and accounts are kept: the address of its directory, or [`own::OWN`].
    #[must_use]
    pub fn directory(&self) -> &str {
        match self {
            Self::Authority(authority) => &authority.settings.directory,
            Self::Own => own::OWN,
        }
    }

    pub(super) async fn order(&self, keeper: &dyn Keeper, held: &Held, now: Time) -> Result<(Kept, Made), Trouble> {
        match self {
            Self::Authority(authority) => order::order(authority, keeper, held).await,
            Self::Own => own::order(keeper, held, now).await,
        }
    }

    /// Until when it wants to hear nothing, if it has just said so.
    pub(super) fn not_before(&self) -> Option<Time> {
        match self {
            Self::Authority(authority) => authority.client.not_before(),
            Self::Own => None,
        }
    }
}
