//! The key of a service account, and what is signed with it.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rustls::SignatureScheme;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::SigningKey;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

/// How long a token may be asked for, in seconds: as long as the vendor allows.
const LASTS: i64 = 3_600;

/// The key file as the vendor's pages hand it out.
#[derive(Deserialize)]
struct KeyFile {
    client_email: String,
    private_key: String,
    #[serde(default)]
    private_key_id: Option<String>,
    token_uri: String,
}

/// A service account's key.
pub(super) struct ServiceKey {
    /// The service account's name, which looks like an address.
    pub(super) client_email: String,
    /// Where tokens are asked for.
    pub(super) token_uri: String,
    private_key_id: Option<String>,
    signing: Arc<dyn SigningKey>,
}

impl ServiceKey {
    /// Of the key file's text.
    ///
    /// # Errors
    /// A sentence that begins with the setting; it quotes nothing of what is in it.
    pub(super) fn read(text: &SecretString) -> Result<Self, String> {
        let file: KeyFile = serde_json::from_str(text.expose_secret()).map_err(|_| {
            "key is not the JSON key file of a service account: it has client_email, private_key and token_uri"
                .to_owned()
        })?;
        let none =
            || "key has no RSA private key that can be read: make a new one on the service account's page".to_owned();
        let der = PrivateKeyDer::from_pem_slice(file.private_key.as_bytes()).map_err(|_| none())?;
        let signing = any_supported_type(&der).map_err(|_| none())?;
        signing.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256]).ok_or_else(none)?;
        let KeyFile { client_email, private_key_id, token_uri, .. } = file;
        Ok(Self { client_email, token_uri, private_key_id, signing })
    }

    /// What a token for a scope is asked for with, in the name of somebody (RFC 7523); `now` in seconds since the epoch.
    /// `None` when this machine cannot sign.
    pub(super) fn assertion(&self, scope: &str, subject: &str, now: i64) -> Option<String> {
        let mut head = json!({ "alg": "RS256", "typ": "JWT" });
        if let Some(id) = &self.private_key_id {
            head["kid"] = id.as_str().into();
        }
        let claims = json!({
            "iss": self.client_email, "sub": subject, "scope": scope, "aud": self.token_uri, "iat": now, "exp": now + LASTS,
        });
        let encoded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encoded(&head), encoded(&claims));
        let signer = self.signing.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256])?;
        let signature = signer.sign(signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// The key itself is not shown.
impl fmt::Debug for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceKey").field("client_email", &self.client_email).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key_is_told_without_a_word_of_it() {
        let pem = r#"{"client_email":"hush@a","private_key":"hush","token_uri":"https://a.example/hush"}"#;
        for text in ["", "hush", r#"{"client_email":"hush"}"#, pem] {
            let fault = ServiceKey::read(&SecretString::from(text)).unwrap_err();
            assert!(fault.starts_with("key ") && !fault.contains("hush"), "{text}: {fault}");
        }
    }
}
