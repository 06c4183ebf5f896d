//! Handshakes of TLS: who is shown what.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{AlertDescription, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::super::{Bounds, Certified, Kept};
use super::rig::{Rig, kept, rig, said, show};

/// Believes everybody; what was shown is looked at afterwards.
#[derive(Debug)]
struct Believing;

impl ServerCertVerifier for Believing {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

async fn shake(rig: &Rig, name: &'static str, protocols: &[&str]) -> std::io::Result<TlsStream<TcpStream>> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().dangerous();
    let mut config = config.with_custom_certificate_verifier(Arc::new(Believing)).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|one| one.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(rig.https).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), stream).await
}

/// What somebody hears who asks for a host in a handshake for a name.
async fn told(rig: &Rig, name: &'static str, host: &str) -> String {
    let mut stream = shake(rig, name, &["h2", "http/1.1"]).await.unwrap();
    let asked = format!("GET /a HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut said = vec![];
    stream.read_to_end(&mut said).await.unwrap();
    String::from_utf8(said).unwrap()
}

#[tokio::test]
async fn a_site_is_served_under_its_own_names() {
    let rig = rig(Bounds::default());
    for name in ["team-acme.com", "www.team-acme.com"] {
        let said = told(&rig, name, "team-acme.com").await;
        assert!(said.starts_with("HTTP/1.1 301 ") && said.contains("location: https://acme.com/a\r\n"), "{said}");
        assert!(said.contains("strict-transport-security: max-age=600\r\n"), "{said}");
    }
    for host in ["bare.com", "nobody.com"] {
        assert!(told(&rig, "team-acme.com", host).await.starts_with("HTTP/1.1 421 "), "{host}");
    }
}

#[tokio::test]
async fn nobody_is_shown_a_certificate_of_somebody_else() {
    let rig = rig(Bounds::default());
    // Nobody, a site without a certificate, an authority that looks where no challenge is, and no name at all.
    for (name, protocols) in [
        ("nobody.com", &[][..]),
        ("bare.com", &[]),
        ("bare.com", &["acme-tls/1"]),
        ("nobody.com", &["acme-tls/1"]),
        ("127.0.0.1", &[]),
    ] {
        let error = shake(&rig, name, protocols).await.unwrap_err();
        let error = error.get_ref().and_then(|error| error.downcast_ref::<Error>());
        assert_eq!(error, Some(&Error::AlertReceived(AlertDescription::UnrecognisedName)), "{name}");
    }
    assert_eq!(rig.counts.refused.load(Ordering::SeqCst), 5);
    assert!(shake(&rig, "team-acme.com", &["h2"]).await.is_err(), "nothing that we speak");
    show(&rig.certificates, "bare.com", &["bare.com"]);
    assert!(
        told(&rig, "bare.com", "www.bare.com").await.starts_with("HTTP/1.1 301 "),
        "it is shown from the next handshake on"
    );
    assert!(shake(&rig, "www.bare.com", &[]).await.is_err(), "it is for one name only");
}

#[tokio::test]
async fn an_authority_is_shown_the_answer_and_nothing_else() {
    let rig = rig(Bounds::default());
    let mut stream = shake(&rig, "team-acme.com", &["acme-tls/1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"acme-tls/1"[..]));
    let shown = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
    let (_, shown) = X509Certificate::from_der(&shown).unwrap();
    // RFC 8737 §3: the extension is critical, and has the digest of what would be said over HTTP.
    let identifier = shown.extensions().iter().find(|one| one.oid.to_id_string() == "1.3.6.1.5.5.7.1.31").unwrap();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(b"token.thumb");
    assert!(identifier.critical && identifier.value == [&[4, 32], &digest[..]].concat());
    let mut said = vec![];
    stream.read_to_end(&mut said).await.unwrap();
    assert!(said.is_empty());
    assert_eq!(rig.counts.challenged.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_is_no_handshake_is_refused() {
    let rig = rig(Bounds::default());
    for sent in [
        &b"GET / HTTP/1.1\r\nHost: team-acme.com\r\n\r\n"[..],
        &[22, 3, 1, 255, 255],
        &[0; 600],
        &[22, 3, 1, 0, 4, 1, 0, 0, 0],
    ] {
        let mut stream = TcpStream::connect(rig.https).await.unwrap();
        stream.write_all(sent).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut said = vec![];
        let _ = stream.read_to_end(&mut said).await;
        // At most an alert (RFC 8446 §6).
        assert!(said.is_empty() || said[0] == 21, "{said:?}");
    }
    assert!(told(&rig, "team-acme.com", "team-acme.com").await.starts_with("HTTP/1.1 301 "));
    assert!(said(rig.http, b"GET / HTTP/1.0\r\nHost: bare.com\r\n\r\n").await.starts_with("HTTP/1.0 301 "));
}

#[test]
fn a_certificate_that_cannot_be_shown_is_refused_with_a_reason() {
    let good = kept("a.com", &["a.com"]);
    let read = Certified::of(&good).unwrap();
    assert_eq!(read.names().collect::<Vec<_>>(), ["a.com"]);
    assert!(read.begins_at() < read.ends_at());
    for (broken, said) in [
        (Kept { chain: String::new(), ..good.clone() }, "empty"),
        (Kept { chain: "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----".into(), ..good.clone() }, "no PEM"),
        (Kept { chain: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".into(), ..good.clone() }, "read"),
        (Kept { key: "secret".to_owned().into(), ..good.clone() }, "key is no PEM"),
        (Kept { key: kept("b.com", &["b.com"]).key, ..good.clone() }, "not that of"),
        (kept("a.com", &[]), "no name"),
    ] {
        let fault = Certified::of(&broken).unwrap_err().to_string();
        assert!(fault.contains(said) && !fault.contains("secret"), "{fault}");
    }
}
