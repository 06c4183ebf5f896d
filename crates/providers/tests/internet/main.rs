//! The observer of the real internet, on servers of this machine: Knot and BIND serve a tree of names from a root of our own,
//! and servers of our own keep silent, are lame, and lie.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../servers/mod.rs"]
#[expect(dead_code, reason = "other tests need more servers")]
mod servers;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "other tests need more of the sandbox")]
mod support;

mod fetching;
mod hostile;
mod registries;
mod resolvers;
mod suite;
mod tree;
mod unsure;
