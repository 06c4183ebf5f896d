//! What Mailwright knows and decides: facts, decisions and the shapes it tells.
//!
//! Nothing here waits, reads a clock, opens a socket or speaks SQL. A decision is a plain
//! function from facts to a [`change::Change`] or a [`refusal::Refusal`].

pub mod access;
pub mod account;
pub mod action;
pub mod audit;
pub mod bundle;
pub mod by_hand;
pub mod caps;
pub mod certificate;
pub mod change;
pub mod clock;
pub mod consent;
pub mod delivery;
pub mod dns;
pub mod domain;
pub mod event;
pub mod evidence;
pub mod first_mail;
pub mod forwarding;
pub mod id;
pub mod idempotency;
pub mod import;
pub mod inbox;
pub mod intent;
pub mod ledger;
pub mod metric;
pub mod money;
pub mod named;
pub mod notice;
pub mod order;
pub mod partner;
pub mod patience;
pub mod pause;
pub mod persona;
pub mod public_address;
pub mod quote;
pub mod reconcile;
pub mod redirect;
pub mod refusal;
pub mod registrant;
pub mod role;
pub mod run;
pub mod sandbox;
pub mod seat;
pub mod secret;
pub mod shown;
pub mod spend;
pub mod swap;
pub mod task;
pub mod timeline;
pub mod trace;
pub mod user;
pub mod view;
pub mod world;
