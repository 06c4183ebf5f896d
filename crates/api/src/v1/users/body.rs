//! What a body says about a customer.

use model::secret::Secret;
use model::user::{Asked, Wish, is_email};
use utoipa::ToSchema;

use crate::body::{Fields, Spot};
use crate::v1::orders::sequencer;

/// A customer to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `read` reads")]
pub(crate) struct NewUser {
    /// Its address. Among your active users of an environment it is unique; neither case nor the spelling of its host
    /// matters: `a@bücher.example` is `a@xn--bcher-kva.example`.
    #[schema(min_length = 3, max_length = 254, example = "alex@acme.com")]
    email: String,
    /// Given name. An empty text is none.
    #[schema(max_length = 60, example = "Alex")]
    first_name: Option<String>,
    /// Family name. An empty text is none.
    #[schema(max_length = 60, example = "Rivera")]
    last_name: Option<String>,
    /// Its route at the sequencer. An order's inboxes are linked by the route that the order brings.
    sequencer: UserRoute,
}

/// A customer's route at the sequencer. A login may be sent along, as for an order: it is checked and not
/// kept, because every order brings its own; an API key is kept, sealed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `route` reads")]
pub(crate) struct UserRoute {
    /// Always `smartlead`.
    #[schema(pattern = "^smartlead$", example = "smartlead")]
    provider: String,
    #[schema(schema_with = sequencer::client_id_schema, required = false)]
    client_id: Option<i64>,
    /// The login's e-mail address. It is not kept.
    #[schema(max_length = 254, write_only, example = "peeker@yourcompany.com")]
    login_email: Option<String>,
    /// The login's password. It is not kept.
    #[schema(format = Password, write_only, min_length = 1, max_length = 500)]
    login_password: Option<String>,
    /// An API key of the sequencer, for orders of this customer that bring none. It is sealed and never comes back; an empty text
    /// takes it away.
    #[schema(format = Password, write_only, max_length = 500)]
    api_key: Option<String>,
}

impl NewUser {
    /// Reads it.
    pub(super) fn read(fields: &Fields<'_>) -> Option<Asked> {
        let email = fields.required(EMAIL, email);
        let first_name = fields.optional(FIRST, name);
        let last_name = fields.optional(LAST, name);
        let route = fields.required(ROUTE, |spot| spot.object(|fields| route(fields, true)));
        let route = route?;
        let (client_id, sequencer_key) = (route.client_id.flatten(), route.key.flatten());
        Some(Asked { email: email?, first_name, last_name, client_id, sequencer_key })
    }
}

/// What a customer is to be changed to. Fields left out stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `read` reads")]
pub(crate) struct ChangedUser {
    /// Its address. Orders keep the one that they were placed with.
    #[schema(nullable = false, min_length = 3, max_length = 254, example = "alex@acme.com")]
    email: Option<String>,
    /// Given name. Null and an empty text clear it.
    #[schema(max_length = 60, example = "Alex")]
    first_name: Option<String>,
    /// Family name. Null and an empty text clear it.
    #[schema(max_length = 60, example = "Rivera")]
    last_name: Option<String>,
    /// Its route at the sequencer. Orders keep the route that they were placed with.
    #[schema(nullable = false)]
    sequencer: Option<ChangedRoute>,
}

/// What a customer's route is to be changed to.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `route` reads")]
pub(crate) struct ChangedRoute {
    /// Always `smartlead`.
    #[schema(nullable = false, pattern = "^smartlead$", example = "smartlead")]
    provider: Option<String>,
    #[schema(schema_with = sequencer::client_id_schema, required = false)]
    client_id: Option<i64>,
    /// The login's e-mail address. It is not kept.
    #[schema(max_length = 254, write_only, example = "peeker@yourcompany.com")]
    login_email: Option<String>,
    /// The login's password. It is not kept.
    #[schema(format = Password, write_only, min_length = 1, max_length = 500)]
    login_password: Option<String>,
    /// An API key of the sequencer, for orders of this customer that bring none. It is sealed and never comes back; an empty text
    /// takes it away.
    #[schema(format = Password, write_only, max_length = 500)]
    api_key: Option<String>,
}

impl ChangedUser {
    /// Reads it.
    pub(super) fn read(fields: &Fields<'_>) -> Option<Wish> {
        for field in [EMAIL, ROUTE] {
            if fields.present(field) && !fields.given(field) {
                fields.refuse::<()>(field, "This cannot be null. Send a value, or leave it out.");
            }
        }
        let renamed = |field| fields.present(field).then(|| fields.optional(field, name));
        let route = fields.optional(ROUTE, |spot| spot.object(|fields| route(fields, false)));
        Some(Wish {
            email: fields.optional(EMAIL, email),
            first_name: renamed(FIRST),
            last_name: renamed(LAST),
            client_id: route.as_ref().and_then(|route| route.client_id),
            sequencer_key: route.and_then(|route| route.key),
        })
    }
}

const EMAIL: &str = "email";
const FIRST: &str = "first_name";
const LAST: &str = "last_name";
const ROUTE: &str = "sequencer";
const CLIENT: &str = "client_id";

/// What a sequencer object says; a part is `None` when it does not name one.
struct Route {
    client_id: Option<Option<i64>>,
    key: Option<Option<Secret>>,
}

/// Reads a route. A login that is sent along is checked as an order's is, and passed over; a key is kept.
fn route(fields: &Fields<'_>, whole: bool) -> Option<Route> {
    let provider = fields.required_if(whole, "provider", sequencer::usual_provider);
    let named = fields.present(CLIENT);
    let client_id = fields.optional(CLIENT, sequencer::client_id).flatten();
    fields.optional("login_email", sequencer::login_email);
    fields.optional("login_password", |spot| spot.text(1..=500));
    let key = fields.optional("api_key", |spot| spot.text(0..=500).map(str::to_owned));
    let key = key.map(|key| (!key.is_empty()).then(|| Secret::plain(key)));
    (provider.is_some() || !whole).then_some(Route { client_id: named.then_some(client_id), key })
}

fn email(spot: &Spot<'_>) -> Option<String> {
    let text = spot.text(1..=254)?;
    if is_email(text) { Some(text.to_owned()) } else { spot.refuse("Send an e-mail address, such as alex@acme.com.") }
}

/// A name; an empty text is none.
fn name(spot: &Spot<'_>) -> Option<String> {
    let text = spot.text(0..=60)?;
    (!text.trim().is_empty()).then(|| text.to_owned())
}
