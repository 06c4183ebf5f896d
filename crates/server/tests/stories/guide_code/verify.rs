use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// `now` is Unix seconds; `timestamp` and `signature` are the two Peeker headers.
pub fn verify(secret: &str, timestamp: &str, signature: &str, body: &[u8], now: i64, tolerance: i64) -> bool {
    let Ok(seconds) = timestamp.parse::<i64>() else { return false };
    if now.saturating_sub(seconds).saturating_abs() > tolerance {
        return false;
    }
    signature.split(',').any(|one| {
        let Some(given) = one.trim().strip_prefix("v1=").and_then(from_hex) else { return false };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
        mac.update(timestamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        mac.verify_slice(&given).is_ok()
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
