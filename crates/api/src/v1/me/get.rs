//! `GET /me`

use std::sync::Arc;

use axum::extract::State;
use model::money::Cents;
use model::partner::Preset;
use model::spend::{Allowance, Limited};
use model::world::Environment;
use serde::Serialize;
use store::spend;
use utoipa::ToSchema;

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;

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
    /// What orders placed with it may cost; null when there is no limit.
    #[schema(required)]
    spend: Option<Spend>,
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
    /// What its orders in this environment may cost; null when there is no limit.
    #[schema(required)]
    spend: Option<Spend>,
}

/// A monthly spend limit.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Spend {
    /// The most that may be booked in a calendar month (UTC), in cents.
    #[schema(value_type = i64, minimum = 0, example = 500_000)]
    limit_cents: Cents,
    /// What is booked this month, credits taken off, in cents.
    #[schema(value_type = i64, example = 6800)]
    spent_cents: Cents,
}

impl Spend {
    fn of(whose: Limited, allowances: &[Allowance]) -> Option<Self> {
        let one = allowances.iter().find(|one| one.of == whose)?;
        Some(Self { limit_cents: one.limit_cents, spent_cents: one.spent_cents })
    }
}

/// Say who calls
///
/// Shows which partner and environment a key belongs to, what it may do, and what it may spend.
#[utoipa::path(get, path = "/me", operation_id = "get_me", tag = "Me",
    responses((status = 200, description = "The key and its partner.", body = Data<Me>)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>) -> Answer {
    let (scope, now) = (&caller.scope, caller.now.partner());
    let spent = spend::look(&mut app.store.read().await?, scope, Some(&caller.key), now).await?;
    let (of_key, of_partner) = (Spend::of(Limited::Key, &spent), Spend::of(Limited::Partner, &spent));
    Ok(answer::ok(Me {
        api_key: MyKey { environment: caller.environment, permission_preset: caller.preset, spend: of_key },
        partner: MyPartner { id: scope.partner.to_string(), name: caller.partner_name, spend: of_partner },
    }))
}
