//! Every provider. A new one is a folder here and two lines below; which accounts there are, and who plays which role, the
//! configuration says.

use crate::kind::Kind;

pub mod by_hand;
pub mod cloudflare;
pub mod csv;
pub mod dnsimple;
pub mod embedded;
pub mod embedded_redirect;
pub mod google;
pub mod instantly;
pub mod internet;
pub mod microsoft;
pub mod namecom;
pub mod porkbun;
pub mod powerdns;
pub mod rfc2136;
pub mod sim;
pub mod smartlead;
pub mod webhook;

/// Every kind of account that can be configured.
pub const KINDS: &[Kind] = &[
    by_hand::KIND,
    cloudflare::KIND,
    csv::KIND,
    dnsimple::KIND,
    embedded::KIND,
    embedded_redirect::KIND,
    google::KIND,
    instantly::KIND,
    microsoft::KIND,
    namecom::KIND,
    porkbun::KIND,
    powerdns::KIND,
    rfc2136::KIND,
    smartlead::KIND,
    webhook::KIND,
];
