//! The outside world: the roles that providers play, the providers, and the guard on the way out.

mod access;
pub mod all;
pub mod call;
pub mod cast;
pub mod conformance;
mod consent;
mod consenting;
mod delegation;
pub mod descriptor;
mod dns;
mod dollars;
pub mod egress;
pub mod kind;
mod mixed;
mod nobody;
mod outside;
pub mod probing;
pub mod roles;
pub mod roster;
mod several;
pub mod term;
pub mod trouble;
pub mod vendor;
