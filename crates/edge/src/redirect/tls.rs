//! Handshakes of TLS: whose name is asked for decides, and nobody is shown a certificate of somebody else.

use std::fmt;
use std::io;
use std::sync::Arc;

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, StartHandshake};

use super::challenge::{Challenge, ChallengeKind};
use super::{Certificates, Service, host};

/// What an authority says that looks whether a name leads here (RFC 8737 §6.2).
const LOOKS: &[u8] = b"acme-tls/1";
/// A fatal alert: nobody is here by that name (RFC 6066 §3: 112), in a record of its own (RFC 8446 §5.1).
const NOBODY: [u8; 7] = [21, 3, 3, 0, 2, 2, 112];

/// How everybody is served who is no authority.
pub(super) fn ordinary(certificates: Arc<Certificates>) -> Result<ServerConfig, rustls::Error> {
    let config = versions()?.with_no_client_auth();
    let mut config = config.with_cert_resolver(Arc::new(ByName(certificates)));
    config.alpn_protocols = vec![b"http/1.1".to_vec(), b"http/1.0".to_vec()];
    // Whoever comes again brings what we need to know of them: nothing is kept for strangers.
    config.ticketer = ring::Ticketer::new()?;
    Ok(config)
}

fn versions() -> Result<rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier>, rustls::Error> {
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()
}

struct ByName(Arc<Certificates>);

impl fmt::Debug for ByName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByName").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.find(&host::of(hello.server_name()?.as_bytes())?)
    }
}

/// Shakes hands with somebody, in time. `None` where there is nobody to talk to afterwards.
pub(super) async fn shake_hands(service: &Service, stream: TcpStream) -> Option<(TlsStream<TcpStream>, String)> {
    match timeout(service.bounds.handshake, shake(service, stream)).await {
        Ok(Ok(shaken)) => shaken,
        _ => {
            service.tally.failed();
            None
        }
    }
}

async fn shake(service: &Service, stream: TcpStream) -> io::Result<Option<(TlsStream<TcpStream>, String)>> {
    let mut started = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await?;
    let hello = started.client_hello();
    let name = hello.server_name().and_then(|name| host::of(name.as_bytes()));
    let looks = hello.alpn().is_some_and(|mut protocols| protocols.any(|one| one == LOOKS));
    let Some(name) = name.filter(|name| service.sites.find(name).is_some()) else {
        return refuse(service, &mut started).await;
    };
    if looks {
        return show(service, started, &name).await;
    }
    if service.certificates.find(&name).is_none() {
        return refuse(service, &mut started).await;
    }
    let stream = started.into_stream(service.tls.clone()).await?;
    Ok(Some((stream, name)))
}

/// Says that nobody is here by that name.
async fn refuse<T>(service: &Service, started: &mut StartHandshake<TcpStream>) -> io::Result<Option<T>> {
    service.tally.refused();
    started.io.write_all(&NOBODY).await?;
    started.io.shutdown().await?;
    Ok(None)
}

/// Shows an authority the answer to its challenge, and nothing else (RFC 8737 §3).
async fn show<T>(service: &Service, mut started: StartHandshake<TcpStream>, name: &str) -> io::Result<Option<T>> {
    let Some(challenge) = service.challenge(name, ChallengeKind::TlsAlpn01, None).await else {
        return refuse(service, &mut started).await;
    };
    let config = showing(&challenge).map_err(io::Error::other)?;
    let mut stream = started.into_stream(Arc::new(config)).await?;
    service.tally.challenged();
    stream.shutdown().await?;
    Ok(None)
}

/// How an authority is served: with a certificate of our own that has the answer in it.
fn showing(challenge: &Challenge) -> Result<ServerConfig, Box<dyn std::error::Error + Send + Sync>> {
    let mut certificate = CertificateParams::new(vec![challenge.name.clone()])?;
    let digest = Sha256::digest(challenge.authorization.as_bytes());
    certificate.custom_extensions = vec![CustomExtension::new_acme_identifier(&digest)];
    let key = KeyPair::generate()?;
    let chain = vec![certificate.self_signed(&key)?.der().clone()];
    let key = ring::sign::any_supported_type(&PrivateKeyDer::try_from(key.serialize_der())?)?;
    // Nobody but an authority knows the extension, which is critical: whoever checks the certificate refuses it.
    let shown = SingleCertAndKey::from(CertifiedKey::new(chain, key));
    let mut config = versions()?.with_no_client_auth().with_cert_resolver(Arc::new(shown));
    config.alpn_protocols = vec![LOOKS.to_vec()];
    Ok(config)
}
