//! A look at a domain as partners see it. It is answered as it was signed; this says what is in it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::evidence::{Check, Signature};

/// What was seen of a domain, signed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// The domain's id.
    #[schema(example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub domain_id: String,
    /// Its name.
    #[schema(example = "acme-mail.com")]
    pub domain: String,
    /// The order that it was in.
    #[schema(required, example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub order_id: Option<String>,
    /// Whose reality it was seen in: `live`, or `test` for a sandbox, where everything is played.
    #[schema(example = "live")]
    pub environment: String,
    /// When the look was begun.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub checked_at: Time,
    /// Everything that was looked at. New checks may be added.
    pub checks: Vec<Check>,
    /// Who said it: the signature over everything else in this object. It shows that nothing was changed, and no more than that.
    pub signature: Signature,
}
