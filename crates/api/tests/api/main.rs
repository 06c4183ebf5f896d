//! The partner API through its router, over a real store.

#[macro_use]
mod support;

mod access;
mod auth;
mod availability;
mod bodies;
mod bundles;
mod busy;
mod completeness;
mod descriptions;
mod domains;
mod errors;
mod events;
mod forwarding;
mod guarded;
mod guides;
mod held_open;
mod idempotency;
mod imports;
mod inboxes;
mod ledger;
mod orders;
mod packed;
mod pages;
mod parameters;
mod presets;
mod quotes;
mod rates;
mod readiness;
mod repeats;
mod sandbox;
mod site;
mod spellings;
mod spend;
mod streams;
mod swaps;
mod timelines;
mod unreadable;
mod users;
mod webhooks;
