//! When an authority wants a certificate renewed, where it says so (ARI, RFC 9773).

use instant_acme::{Account, CertificateIdentifier, Error};
use model::clock::{SECOND, Time};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// What an authority calls a certificate, by its chain. `None` where it cannot be read.
pub(super) fn identifier(chain: &str) -> Option<CertificateIdentifier<'static>> {
    let certificate = CertificateDer::from_pem_slice(chain.as_bytes()).ok()?;
    CertificateIdentifier::try_from(&certificate).ok().map(CertificateIdentifier::into_owned)
}

/// Between which times it wants it renewed. `None` where it does not say, for then it is known from the certificate itself.
pub(super) async fn suggested(account: &Account, chain: &str) -> Option<(Time, Time)> {
    match account.renewal_info(&identifier(chain)?).await {
        Ok((info, _)) => {
            let time = |seconds: i64| Time(seconds.saturating_mul(SECOND));
            let window = info.suggested_window;
            Some((time(window.start.unix_timestamp()), time(window.end.unix_timestamp())))
        }
        Err(Error::Unsupported(_)) => None,
        Err(error) => {
            tracing::debug!(%error, "the certificate authority did not say when it wants a certificate renewed");
            None
        }
    }
}
