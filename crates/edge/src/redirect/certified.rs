//! A certificate as it is kept, and as it is shown.

use std::fmt;
use std::sync::Arc;

use model::clock::{SECOND, Time};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use secrecy::{ExposeSecret as _, SecretString};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// A certificate as it is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The site, by its host.
    pub host: String,
    /// The certificate and those that lead to the authority's root, in PEM (RFC 8555 §9.1).
    pub chain: String,
    /// Its key, PKCS #8 in PEM.
    pub key: SecretString,
}

/// A certificate as it is shown.
#[derive(Debug)]
pub struct Certified {
    pub(super) key: Arc<CertifiedKey>,
    said: Said,
}

/// What a certificate says.
#[derive(Debug)]
struct Said {
    names: Box<[Box<str>]>,
    begins_at: Time,
    ends_at: Time,
}

/// Why a certificate cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptFault(&'static str);

impl fmt::Display for KeptFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for KeptFault {}

impl Certified {
    /// Reads what is kept.
    ///
    /// # Errors
    /// What is wrong with it; never a part of the key.
    pub fn of(kept: &Kept) -> Result<Self, KeptFault> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(kept.chain.as_bytes()).collect();
        let chain = chain.map_err(|_| KeptFault("the chain is no PEM"))?;
        let first = chain.first().ok_or(KeptFault("the chain is empty"))?;
        let key = PrivateKeyDer::from_pem_slice(kept.key.expose_secret().as_bytes());
        let key = key.map_err(|_| KeptFault("the key is no PEM"))?;
        let key = any_supported_type(&key).map_err(|_| KeptFault("the key is of an unknown kind"))?;
        let said = read(first)?;
        let certified = CertifiedKey::new(chain, key);
        certified.keys_match().map_err(|_| KeptFault("the key is not that of the certificate"))?;
        Ok(Self { key: Arc::new(certified), said })
    }

    /// The names that it is for.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.said.names.iter().map(AsRef::as_ref)
    }

    /// From when on it counts.
    #[must_use]
    pub const fn begins_at(&self) -> Time {
        self.said.begins_at
    }

    /// Until when it counts.
    #[must_use]
    pub const fn ends_at(&self) -> Time {
        self.said.ends_at
    }
}

/// The names of a certificate, and from when until when it counts (RFC 5280 §4.1.2.5, §4.2.1.6).
fn read(certificate: &CertificateDer<'_>) -> Result<Said, KeptFault> {
    let fault = KeptFault("the certificate cannot be read");
    let (_, read) = X509Certificate::from_der(certificate).map_err(|_| fault)?;
    let names =
        read.subject_alternative_name().map_err(|_| fault)?.ok_or(KeptFault("the certificate is for no name"))?;
    let names = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase().into_boxed_str()),
        _ => None,
    });
    let time = |time: x509_parser::time::ASN1Time| Time(time.timestamp().saturating_mul(SECOND));
    let validity = read.validity();
    Ok(Said { names: names.collect(), begins_at: time(validity.not_before), ends_at: time(validity.not_after) })
}
