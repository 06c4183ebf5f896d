//! The application that owners of inboxes consent to, see <https://developers.google.com/identity/protocols/oauth2/web-server>.

use std::sync::Arc;

use model::clock::Clock;

use super::Fields;
use crate::consent::{Application, Claims, Host, meaning};
use crate::vendor::{Auth, Vendor, VendorSettings};

/// Where owners consent.
const PAGE_URL: &str = "https://accounts.google.com";
/// Where grants are asked for.
const TOKEN_URL: &str = "https://oauth2.googleapis.com";

pub(super) fn application(
    name: &str,
    base_url: Option<&str>,
    fields: &Fields,
    clock: &Arc<dyn Clock>,
    client: impl Fn(VendorSettings) -> Result<Arc<Vendor>, String>,
) -> Result<Option<Application>, String> {
    let host = Host {
        title: "Google",
        page: format!("{}/o/oauth2/v2/auth", base_url.unwrap_or(PAGE_URL).trim_end_matches('/')),
        token: vec!["token".into()],
        mail: &["https://mail.google.com/"],
        beside: &["openid", "email"],
        // Without either there is a refresh token only for somebody's first time.
        more: &[("access_type", "offline"), ("prompt", "consent")],
        owner,
        realm: String::new(),
    };
    let settings = VendorSettings { meaning, ..VendorSettings::new(name, base_url.unwrap_or(TOKEN_URL), Auth::Nobody) };
    Application::of(&fields.oauth_client_id, &fields.oauth_client_secret, host, clock, || client(settings))
}

fn owner(claims: &Claims, _: &str) -> Option<String> {
    claims.email.clone().filter(|_| claims.is_verified())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_that_the_host_does_not_vouch_for_is_nobodys() {
        let of = |is_verified: bool| {
            let claims = json!({ "email": "jane@acme.com", "email_verified": is_verified });
            owner(&serde_json::from_value(claims).unwrap(), "")
        };
        assert_eq!((of(true).as_deref(), of(false)), (Some("jane@acme.com"), None));
    }
}
