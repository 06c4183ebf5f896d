//! What bodies say about swaps.

use model::domain::DomainRef;
use model::id::{DomainId, Id as _};
use model::persona::Persona;
use model::swap::{SwapKind, Wish};
use utoipa::ToSchema;

use crate::body::{Fields, Spot};
use crate::v1::orders::persona;
use crate::web_address;

/// A domain that is to be replaced.
#[derive(ToSchema)]
pub(crate) struct NewSwap {
    /// How fast the old domain leaves.
    #[schema(inline, default = "standard")]
    #[expect(dead_code, reason = "described; `wish` has it")]
    r#type: Option<Replacing>,
    /// The domain that is to be replaced, by its id or its name: active, in an order of yours.
    #[schema(min_length = 1, max_length = 255, example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    #[expect(dead_code, reason = "described; `wish` has it")]
    domain_id: String,
    /// The name that is to take its place: in your inventory, or free to be bought. Until it is either, the swap
    /// waits.
    #[schema(min_length = 1, max_length = 255, example = "acme-post.com")]
    #[expect(dead_code, reason = "described; `wish` has it")]
    replacement_domain: String,
}

/// How fast a replaced domain leaves.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what `NewSwap::read` reads")]
pub(crate) enum Replacing {
    /// At once.
    Standard,
    /// It stays warm for 14 days. Microsoft only.
    Premium,
}

impl NewSwap {
    /// Reads it.
    pub(super) fn read(fields: &Fields<'_>) -> Option<Wish> {
        let sent = fields.given("type");
        let kind = fields.optional("type", kind);
        let domain = domain(fields);
        let replacement = fields.required("replacement_domain", Spot::domain_name);
        let kind = if sent { kind? } else { SwapKind::Standard };
        Some(Wish { kind, domain: domain?, replacement: replacement? })
    }
}

fn kind(spot: &Spot<'_>) -> Option<SwapKind> {
    match spot.any_text()? {
        "standard" => Some(SwapKind::Standard),
        "premium" => Some(SwapKind::Premium),
        "user_names" => spot.refuse("Rename inboxes at POST /swaps/user_names."),
        _ => spot.refuse("Send one of: standard, premium."),
    }
}

fn domain(fields: &Fields<'_>) -> Option<DomainRef> {
    fields.required("domain_id", |spot| {
        // No id has a dot.
        if spot.any_text()?.contains('.') {
            return spot.domain_name().map(DomainRef::Name);
        }
        spot.text(1..=64).map(|id| DomainRef::Id(DomainId::opaque(id)))
    })
}

/// Inboxes that are to be renamed.
#[derive(ToSchema)]
pub(crate) struct NewUserNames {
    /// The domain whose inboxes are renamed, by its id or its name: active, in an order of yours.
    #[schema(value_type = String, min_length = 1, max_length = 255, example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub(super) domain_id: DomainRef,
    /// Whose names the inboxes are to carry. They take turns.
    #[schema(min_items = 1, max_items = 10)]
    pub(super) personas: Vec<Persona>,
}

impl NewUserNames {
    /// Reads it; `loopback` also lets in pictures of this machine.
    pub(super) fn read(fields: &Fields<'_>, loopback: bool) -> Option<Self> {
        let domain_id = domain(fields);
        let address = |spot: &Spot<'_>| web_address::read(spot, loopback);
        let personas = fields.required("personas", |spot| spot.list(1..=10, |item| persona::read(item, address)));
        Some(Self { domain_id: domain_id?, personas: personas? })
    }
}
