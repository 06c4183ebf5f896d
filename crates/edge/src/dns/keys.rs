//! The keys that we share with others, and whether a message was signed with one of them (TSIG, RFC 8945).

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hickory_proto::rr::rdata::tsig::{TsigAlgorithm, signed_bitmessage_to_buf};
use hickory_proto::rr::{Name, TSigner};
use model::dns::owner;
use secrecy::{ExposeSecret as _, SecretString};

use super::name::to_wire;
use super::request::{HEADER, Tsig};
use super::signing::{Fault, Signing};

/// How far two clocks may be apart, in seconds (RFC 8945 §10).
const FUDGE: u16 = 300;
/// No signature is cut shorter than this (RFC 8945 §5.2.2.1).
const SHORTEST: usize = 10;

/// A key that we share with somebody.
pub struct Key {
    /// What both call it, in wire form and lower case.
    pub(super) name: Vec<u8>,
    /// The name of its algorithm, in wire form.
    pub(super) algorithm: Vec<u8>,
    pub(super) signer: TSigner,
    /// How long a whole signature of it is.
    whole: usize,
    may_transfer: bool,
}

impl Key {
    /// The key of this name. An empty algorithm is `hmac-sha256`; the secret is in base64.
    ///
    /// # Errors
    /// What is wrong with the `algorithm` or the `secret`, which is said first, or with the name.
    pub fn new(name: &str, algorithm: &str, secret: &SecretString, may_transfer: bool) -> Result<Self, String> {
        let (called, mac, whole) = match algorithm.to_ascii_lowercase().trim_end_matches('.') {
            "" | "hmac-sha256" => ("hmac-sha256", TsigAlgorithm::HmacSha256, 32),
            "hmac-sha384" => ("hmac-sha384", TsigAlgorithm::HmacSha384, 48),
            "hmac-sha512" => ("hmac-sha512", TsigAlgorithm::HmacSha512, 64),
            _ => return Err("algorithm is hmac-sha256, hmac-sha384 or hmac-sha512, and nothing else".into()),
        };
        let not_a_name = || "its name is none that a key can have".to_owned();
        let name = owner(name).ok_or_else(not_a_name)?;
        let secret = BASE64_STANDARD.decode(secret.expose_secret().trim());
        let secret = secret.ok().filter(|bytes| !bytes.is_empty()).ok_or("secret is not base64")?;
        let parsed = Name::from_ascii(format!("{name}.")).map_err(|_| not_a_name())?;
        let signer = TSigner::new(secret, mac, parsed, FUDGE);
        let signer = signer.map_err(|_| "algorithm cannot be used here".to_owned())?;
        Ok(Self { name: to_wire(&name), algorithm: to_wire(called), signer, whole, may_transfer })
    }

    /// Whether whoever has it may be given whole zones.
    pub(super) const fn may_transfer(&self) -> bool {
        self.may_transfer
    }
}

/// A key is shown without its secret.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("name", &self.signer.signer_name().to_string()).finish_non_exhaustive()
    }
}

/// All keys that we share with somebody, by their names.
#[derive(Debug, Default)]
pub struct Keys(HashMap<Vec<u8>, Arc<Key>>);

impl FromIterator<Arc<Key>> for Keys {
    fn from_iter<T: IntoIterator<Item = Arc<Key>>>(keys: T) -> Self {
        Self(keys.into_iter().map(|key| (key.name.clone(), key)).collect())
    }
}

impl Keys {
    /// Whether a message was signed with a key of ours, and not long ago. Key, signature, time and length are looked at in the
    /// order that is prescribed (RFC 8945 §5.2): nothing is signed for whoever does not have the key.
    pub(super) fn check(&self, tsig: Tsig, packet: &[u8], seconds: u64) -> Result<Signing, Fault> {
        let Some(key) = self.0.get(&tsig.key).filter(|key| key.algorithm == tsig.algorithm) else {
            return Err(Fault::unknown(tsig));
        };
        let whole = key.whole;
        if tsig.mac.len() > whole || tsig.mac.len() < SHORTEST.max(whole / 2) {
            return Err(Fault::Format);
        }
        if !is_by(key, &tsig, packet) {
            return Err(Fault::forged(tsig));
        }
        let (time, fudge) = (tsig.time, u64::from(tsig.fudge));
        let is_whole = tsig.mac.len() == whole;
        let signing = Signing::answering(key.clone(), tsig.mac, seconds);
        if time.abs_diff(seconds) > fudge {
            return Err(Fault::Time { signing, theirs: time });
        }
        if is_whole { Ok(signing) } else { Err(Fault::Short(signing)) }
    }
}

/// Whether a signature is by whoever has this key.
fn is_by(key: &Key, tsig: &Tsig, packet: &[u8]) -> bool {
    let Ok((mut signed, _)) = signed_bitmessage_to_buf(packet, None, true) else { return false };
    // The reader forgets a flag that nobody uses, and it was signed too.
    if let (Some(flags), Some(theirs)) = (signed.get_mut(2..4), packet.get(2..4).filter(|_| packet.len() >= HEADER)) {
        flags.copy_from_slice(theirs);
    }
    let Ok(expected) = key.signer.sign(&signed) else { return false };
    // As long as it takes, whichever byte is the wrong one.
    let differences = expected.iter().zip(&tsig.mac).fold(0, |all, (one, other)| all | one ^ other);
    std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_and_never_shown() {
        let key = Key::new("Mail.Key.", "HMAC-SHA512.", &"aHVzaA==\n".into(), true).unwrap();
        assert_eq!((key.name.as_slice(), key.signer.key(), key.whole), (&b"\x04mail\x03key\0"[..], &b"hush"[..], 64));
        assert!(!format!("{key:?}").contains("hush"));
        for (name, algorithm, secret, word) in [
            ("", "", "aHVzaA==", "its name"),
            ("a b", "", "aHVzaA==", "its name"),
            ("key", "hmac-md5", "aHVzaA==", "algorithm"),
            ("key", "", "hush!", "secret"),
            ("key", "", "", "secret"),
        ] {
            let fault = Key::new(name, algorithm, &secret.into(), true).unwrap_err();
            assert!(fault.starts_with(word) && !fault.contains("hush"), "{fault}");
        }
    }
}
