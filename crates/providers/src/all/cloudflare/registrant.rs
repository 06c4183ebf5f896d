//! Whom a name is registered for, as the vendor wants it written.

use model::registrant::Registrant;
use serde_json::{Value, json};

/// The `contacts` of an order. The vendor wants a state or province of everybody; where a country has none, its registrars
/// write the city there.
pub(super) fn contacts(registrant: &Registrant) -> Value {
    let mut postal = json!({
        "name": format!("{} {}", registrant.first_name, registrant.last_name),
        "address": {
            "street": registrant.street,
            "city": registrant.city,
            "state": registrant.state.as_ref().unwrap_or(&registrant.city),
            "postal_code": registrant.postal_code,
            "country_code": registrant.country,
        },
    });
    if let Some(organization) = &registrant.organization {
        postal["organization"] = organization.as_str().into();
    }
    json!({ "registrant": { "email": registrant.email, "phone": registrant.phone, "postal_info": postal } })
}
