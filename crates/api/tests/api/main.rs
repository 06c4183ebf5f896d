//! The partner API through its router, over a real store.

mod auth;
mod availability;
mod bodies;
mod bundles;
mod completeness;
mod descriptions;
mod domains;
mod errors;
mod events;
mod forwarding;
mod guides;
mod idempotency;
mod imports;
mod inboxes;
mod orders;
mod pages;
mod presets;
mod quotes;
mod rates;
mod sandbox;
mod spend;
mod streams;
mod support;
mod timelines;
mod users;
mod webhooks;
