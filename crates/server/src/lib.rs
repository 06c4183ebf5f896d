//! Mailwright as a program: configuration, wiring and commands. The parts are in their own crates.

pub mod account_settings;
pub mod accounts;
mod books;
pub mod cli;
pub mod config;
mod consent_pages;
mod disk;
pub mod doors;
pub mod housekeeping;
pub mod lost_future;
pub mod name_servers;
pub mod notices;
pub mod nudging;
pub mod operator;
pub mod probing;
pub mod redirect_servers;
mod registrars;
pub mod settings;
mod taken_twice;
pub mod telemetry;
pub mod timekeeper;
pub mod wire;
