//! The partner API through its router, over a real store.

mod auth;
mod availability;
mod bodies;
mod bundles;
mod completeness;
mod descriptions;
mod errors;
mod events;
mod idempotency;
mod orders;
mod pages;
mod presets;
mod quotes;
mod rates;
mod spend;
mod support;
