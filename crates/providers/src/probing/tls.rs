//! TLS on a connection: nothing of a login is said without.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::line::Lost;

const UNTRUSTING: &str = "this machine trusts nobody: it has no certificate roots (the package ca-certificates)";

/// Whom to believe.
pub(super) fn config(roots: Option<&str>) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let unusable = |error: rustls::Error| format!("{UNTRUSTING}: {error}");
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(unusable)?;
    let Some(roots) = roots else {
        return Ok(builder.with_platform_verifier().map_err(unusable)?.with_no_client_auth());
    };
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(CertificateDer::pem_slice_iter(roots.as_bytes()).filter_map(Result::ok));
    Ok(builder.with_root_certificates(store).with_no_client_auth())
}

/// Begins it, with a server that has to be who it should be.
pub(super) async fn begin(
    config: &Arc<ClientConfig>,
    host: &str,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, Lost> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Lost)?;
    Ok(TlsConnector::from(config.clone()).connect(name, stream).await?)
}
