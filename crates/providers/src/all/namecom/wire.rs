//! What name.com sends.

use model::clock::Time;
use model::money::Cents;
use serde::Deserialize;
use serde_json::Number;

use crate::dollars;

/// What was found of names.
#[derive(Debug, Deserialize)]
pub(super) struct Results {
    /// In an order of its own, and without the names that it cannot read.
    #[serde(default)]
    pub(super) results: Vec<Found>,
}

/// What was found of a name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    pub(super) domain_name: String,
    pub(super) purchasable: bool,
    /// Only of what can be bought, as are the prices and the type.
    pub(super) premium: Option<bool>,
    /// For the least term, in dollars.
    pub(super) purchase_price: Option<Number>,
    /// For the least term, in dollars.
    pub(super) renewal_price: Option<Number>,
    /// `registration`, or a way to buy a name from somebody who has it.
    pub(super) purchase_type: Option<String>,
    /// Why it cannot be bought, now and then.
    pub(super) reason: Option<String>,
}

/// What a term of a name costs, in all.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pricing {
    pub(super) premium: bool,
    /// In dollars; none when it is not renewed now.
    pub(super) renewal_price: Option<Number>,
}

/// A name in the account.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Domain {
    pub(super) domain_name: String,
    pub(super) expire_date: Option<Time>,
    pub(super) autorenew_enabled: Option<bool>,
    #[serde(default)]
    pub(super) nameservers: Vec<String>,
}

/// A piece of the list of names. Which is the last one is told by the lack of a next one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    #[serde(default)]
    pub(super) domains: Vec<Domain>,
    pub(super) next_page: Option<u64>,
}

/// What a purchase or a renewal has come to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt {
    pub(super) order: Option<u64>,
    /// In dollars, taxes included.
    pub(super) total_paid: Option<Number>,
}

/// Orders, or a piece of the list of all of them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Orders {
    #[serde(default)]
    pub(super) orders: Vec<Order>,
    pub(super) next_page: Option<u64>,
}

/// An order.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    pub(super) id: u64,
    /// `success`, `failed`, `initialized`, `review` or `started`.
    pub(super) status: String,
    pub(super) create_date: String,
    #[serde(default)]
    pub(super) order_items: Vec<Item>,
}

/// A piece of an order.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    pub(super) name: Option<String>,
    /// `registration`, `renewal`, and others.
    #[serde(rename = "type")]
    pub(super) rtype: Option<String>,
    /// In dollars.
    pub(super) price: Number,
    /// In dollars.
    pub(super) tax_amount: Option<Number>,
}

/// A no.
#[derive(Debug, Default, Deserialize)]
pub(super) struct No {
    pub(super) message: String,
}

/// Whose credentials these are.
#[derive(Debug, Deserialize)]
pub(super) struct Hello {
    pub(super) username: String,
}

/// What is left to spend, in dollars.
#[derive(Debug, Deserialize)]
pub(super) struct Balance {
    pub(super) balance: Number,
}

/// Contacts that somebody has to confirm.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Unverified {
    pub(super) unverified_contacts: Vec<Contact>,
}

/// A contact that somebody has to confirm.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Contact {
    pub(super) verify_by: Time,
    pub(super) domains: Vec<String>,
}

/// A number of dollars as cents.
pub(super) fn cents(dollars: &Number) -> Option<Cents> {
    dollars::cents(&dollars.to_string())
}
