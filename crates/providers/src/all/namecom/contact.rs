//! Whom a name is registered for.

use model::registrant::Registrant;
use serde_json::{Value, json};

/// A registrant as all the contacts of a name: those that are left out would be the account's own.
pub(super) fn contacts(registrant: &Registrant) -> Value {
    let one = contact(registrant);
    json!({ "registrant": one, "admin": one, "tech": one, "billing": one })
}

fn contact(registrant: &Registrant) -> Value {
    let phone: String = registrant.phone.chars().filter(|letter| *letter == '+' || letter.is_ascii_digit()).collect();
    let mut contact = json!({
        "firstName": registrant.first_name, "lastName": registrant.last_name, "address1": registrant.street,
        "city": registrant.city,
        // It wants one of every country; where there are none the city is usual.
        "state": registrant.state.as_ref().unwrap_or(&registrant.city),
        "zip": registrant.postal_code, "country": registrant.country, "email": registrant.email, "phone": phone,
    });
    // A person with an organisation would not own the name: the organisation would.
    if let Some(organization) = &registrant.organization {
        contact["companyName"] = organization.as_str().into();
    }
    contact
}
