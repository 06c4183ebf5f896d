//! The key that is shared with a server.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hickory_proto::rr::TSigner;
use hickory_proto::rr::rdata::tsig::TsigAlgorithm;
use model::dns::owner;
use secrecy::{ExposeSecret as _, SecretString};

use crate::dns::values::name;

/// How far two clocks may be apart, in seconds (RFC 8945 §10).
pub(super) const FUDGE: u16 = 300;

/// The key that is shared with a server.
#[derive(Clone)]
pub struct Key {
    /// What both call it.
    pub(super) name: String,
    pub(super) algorithm: &'static str,
    pub(super) signer: TSigner,
}

impl Key {
    /// The key of this name. An empty algorithm is `hmac-sha256`; the secret is in base64.
    ///
    /// # Errors
    /// A sentence that begins with the field that will not do: `key_name`, `algorithm` or `secret`.
    pub fn new(key_name: &str, algorithm: &str, secret: &SecretString) -> Result<Self, String> {
        let (algorithm, mac) = match algorithm.to_ascii_lowercase().trim_end_matches('.') {
            "" | "hmac-sha256" => ("hmac-sha256", TsigAlgorithm::HmacSha256),
            "hmac-sha384" => ("hmac-sha384", TsigAlgorithm::HmacSha384),
            "hmac-sha512" => ("hmac-sha512", TsigAlgorithm::HmacSha512),
            _ => return Err("algorithm is hmac-sha256, hmac-sha384 or hmac-sha512, and nothing else".into()),
        };
        let not_a_name = || "key_name is no name that a key can have".to_owned();
        let text = owner(key_name).ok_or_else(not_a_name)?;
        let secret = BASE64_STANDARD.decode(secret.expose_secret().trim());
        let secret = secret.ok().filter(|bytes| !bytes.is_empty()).ok_or("secret is not base64")?;
        let signer = TSigner::new(secret, mac, name(&text).ok_or_else(not_a_name)?, FUDGE);
        let signer = signer.map_err(|_| "algorithm cannot be used here".to_owned())?;
        Ok(Self { name: text, algorithm, signer })
    }
}

/// A key is shown without its secret.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("name", &self.name).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_and_never_shown() {
        let key = Key::new("Mail.Key.", "HMAC-SHA512.", &"aHVzaA==\n".into()).unwrap();
        assert_eq!((key.name.as_str(), key.algorithm, key.signer.key()), ("mail.key", "hmac-sha512", &b"hush"[..]));
        assert!(!format!("{key:?}").contains("hush"));
        for (name, algorithm, secret, field) in [
            ("", "", "aHVzaA==", "key_name"),
            ("a b", "", "aHVzaA==", "key_name"),
            ("key", "hmac-md5", "aHVzaA==", "algorithm"),
            ("key", "", "hush!", "secret"),
            ("key", "", "", "secret"),
        ] {
            let fault = Key::new(name, algorithm, &secret.into()).unwrap_err();
            assert!(fault.starts_with(field) && !fault.contains("hush"), "{fault}");
        }
    }
}
