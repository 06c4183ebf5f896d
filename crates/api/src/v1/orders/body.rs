//! What a body says about an order.

use std::collections::BTreeMap;

use model::id::{BundleId, Id, QuoteId, UserId};
use model::money::Cents;
use model::order::{Dkim, Placing, Size, UserRef, Wanted};
use model::persona::Persona;
use model::shown::is_hidden;
use model::user::is_email;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::ObjectBuilder;
use utoipa::openapi::schema::{Schema, SchemaType, Type};

use super::persona;
use super::sequencer::NewSequencer;
use super::size;
use super::wanted::{self, WantedDomain};
use crate::body::{Fields, LARGEST, Spot};
use crate::openapi::NO_CONTROL;
use crate::web_address;

/// An order.
#[derive(Clone, Debug, ToSchema)]
#[schema(example = json!({
    "user": "alex@acme.com",
    "google_licenses": 2,
    "microsoft_licenses": 1,
    "sequencer": {
        "provider": "smartlead",
        "client_id": 366_903,
        "login_email": "peeker@yourcompany.com",
        "login_password": "the login's password",
    },
    "domains": ["team-acme.com", { "domain": "acme-mail.com", "forwarding_url": "https://acme.com/offer" }],
    "personas": [{ "first_name": "Alex", "last_name": "Rivera", "profile_picture_url": null }],
    "forwarding_url": "https://acme.com",
    "reference": "A-1042",
}))]
pub(crate) struct NewOrder {
    /// The customer: an e-mail address, which is reused or made, or the id of an existing user.
    #[schema(required, value_type = String, min_length = 1, max_length = 254, pattern = r"^(usr_[^@\s]+|[^@\s]+@[^@\s]+)$", example = "alex@acme.com")]
    user: Option<UserRef>,
    /// The size, as a saved bundle. Send this, or licences.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "bun_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    bundle_id: Option<BundleId>,
    /// The size, as Google licences: one is one inbox.
    #[schema(minimum = 0, maximum = 100_000, example = 2)]
    google_licenses: Option<i64>,
    /// The size, as Microsoft licences: one is one domain.
    #[schema(minimum = 0, maximum = 100_000, example = 1)]
    microsoft_licenses: Option<i64>,
    /// Inboxes on one Google domain; only together with licences.
    #[schema(minimum = 2, maximum = 3, default = 2, example = 2)]
    google_inboxes_per_domain: Option<i64>,
    /// Where the inboxes are linked.
    #[schema(required, value_type = NewSequencer)]
    sequencer: Option<NewSequencer>,
    /// The names: each can be bought now, or is in your inventory.
    #[schema(min_items = 1, max_items = 500, value_type = Vec<WantedDomain>,
        example = json!(["acme-mail.com", "team-acme.com"]))]
    domains: Vec<Wanted>,
    /// Whose names the inboxes carry. They take turns.
    #[schema(required, min_items = 1, max_items = 10, value_type = Vec<Persona>)]
    personas: Option<Vec<Persona>>,
    /// Where the web addresses of all names redirect to, unless a name has its own.
    #[schema(format = "uri", max_length = 2048, example = "https://acme.com")]
    forwarding_url: Option<String>,
    /// The most that may be charged at placing, in cents; a dearer order is refused.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 6800)]
    max_total_cents: Option<Cents>,
    /// A quote of yours for exactly these names and this size. Within its 15 minutes the order has the quote's
    /// prices and assignment; later it is taken if the total is still the same.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "quo_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    quote_id: Option<QuoteId>,
    /// Your own order number. It can be used once.
    #[schema(min_length = 1, max_length = 200, example = "A-1042")]
    reference: Option<String>,
    #[schema(schema_with = metadata_schema, required = false)]
    metadata: Option<BTreeMap<String, String>>,
    /// `later` has domains connected before their mail is signed, where only a person can have the key made at the mail
    /// provider; the question stays open beside the domain that works. Left out, the operator's setting for you decides.
    dkim: Option<Dkim>,
}

fn metadata_schema() -> Schema {
    let text = |most| ObjectBuilder::new().schema_type(Type::String).max_length(Some(most)).pattern(Some(NO_CONTROL));
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .description(Some("Your own notes, given back with the order: at most 20 pairs of texts."))
        .max_properties(Some(20))
        .property_names(Some(text(40).min_length(Some(1))))
        .additional_properties(Some(Schema::from(text(500))))
        .examples([json!({ "campaign": "spring" })])
        .into()
}

/// How strictly a body is read.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Whether everything that an order needs has to be there.
    pub(super) complete: bool,
    /// Whether addresses of this machine are let in.
    pub(super) loopback: bool,
}

impl NewOrder {
    /// Reads it. What has faults, and is not needed to know the size and the names, is left out.
    pub(super) fn read(fields: &Fields<'_>, shape: Shape) -> Option<Self> {
        let address = |spot: &Spot<'_>| web_address::read(spot, shape.loopback);
        let user = fields.required_if(shape.complete, "user", user);
        let size = size::read(fields);
        let sequencer = fields.required_if(shape.complete, "sequencer", |spot| {
            spot.object(|login| NewSequencer::read(login, shape.complete))
        });
        let domains = fields.required("domains", |spot| wanted::list(spot, address));
        let personas = fields
            .required_if(shape.complete, "personas", |spot| spot.list(1..=10, |item| persona::read(item, address)));
        let forwarding_url = fields.optional("forwarding_url", address);
        let max_total_cents = fields.optional("max_total_cents", |spot| spot.integer(0..=LARGEST));
        let quote_id = fields.optional("quote_id", |spot| spot.text(1..=64).map(QuoteId::opaque));
        let reference = fields.optional("reference", |spot| spot.text(1..=200).map(str::to_owned));
        let metadata = fields.optional("metadata", metadata);
        let dkim = fields.optional("dkim", dkim);
        let size = size?;
        Some(Self {
            user,
            bundle_id: size.bundle_id,
            google_licenses: size.google_licenses,
            microsoft_licenses: size.microsoft_licenses,
            google_inboxes_per_domain: size.google_inboxes_per_domain,
            sequencer,
            domains: domains?,
            personas,
            forwarding_url,
            max_total_cents,
            quote_id,
            reference,
            metadata,
            dkim,
        })
    }

    /// The same, as decisions take it.
    pub(super) fn placing(self) -> Placing {
        Placing {
            user: self.user,
            size: match self.bundle_id {
                Some(id) => Size::Bundle(id),
                None => Size::Licenses {
                    google: self.google_licenses.unwrap_or(0),
                    microsoft: self.microsoft_licenses.unwrap_or(0),
                    google_inboxes_per_domain: self.google_inboxes_per_domain.unwrap_or(2),
                },
            },
            sequencer: self.sequencer.and_then(NewSequencer::login),
            domains: self.domains,
            personas: self.personas.unwrap_or_default(),
            forwarding_url: self.forwarding_url,
            max_total_cents: self.max_total_cents,
            quote_id: self.quote_id,
            reference: self.reference,
            metadata: self.metadata.unwrap_or_default(),
            dkim: self.dkim,
        }
    }
}

fn user(spot: &Spot<'_>) -> Option<UserRef> {
    let text = spot.text(1..=254)?;
    match text {
        _ if is_email(text) => Some(UserRef::Email(text.to_owned())),
        _ if text.starts_with("usr_") && !text.contains('@') => Some(UserRef::Id(UserId::opaque(text))),
        _ => spot.refuse("Send an e-mail address, or the id of an existing user (usr_…)."),
    }
}

fn dkim(spot: &Spot<'_>) -> Option<Dkim> {
    match Dkim::parse(spot.text(1..=20)?) {
        Some(dkim) => Some(dkim),
        None => spot.refuse("Send `required` or `later`."),
    }
}

fn metadata(spot: &Spot<'_>) -> Option<BTreeMap<String, String>> {
    let mut pairs = BTreeMap::new();
    for (key, value) in spot.entries(20)? {
        if !(1..=40).contains(&key.chars().count()) || key.contains(is_hidden) {
            value.refuse::<()>(
                "Send keys of 1 to 40 characters, none of them a control character or a mark of writing direction.",
            );
        } else if let Some(text) = value.text(0..=500) {
            pairs.insert(key.to_owned(), text.to_owned());
        }
    }
    Some(pairs)
}
