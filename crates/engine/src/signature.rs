//! Signs webhooks in both header families, and checks a signature as a receiver would.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use model::delivery::SECRET_PREFIX;
pub use model::delivery::new_secret;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How old a timestamp a receiver should accept, in seconds.
pub const TOLERANCE: i64 = 300;

/// Whether a text can be an endpoint's secret.
#[must_use]
pub fn is_secret(text: &str) -> bool {
    text.strip_prefix(SECRET_PREFIX).is_some_and(|rest| !rest.is_empty() && BASE64.decode(rest).is_ok())
}

/// The headers of one attempt, over the exact bytes that are sent. `secrets` has the newest first; a
/// second one signs too while a rotation overlaps.
#[must_use]
pub fn headers(event_id: &str, timestamp: i64, body: &str, secrets: &[SecretString]) -> Vec<(String, String)> {
    let peeker: Vec<_> = secrets.iter().map(|secret| format!("v1={}", peeker(secret, timestamp, body))).collect();
    let standard: Vec<_> = secrets
        .iter()
        .filter_map(|secret| standard(secret, event_id, timestamp, body))
        .map(|sig| format!("v1,{sig}"))
        .collect();
    [
        ("content-type", "application/json".to_owned()),
        ("peeker-event-id", event_id.to_owned()),
        ("peeker-timestamp", timestamp.to_string()),
        ("peeker-signature", peeker.join(",")),
        ("webhook-id", event_id.to_owned()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", standard.join(" ")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Lower-case hex over `{timestamp}.{body}`, keyed by the secret's own bytes.
fn peeker(secret: &SecretString, timestamp: i64, body: &str) -> String {
    hex(&hmac(secret.expose_secret().as_bytes(), format!("{timestamp}.{body}").as_bytes()))
}

/// Base64 over `{id}.{timestamp}.{body}`, keyed by what the secret decodes to (Standard Webhooks).
fn standard(secret: &SecretString, id: &str, timestamp: i64, body: &str) -> Option<String> {
    let key = BASE64.decode(secret.expose_secret().strip_prefix(SECRET_PREFIX)?).ok()?;
    Some(BASE64.encode(hmac(&key, format!("{id}.{timestamp}.{body}").as_bytes())))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// HMAC-SHA256.
pub(crate) fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Whether a `Peeker-Signature` header has a signature of this secret over these bytes.
#[must_use]
pub fn verify_peeker(secret: &SecretString, timestamp: i64, body: &str, header: &str) -> bool {
    let expected = peeker(secret, timestamp, body);
    let matches = |given: &str| bool::from(given.as_bytes().ct_eq(expected.as_bytes()));
    header.split(',').filter_map(|part| part.trim().strip_prefix("v1=")).any(matches)
}

/// Whether a `webhook-signature` header has a signature of this secret over these bytes.
#[must_use]
pub fn verify_standard(secret: &SecretString, id: &str, timestamp: i64, body: &str, header: &str) -> bool {
    let Some(expected) = standard(secret, id, timestamp, body) else { return false };
    let matches = |given: &str| bool::from(given.as_bytes().ct_eq(expected.as_bytes()));
    header.split(' ').filter_map(|part| part.strip_prefix("v1,")).any(matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"id":"evt_1"}"#;

    fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
        headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap()
    }

    #[test]
    fn both_families_verify_and_notice_a_changed_byte() {
        let secret = new_secret([3; 32]);
        let headers = headers("evt_1", 1_800_000_000, BODY, std::slice::from_ref(&secret));
        let (ours, standard) = (header(&headers, "peeker-signature"), header(&headers, "webhook-signature"));
        assert!(verify_peeker(&secret, 1_800_000_000, BODY, ours));
        assert!(verify_standard(&secret, "evt_1", 1_800_000_000, BODY, standard));
        assert!(!verify_peeker(&secret, 1_800_000_001, BODY, ours));
        assert!(!verify_peeker(&secret, 1_800_000_000, "{}", ours));
        assert!(!verify_standard(&secret, "evt_2", 1_800_000_000, BODY, standard));
    }

    #[test]
    fn while_a_rotation_overlaps_both_secrets_verify() {
        let (new, old) = (new_secret([1; 32]), new_secret([2; 32]));
        let headers = headers("evt_1", 7, BODY, &[new.clone(), old.clone()]);
        for secret in [&new, &old] {
            assert!(verify_peeker(secret, 7, BODY, header(&headers, "peeker-signature")));
            assert!(verify_standard(secret, "evt_1", 7, BODY, header(&headers, "webhook-signature")));
        }
    }

    /// The vector of the Standard Webhooks specification's reference libraries.
    #[test]
    fn the_published_vector_comes_out() {
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let signature = standard(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature.unwrap(), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
