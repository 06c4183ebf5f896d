//! The sequencer part of an order.

use std::borrow::Cow;

use model::order::{SequencerLogin, SequencerProvider};
use model::secret::Secret;
use model::user::is_email;
use serde_json::{Value, json};
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::body::{Fields, LARGEST, Spot};
use crate::openapi::requiring;

/// Where the inboxes are linked, and with which login. It is sealed and never comes back.
#[derive(Clone, Debug, ToSchema)]
pub(crate) struct NewSequencer {
    /// `smartlead`, or another one that the operator has: `instantly`, `csv`.
    #[schema(value_type = String, pattern = "^(smartlead|instantly|csv)$", example = "smartlead")]
    provider: SequencerProvider,
    #[schema(schema_with = client_id_schema, required = false)]
    client_id: Option<i64>,
    /// The login's e-mail address. It may be left out, with the password, where `api_key` is sent, and at others
    /// than `smartlead`.
    #[schema(value_type = Option<String>, max_length = 254, example = "peeker@yourcompany.com")]
    login_email: Option<String>,
    /// The login's password. It is exchanged for a key once, where the operator has that switched on, and shredded then.
    #[schema(value_type = Option<String>, format = Password, write_only, min_length = 1, max_length = 500)]
    login_password: Option<Secret>,
    /// An API key of the sequencer, which is enough by itself. Without one, the customer's is used, then yours (both at
    /// `smartlead` only), then the login.
    #[schema(value_type = Option<String>, format = Password, write_only, max_length = 500)]
    api_key: Option<Secret>,
}

impl NewSequencer {
    /// Reads it. When it need not be `complete`, the login may be left out.
    pub(super) fn read(fields: &Fields<'_>, complete: bool) -> Option<Self> {
        let provider = fields.required("provider", provider);
        let client_id = fields.optional("client_id", client_id);
        let api_key = fields.optional("api_key", |spot| spot.text(0..=500).map(str::to_owned));
        let either = fields.given("login_email") || fields.given("login_password");
        // Of another one it depends on the sequencer whether it wants any.
        let is_usual = provider.is_none_or(|provider| provider == SequencerProvider::Smartlead);
        let has_key = api_key.as_ref().is_some_and(|key| !key.is_empty());
        let whole = complete && (either || (is_usual && !has_key));
        let login_email = fields.required_if(whole, "login_email", login_email);
        let password = |spot: &Spot<'_>| spot.text(1..=500).map(Secret::plain);
        let login_password = fields.required_if(whole, "login_password", password);
        Some(Self {
            provider: provider?,
            client_id: client_id.flatten(),
            login_email,
            login_password,
            api_key: api_key.filter(|key| !key.is_empty()).map(Secret::plain),
        })
    }

    /// The same, as decisions take it; `None` with neither a login nor a key where the usual sequencer wants one.
    pub(super) fn login(self) -> Option<SequencerLogin> {
        let Self { provider, client_id, login_email, login_password, api_key } = self;
        let is_usual = provider == SequencerProvider::Smartlead;
        let is_enough = !is_usual || api_key.is_some() || (login_email.is_some() && login_password.is_some());
        is_enough.then_some(SequencerLogin { provider, client_id, login_email, login_password, api_key })
    }
}

/// The sequencer of an order that is only quoted.
pub(crate) struct QuotedSequencer;

impl PartialSchema for QuotedSequencer {
    fn schema() -> RefOr<Schema> {
        let description = "Where the inboxes are linked. The login may be left out; what is sent is checked.";
        requiring(NewSequencer::schema(), &["provider"], description)
    }
}

impl ToSchema for QuotedSequencer {
    fn name() -> Cow<'static, str> {
        "QuotedSequencer".into()
    }
}

/// So many digits are never more than that.
const MOST_DIGITS: usize = 15;

/// Describes what [`client_id`] reads.
pub(crate) fn client_id_schema() -> Schema {
    let description =
        "Routing: the client's number, also as its digits. Null and an empty text are your default route.";
    let described = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Integer, Type::String, Type::Null]))
        .description(Some(description))
        .minimum(Some(0))
        .maximum(Some(LARGEST))
        .pattern(Some(format!("^[0-9]{{0,{MOST_DIGITS}}}$")))
        .examples([json!(366_903)]);
    described.build().into()
}

/// The sequencer of a customer's route, of which there is one.
pub(crate) fn usual_provider(spot: &Spot<'_>) -> Option<SequencerProvider> {
    spot.one_of(&[SequencerProvider::Smartlead.as_str()], |text| {
        SequencerProvider::parse(text).filter(|one| *one == SequencerProvider::Smartlead)
    })
}

/// One of the sequencers there are.
fn provider(spot: &Spot<'_>) -> Option<SequencerProvider> {
    spot.one_of(&SequencerProvider::ALL.map(SequencerProvider::as_str), SequencerProvider::parse)
}

/// A number, also as its digits; an empty text is the default route.
pub(crate) fn client_id(spot: &Spot<'_>) -> Option<Option<i64>> {
    let Value::String(text) = spot.value() else { return spot.integer(0..=LARGEST).map(Some) };
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.len() <= MOST_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number.map_or_else(|| spot.refuse("Send the client's number, or null for your default route."), |id| Some(Some(id)))
}

/// The e-mail address of a login.
pub(crate) fn login_email(spot: &Spot<'_>) -> Option<String> {
    let text = spot.text(1..=254)?;
    if is_email(text) { Some(text.to_owned()) } else { spot.refuse("Send the e-mail address of the login.") }
}
