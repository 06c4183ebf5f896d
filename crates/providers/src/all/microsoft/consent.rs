//! The application that owners of inboxes consent to, see
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>.

use std::sync::Arc;

use model::clock::Clock;

use super::{Fields, LOGIN_URL};
use crate::consent::{Application, Claims, Host, meaning};
use crate::vendor::{Auth, Vendor, VendorSettings};

pub(super) fn application(
    name: &str,
    base_url: Option<&str>,
    fields: &Fields,
    clock: &Arc<dyn Clock>,
    client: impl Fn(VendorSettings) -> Result<Arc<Vendor>, String>,
) -> Result<Option<Application>, String> {
    let base = base_url.unwrap_or(LOGIN_URL);
    let host = Host {
        title: "Microsoft",
        page: format!("{}/{}/oauth2/v2.0/authorize", base.trim_end_matches('/'), fields.tenant),
        token: [&fields.tenant, "oauth2", "v2.0", "token"].map(str::to_owned).to_vec(),
        mail: &["https://outlook.office.com/SMTP.Send", "https://outlook.office.com/IMAP.AccessAsUser.All"],
        beside: &["openid", "profile", "offline_access"],
        // Whoever asks for a consent each time asks an administrator, where users may not give one.
        more: &[("response_mode", "query"), ("prompt", "select_account")],
        owner,
        realm: fields.tenant.clone(),
    };
    let settings = VendorSettings { meaning, ..VendorSettings::new(name, base, Auth::Nobody) };
    Application::of(&fields.oauth_client_id, &fields.oauth_client_secret, host, clock, || client(settings))
}

/// A user's name is the address that they sign in with; that of a guest from another tenant says nothing.
fn owner(claims: &Claims, tenant: &str) -> Option<String> {
    let is_here = claims.tid.as_deref().is_some_and(|tid| tid.eq_ignore_ascii_case(tenant));
    claims.preferred_username.clone().filter(|_| is_here)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_guest_from_another_tenant_owns_nothing_here() {
        let of = |tid: &str| {
            let claims = json!({ "preferred_username": "jane@acme.com", "tid": tid });
            owner(&serde_json::from_value(claims).unwrap(), "84841066-274d")
        };
        assert_eq!(of("84841066-274D").as_deref(), Some("jane@acme.com"));
        assert_eq!((of("11111111-274d"), of("")), (None, None));
    }
}
