//! The sequencer part of an order.

use model::order::{SEQUENCER, SequencerLogin};
use model::secret::Secret;
use model::user::is_email;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body::{Fields, Spot};

/// Where the inboxes are linked, and with which login. It is sealed and never comes back.
#[derive(Clone, Debug, ToSchema)]
pub(crate) struct NewSequencer {
    /// Always `smartlead`.
    #[schema(value_type = String, pattern = "^smartlead$", example = "smartlead")]
    #[expect(dead_code, reason = "there is only one")]
    provider: &'static str,
    /// Routing; null and an empty text are your default route.
    #[schema(minimum = 0, example = 366_903)]
    client_id: Option<i64>,
    /// The login's e-mail address.
    #[schema(max_length = 254, example = "peeker@yourcompany.com")]
    login_email: String,
    /// The login's password.
    #[schema(value_type = String, format = Password, write_only, min_length = 1, max_length = 500)]
    login_password: Secret,
    /// An API key of that login.
    #[schema(value_type = Option<String>, format = Password, write_only, max_length = 500)]
    api_key: Option<Secret>,
}

impl NewSequencer {
    /// Reads it.
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let provider = fields.required("provider", provider);
        let client_id = fields.optional("client_id", client_id);
        let login_email = fields.required("login_email", login_email);
        let login_password = fields.required("login_password", |spot| spot.text(1..=500).map(Secret::plain));
        let api_key = fields.optional("api_key", |spot| spot.text(0..=500).map(str::to_owned));
        Some(Self {
            provider: provider?,
            client_id: client_id.flatten(),
            login_email: login_email?,
            login_password: login_password?,
            api_key: api_key.filter(|key| !key.is_empty()).map(Secret::plain),
        })
    }

    /// The same, as decisions take it.
    pub(super) fn login(self) -> SequencerLogin {
        SequencerLogin {
            client_id: self.client_id,
            login_email: self.login_email,
            login_password: self.login_password,
            api_key: self.api_key,
        }
    }
}

/// The one sequencer there is.
pub(crate) fn provider(spot: &Spot<'_>) -> Option<&'static str> {
    spot.one_of(&[SEQUENCER], |text| (text == SEQUENCER).then_some(SEQUENCER))
}

/// A number, also as its digits; an empty text is the default route.
pub(crate) fn client_id(spot: &Spot<'_>) -> Option<Option<i64>> {
    let Value::String(text) = spot.value() else { return spot.integer(0..=i64::MAX).map(Some) };
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    digits.map_or_else(|| spot.refuse("Send the client's number, or null for your default route."), |id| Some(Some(id)))
}

/// The e-mail address of a login.
pub(crate) fn login_email(spot: &Spot<'_>) -> Option<String> {
    let text = spot.text(1..=254)?;
    if is_email(text) { Some(text.to_owned()) } else { spot.refuse("Send the e-mail address of the login.") }
}
