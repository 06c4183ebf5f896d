//! Whether a DKIM key is one that receivers take.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::dns::tags;

/// Bits of an RSA key: what signers must at least have (RFC 8301 §3.2), and what receivers still have to take.
const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=4096;
/// Bytes of an Ed25519 key (RFC 8463 §4.2).
const ED25519: usize = 32;
/// The algorithm `rsaEncryption`, as it stands in a key (RFC 8017 §A.1).
const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// What is wrong with a DKIM record (RFC 6376 §3.6.1); `None` when nothing is.
pub(crate) fn fault(text: &str) -> Option<&'static str> {
    let Some(tags) = tags(text) else { return Some("This is no list of tags like `v=DKIM1; k=rsa; p=…`.") };
    if !text.trim_start().starts_with('v') || tags.get("v").is_none_or(|version| version != "DKIM1") {
        return Some("A DKIM key begins with `v=DKIM1;`.");
    }
    let Some(encoded) = tags.get("p").filter(|encoded| !encoded.is_empty()) else {
        return Some("There is no key in it: `p=` is missing or empty.");
    };
    let Ok(key) = STANDARD.decode(encoded) else {
        return Some("What stands behind `p=` is not base64; was it cut off?");
    };
    match tags.get("k").map_or("rsa", String::as_str) {
        "rsa" => match rsa_bits(&key) {
            Some(bits) if RSA_BITS.contains(&bits) => None,
            Some(_) => Some("The RSA key is too short or too long: use one of 1024 to 4096 bits, best 2048."),
            None => Some("What stands behind `p=` is no RSA key; was it cut off?"),
        },
        "ed25519" => (key.len() != ED25519).then_some("An Ed25519 key has 32 bytes; was it cut off?"),
        _ => Some("`k=` is a kind of key that receivers do not know; use rsa or ed25519."),
    }
}

/// How long an RSA key is; of a SubjectPublicKeyInfo, as everybody writes it, or the bare key (RFC 8017 §A.1.1).
fn rsa_bits(der: &[u8]) -> Option<usize> {
    let body = only(der, SEQUENCE)?;
    let key = match element(body, SEQUENCE) {
        Some((algorithm, rest)) => {
            algorithm.starts_with(RSA).then_some(())?;
            let (0, key) = only(rest, BIT_STRING)?.split_first()? else { return None };
            only(key, SEQUENCE)?
        }
        None => body,
    };
    let (modulus, rest) = element(key, INTEGER)?;
    only(rest, INTEGER)?;
    let first = modulus.iter().position(|byte| *byte != 0)?;
    let digits = &modulus[first..];
    Some(digits.len() * 8 - digits[0].leading_zeros() as usize)
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// The one element that there is (X.690 §8.1).
fn only(der: &[u8], tag: u8) -> Option<&[u8]> {
    element(der, tag).filter(|(_, rest)| rest.is_empty()).map(|(body, _)| body)
}

/// The first element, and what is behind it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match *length {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), rest.get(2..)?),
        _ => return None,
    };
    (*first == tag).then(|| rest.split_at_checked(length)).flatten()
}
