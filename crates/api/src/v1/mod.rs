//! The calls of version 1: one folder for each thing, one file for each verb.

pub(crate) mod bundles;
pub(crate) mod domains;
pub(crate) mod events;
pub(crate) mod forwarding;
pub(crate) mod id;
pub(crate) mod imports;
pub(crate) mod inboxes;
pub(crate) mod ledger;
pub(crate) mod me;
pub(crate) mod orders;
pub(crate) mod sandbox;
pub(crate) mod swaps;
pub(crate) mod users;
pub(crate) mod webhook_deliveries;
pub(crate) mod webhook_endpoints;
