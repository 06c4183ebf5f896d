//! The vault: secrets sealed at rest, keys and bodies hashed with a key.
//!
//! A secret is encrypted with a data key of its own (XChaCha20-Poly1305); the data key is wrapped by a
//! versioned master key from a file. Table, column and row are associated data, so that a sealed text
//! cannot be moved to another row.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, Generate, Key, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use model::secret::Secret;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::Sha256;

use crate::error::StoreError;
use crate::file_modes;

/// A master key's length in bytes.
const KEY: usize = 32;
/// An XChaCha20 nonce's length in bytes.
const NONCE: usize = 24;

/// The master keys by version, and what is derived from them.
pub struct Vault {
    keys: BTreeMap<u32, SecretBox<[u8; KEY]>>,
}

/// The master key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The file cannot be read or made.
    #[error("the master key file {path} cannot be used: {source}")]
    File {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("the master key file {0} does not hold a master key; restore it from your backup")]
    Content(String),
}

/// Where a secret stands: part of what is authenticated.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// `table.column`.
    pub column: &'static str,
    /// The row's id.
    pub row: &'a str,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({} keys)", self.keys.len())
    }
}

impl Vault {
    /// Reads the master key file, or makes it (mode 0600, never over an existing one).
    ///
    /// # Errors
    /// When the file cannot be read or made, or holds something else.
    pub fn open_or_create(path: &Path) -> Result<Self, VaultError> {
        match Self::open(path) {
            Err(VaultError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Self::create(path)?;
                Self::open(path)
            }
            other => other,
        }
    }

    /// Reads the master key file: a line per key, its version and 32 bytes in base64.
    ///
    /// # Errors
    /// When the file cannot be read or holds something else.
    pub fn open(path: &Path) -> Result<Self, VaultError> {
        let text = file_modes::read_secret(path).map_err(|source| file_error(path, source))?;
        let keys: Option<BTreeMap<_, _>> = text.lines().filter(|line| !line.trim().is_empty()).map(read_key).collect();
        match keys.filter(|keys| !keys.is_empty()) {
            Some(keys) => Ok(Self { keys }),
            None => Err(VaultError::Content(path.display().to_string())),
        }
    }

    /// Written whole beside its place and then linked there: a process that dies half-way leaves no half
    /// a key, and two that race end with one.
    fn create(path: &Path) -> Result<(), VaultError> {
        let key = Key::<XChaCha20Poly1305>::generate();
        let draft = path.with_extension(format!("draft-{}", std::process::id()));
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft);
        let linked = made.and_then(|mut file| {
            file.write_all(format!("1 {}\n", BASE64.encode(key)).as_bytes())?;
            file.sync_all()?;
            fs::hard_link(&draft, path)
        });
        // A draft that stays behind is a key that nothing was sealed with.
        let _ = fs::remove_file(&draft);
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(file_error(path, error)),
            _ => Ok(()),
        }
    }

    /// A vault with a fixed key, for tests.
    #[must_use]
    pub fn with_key(key: [u8; KEY]) -> Self {
        Self { keys: BTreeMap::from([(1, SecretBox::new(Box::new(key)))]) }
    }

    /// What tells this master key from another, without saying anything about it.
    #[must_use]
    pub fn key_fingerprint(&self) -> String {
        self.keyed_hash("master key fingerprint", b"")[..16].to_owned()
    }

    /// A keyed hash in lower-case hex, different for every purpose.
    #[must_use]
    pub fn keyed_hash(&self, purpose: &str, text: &[u8]) -> String {
        hmac(&self.derived(purpose), text).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A key of its own for a purpose.
    pub(crate) fn derived(&self, purpose: &str) -> [u8; KEY] {
        let oldest = self.keys.values().next().map_or(&[0; KEY], |key| key.expose_secret());
        hmac(oldest, purpose.as_bytes())
    }

    /// A secret as a row keeps it. One that is sealed already stays as it is.
    #[must_use]
    pub fn seal(&self, secret: &Secret, place: Place<'_>) -> String {
        match secret {
            Secret::Sealed(text) => text.clone(),
            Secret::Plain(text) => self.seal_text(text.expose_secret(), place),
        }
    }

    fn seal_text(&self, text: &str, place: Place<'_>) -> String {
        let (version, master) = self.keys.last_key_value().map_or((0, [0; KEY]), |(v, key)| (*v, *key.expose_secret()));
        let data_key = Key::<XChaCha20Poly1305>::generate();
        let wrapped = encrypt(&master, &data_key, place);
        let sealed = encrypt(&data_key.into(), text.as_bytes(), place);
        format!("s1.{version}.{}.{}", BASE64.encode(wrapped), BASE64.encode(sealed))
    }

    /// Opens a secret.
    ///
    /// # Errors
    /// When it was sealed with another master key, or for another row.
    pub fn open_secret(&self, secret: &Secret, place: Place<'_>) -> Result<SecretString, StoreError> {
        match secret {
            Secret::Plain(text) => Ok(text.clone()),
            Secret::Sealed(text) => {
                self.unseal(text, place).map(SecretString::from).ok_or(StoreError::Sealed(place.column))
            }
        }
    }

    fn unseal(&self, text: &str, place: Place<'_>) -> Option<String> {
        let mut parts = text.split('.');
        let (Some("s1"), Some(version), Some(wrapped), Some(sealed)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let master = self.keys.get(&version.parse().ok()?)?;
        let data_key: [u8; KEY] =
            decrypt(master.expose_secret(), &BASE64.decode(wrapped).ok()?, place)?.try_into().ok()?;
        String::from_utf8(decrypt(&data_key, &BASE64.decode(sealed).ok()?, place)?).ok()
    }
}

fn file_error(path: &Path, source: io::Error) -> VaultError {
    VaultError::File { path: path.display().to_string(), source }
}

fn read_key(line: &str) -> Option<(u32, SecretBox<[u8; KEY]>)> {
    let (version, key) = line.trim().split_once(' ')?;
    let bytes: [u8; KEY] = BASE64.decode(key.trim()).ok()?.try_into().ok()?;
    Some((version.parse().ok()?, SecretBox::new(Box::new(bytes))))
}

fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(text);
    mac.finalize().into_bytes().into()
}

fn associated(place: Place<'_>) -> Vec<u8> {
    format!("{}\n{}", place.column, place.row).into_bytes()
}

fn encrypt(key: &[u8; KEY], text: &[u8], place: Place<'_>) -> Vec<u8> {
    let nonce = XNonce::generate();
    let payload = Payload { msg: text, aad: &associated(place) };
    let sealed = XChaCha20Poly1305::new(key.into()).encrypt(&nonce, payload);
    let sealed = sealed.unwrap_or_else(|_| unreachable!("only texts of many gigabytes cannot be encrypted"));
    [nonce.as_slice(), &sealed].concat()
}

fn decrypt(key: &[u8; KEY], sealed: &[u8], place: Place<'_>) -> Option<Vec<u8>> {
    let (nonce, text) = sealed.split_at_checked(NONCE)?;
    let nonce: [u8; NONCE] = nonce.try_into().ok()?;
    let payload = Payload { msg: text, aad: &associated(place) };
    XChaCha20Poly1305::new(key.into()).decrypt(&nonce.into(), payload).ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const HERE: Place<'static> = Place { column: "orders.login_password", row: "ord_1" };

    fn sealed(vault: &Vault) -> Secret {
        Secret::Sealed(vault.seal(&Secret::plain("hunter2"), HERE))
    }

    #[test]
    fn what_is_sealed_opens_only_at_its_place_and_with_its_key() {
        let vault = Vault::with_key([7; 32]);
        let secret = sealed(&vault);
        assert_eq!(vault.open_secret(&secret, HERE).unwrap().expose_secret(), "hunter2");
        assert!(vault.open_secret(&secret, Place { row: "ord_2", ..HERE }).is_err());
        assert!(Vault::with_key([8; 32]).open_secret(&secret, HERE).is_err());
    }

    #[test]
    fn sealing_twice_never_looks_the_same() {
        let vault = Vault::with_key([7; 32]);
        assert_ne!(sealed(&vault), sealed(&vault));
    }

    #[test]
    fn the_key_file_is_private_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let first = Vault::open_or_create(&path).unwrap();
        let again = Vault::open_or_create(&path).unwrap();
        assert_eq!(first.key_fingerprint(), again.key_fingerprint());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "not a key").unwrap();
        assert!(matches!(Vault::open_or_create(&path), Err(VaultError::Content(_))));
    }

    #[test]
    fn a_newer_key_seals_and_the_older_still_opens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let old = Vault::open_or_create(&path).unwrap();
        let secret = sealed(&old);
        let both = format!("{}2 {}\n", fs::read_to_string(&path).unwrap(), BASE64.encode([9; 32]));
        fs::write(&path, both).unwrap();
        let new = Vault::open(&path).unwrap();
        assert_eq!(new.open_secret(&secret, HERE).unwrap().expose_secret(), "hunter2");
        assert!(new.seal(&Secret::plain("x"), HERE).starts_with("s1.2."));
        assert_eq!(new.key_fingerprint(), old.key_fingerprint());
    }

    #[test]
    fn hashes_differ_by_purpose() {
        let vault = Vault::with_key([7; 32]);
        assert_ne!(vault.keyed_hash("a", b"x"), vault.keyed_hash("b", b"x"));
        assert_eq!(vault.keyed_hash("a", b"x").len(), 64);
    }
}
