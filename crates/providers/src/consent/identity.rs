//! Who has consented.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

/// What a host says of whoever has consented.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Claims {
    #[serde(default)]
    aud: String,
    #[serde(default)]
    pub(crate) email: Option<String>,
    /// A truth value, or the word for it.
    #[serde(default)]
    email_verified: Value,
    #[serde(default)]
    pub(crate) preferred_username: Option<String>,
    /// The tenant.
    #[serde(default)]
    pub(crate) tid: Option<String>,
}

impl Claims {
    /// Whether they were made for this application.
    pub(super) fn is_for(&self, client_id: &str) -> bool {
        self.aud == client_id
    }

    /// Whether the host vouches for the address.
    pub(crate) fn is_verified(&self) -> bool {
        self.email_verified == true || self.email_verified == "true"
    }
}

/// The claims of a token that has come straight from the host, over TLS to a name that was checked: that stands for its signature
/// (OpenID Connect Core, section 3.1.3.7, rule 6).
pub(super) fn claims(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (_, body, _) = (parts.next()?, parts.next()?, parts.next()?);
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(body).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(body: &Value) -> String {
        format!("e30.{}.sig", BASE64_URL_SAFE_NO_PAD.encode(body.to_string()))
    }

    #[test]
    fn claims_are_read_and_what_is_none_is_nobodys() {
        let read =
            claims(&token(&json!({ "aud": "app", "email": "jane@acme.com", "email_verified": "true" }))).unwrap();
        assert!(read.is_for("app") && !read.is_for("other") && read.is_verified());
        assert!(!claims(&token(&json!({ "aud": "app", "email_verified": false }))).unwrap().is_verified());
        for none in ["", "a.b", "a.%.c", &token(&json!([1]))] {
            assert!(claims(none).is_none(), "{none}");
        }
    }
}
