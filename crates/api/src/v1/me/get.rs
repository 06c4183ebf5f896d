//! `GET /me`

use axum::response::Response;
use model::partner::Preset;
use model::world::Environment;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{self, Data};
use crate::caller::{Caller, Read};

/// Who calls.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    /// The key that was used.
    api_key: MyKey,
    /// The partner it belongs to.
    partner: MyPartner,
}

/// A key, and what it is good for.
#[derive(Serialize, ToSchema)]
pub(crate) struct MyKey {
    /// The world that it speaks for.
    environment: Environment,
    /// What it may do.
    permission_preset: Preset,
}

/// A partner.
#[derive(Serialize, ToSchema)]
pub(crate) struct MyPartner {
    /// Its id.
    #[schema(example = "org_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    id: String,
    /// Its name.
    #[schema(example = "Acme Resellers")]
    name: String,
}

/// Say who calls
///
/// Shows which partner and environment a key belongs to, and what it may do.
#[utoipa::path(get, path = "/me", operation_id = "get_me", tag = "Me",
    responses((status = 200, description = "The key and its partner.", body = Data<Me>)))]
pub(crate) async fn handler(caller: Caller<Read>) -> Response {
    answer::ok(Me {
        api_key: MyKey { environment: caller.environment, permission_preset: caller.preset },
        partner: MyPartner { id: caller.scope.partner.to_string(), name: caller.partner_name },
    })
}
