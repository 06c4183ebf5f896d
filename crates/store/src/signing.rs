//! The installation's own signature (Ed25519, RFC 8032): its key comes of the oldest master key, so that all processes have the
//! same, and a restored database too.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use model::evidence::{Signature, Statement, canonical};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde_json::Value;

use crate::seal::Vault;

/// What the key is derived for.
const PURPOSE: &str = "evidence signing key";
/// How many bytes a public key has.
const ED25519_PUBLIC_KEY_LEN: usize = 32;
/// How the scheme is called.
const ALGORITHM: &str = "Ed25519";

/// A public key, and how it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The beginning of its SHA-256, in hex.
    pub id: String,
    /// Its 32 bytes.
    pub bytes: Vec<u8>,
}

/// Why a signed file is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSigned {
    /// It is no signed file.
    NoFile,
    /// None of the keys is the one it names.
    OtherKey,
    /// It was changed since it was signed, or the key has not signed it.
    Changed,
}

impl PublicKey {
    /// A key of its bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
        let id = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { id, bytes }
    }

    /// A key as it is written, in base64 of either alphabet; `None` of anything else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).or_else(|_| STANDARD.decode(text)).ok()?;
        (bytes.len() == ED25519_PUBLIC_KEY_LEN).then(|| Self::new(bytes))
    }
}

impl Vault {
    fn pair(&self) -> Ed25519KeyPair {
        let seed = self.derived(PURPOSE);
        Ed25519KeyPair::from_seed_unchecked(&seed).unwrap_or_else(|_| unreachable!("a seed has 32 bytes"))
    }

    /// The key that statements are signed with.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey::new(self.pair().public_key().as_ref().to_vec())
    }

    /// A statement with its signature, as one JSON object.
    #[must_use]
    pub fn signed(&self, statement: &Statement) -> String {
        let (pair, mut document) = (self.pair(), statement.document());
        let signature = Signature {
            key_id: PublicKey::new(pair.public_key().as_ref().to_vec()).id,
            algorithm: ALGORITHM.to_owned(),
            value: STANDARD.encode(pair.sign(canonical(&document).as_bytes())),
        };
        document["signature"] = serde_json::to_value(signature).unwrap_or(Value::Null);
        document.to_string()
    }
}

/// What a signed file says, when one of the keys has signed exactly that.
///
/// # Errors
/// See [`NotSigned`].
pub fn verify(file: &str, keys: &[PublicKey]) -> Result<(Value, PublicKey), NotSigned> {
    let mut document: Value = serde_json::from_str(file).map_err(|_| NotSigned::NoFile)?;
    let signature = document.as_object_mut().and_then(|fields| fields.remove("signature")).ok_or(NotSigned::NoFile)?;
    let signature: Signature = serde_json::from_value(signature).map_err(|_| NotSigned::NoFile)?;
    let value = STANDARD.decode(&signature.value).map_err(|_| NotSigned::NoFile)?;
    if signature.algorithm != ALGORITHM {
        return Err(NotSigned::NoFile);
    }
    let key = keys.iter().find(|key| key.id == signature.key_id).ok_or(NotSigned::OtherKey)?;
    let verifier = UnparsedPublicKey::new(&ED25519, &key.bytes);
    verifier.verify(canonical(&document).as_bytes(), &value).map_err(|_| NotSigned::Changed)?;
    Ok((document, key.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::clock::Time;

    fn statement() -> Statement {
        Statement {
            domain_id: "dom_1".into(),
            domain: "bücher.example".into(),
            order_id: None,
            environment: "live".into(),
            checked_at: Time(1_700_000_000_000_000),
            checks: vec![],
        }
    }

    #[test]
    fn what_is_signed_is_verified_however_it_is_indented() {
        let vault = Vault::with_key([7; 32]);
        let keys = [vault.public_key()];
        let file = vault.signed(&statement());
        let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&file).unwrap()).unwrap();
        assert_ne!(pretty, file);
        for file in [file, pretty] {
            let (said, key) = verify(&file, &keys).unwrap();
            assert_eq!((said["domain"].as_str(), &key), (Some("bücher.example"), &keys[0]));
            assert!(said.get("signature").is_none());
        }
    }

    #[test]
    fn what_was_changed_or_signed_by_somebody_else_is_not_believed() {
        let (vault, other) = (Vault::with_key([7; 32]), Vault::with_key([8; 32]));
        let file = vault.signed(&statement());
        let with = |change: &dyn Fn(&mut Value)| {
            let mut document: Value = serde_json::from_str(&file).unwrap();
            change(&mut document);
            verify(&document.to_string(), &[vault.public_key()]).map(drop)
        };
        assert_eq!(with(&|_| ()), Ok(()));
        assert_eq!(with(&|it| it["domain"] = "other.example".into()), Err(NotSigned::Changed));
        assert_eq!(with(&|it| it["more"] = true.into()), Err(NotSigned::Changed));
        assert_eq!(with(&|it| drop(it.as_object_mut().unwrap().remove("checks"))), Err(NotSigned::Changed));
        assert_eq!(with(&|it| it["signature"]["key_id"] = other.public_key().id.into()), Err(NotSigned::OtherKey));
        assert_eq!(with(&|it| it["signature"]["algorithm"] = "none".into()), Err(NotSigned::NoFile));
        assert_eq!(with(&|it| drop(it.as_object_mut().unwrap().remove("signature"))), Err(NotSigned::NoFile));
        assert_eq!(verify(&file, &[other.public_key()]).map(drop), Err(NotSigned::OtherKey));
        assert_eq!(verify("no json", &[]).map(drop), Err(NotSigned::NoFile));
        // A key that calls itself by the other's name.
        let posing = PublicKey { id: vault.public_key().id, ..other.public_key() };
        assert_eq!(verify(&file, &[posing]).map(drop), Err(NotSigned::Changed));
    }

    /// RFC 8032 §7.1, the first test: so that the signature is the one that others verify.
    #[test]
    fn the_scheme_is_the_standards() {
        let hex = |text: &str| {
            (0..text.len()).step_by(2).map(|n| u8::from_str_radix(&text[n..n + 2], 16).unwrap()).collect::<Vec<_>>()
        };
        let pair = Ed25519KeyPair::from_seed_unchecked(&hex(
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        ))
        .unwrap();
        assert_eq!(pair.public_key().as_ref(), hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
    }
}
