//! Events as they are told: from a running server with a partner's key, or from the data folder beside it.

mod http;
mod store;
mod text;

use super::Fail;

pub(super) use http::{Client, HttpFeed, SERVER, client, in_short, message, root_of};
pub(super) use store::StoreFeed;

/// An event as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// Its id.
    pub(super) id: String,
    /// Its type.
    pub(super) kind: String,
    /// The very body that webhooks carry.
    pub(super) body: String,
}

/// Where events come from.
pub(super) enum Feed {
    /// A running server.
    Http(Box<HttpFeed>),
    /// The data folder beside it.
    Store(Box<StoreFeed>),
}

impl Feed {
    /// Waits for the next event.
    pub(super) async fn next(&mut self) -> Result<Told, Fail> {
        match self {
            Self::Http(feed) => feed.next().await,
            Self::Store(feed) => feed.next().await,
        }
    }
}
