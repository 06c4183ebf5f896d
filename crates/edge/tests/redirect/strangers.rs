//! Strangers: curl and openssl, with the certificates that the authority has made.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::judge::judge;
use crate::rig::{Plan, Rig, rig};

/// What curl says that it heard: status, where it is led, how it was verified.
fn curl(curl: &Path, rig: &Rig, arguments: &[&str]) -> String {
    let mut command = Command::new(curl);
    command.args(["-sS", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url} %{ssl_verify_result}", "--cacert"]);
    command.arg(&rig.pebble.anchor);
    for name in ["team-acme.com", "www.team-acme.com", "nobody.com"] {
        command.args(["--resolve", &format!("{name}:{}:127.0.0.1", rig.http.port())]);
        command.args(["--resolve", &format!("{name}:{}:127.0.0.1", rig.https.port())]);
    }
    let output = command.args(arguments).output().expect("curl starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() { said } else { format!("{said} {}", String::from_utf8_lossy(&output.stderr)) }
}

/// What openssl says about a handshake.
fn openssl(openssl: &Path, rig: &Rig, arguments: &[&str]) -> String {
    let mut command = Command::new(openssl);
    command.args(["s_client", "-connect", &rig.https.to_string(), "-verify_return_error", "-CAfile"]);
    command.arg(&rig.pebble.anchor).args(arguments).stdin(Stdio::null());
    let output = command.output().expect("openssl starts");
    [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat()
}

fn programs() -> Option<[PathBuf; 2]> {
    Some([judge("curl", "curl")?, judge("openssl", "openssl")?])
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_led_on_with_certificates_that_they_believe() {
    let Some([curl_program, openssl_program]) = programs() else { return };
    let Some(rig) = rig(&["team-acme.com"], Plan::default()) else { return };
    rig.until_shown(1).await;
    let asked = |arguments: &[&str]| curl(&curl_program, &rig, arguments);
    let (http, https) = (rig.http.port(), rig.https.port());
    for host in ["team-acme.com", "www.team-acme.com", "TEAM-acme.com"] {
        let led = "301 https://acme.com/shop/a/b?c=d 0";
        assert_eq!(asked(&[&format!("http://{host}:{http}/a/b?c=d")]), led, "{host}");
        assert_eq!(asked(&[&format!("https://{host}:{https}/a/b?c=d")]), led, "{host}");
        assert_eq!(
            asked(&["--http1.0", "--tls-max", "1.2", &format!("https://{host}:{https}/a/b?c=d")]),
            led,
            "{host}"
        );
        assert_eq!(asked(&["--http2", "-d", "a=b", &format!("https://{host}:{https}/a/b?c=d")]), led, "{host}");
    }
    assert_eq!(asked(&[&format!("http://nobody.com:{http}/")]), "404  0");
    let misdirected = asked(&["-H", "Host: nobody.com", &format!("https://team-acme.com:{https}/")]);
    assert_eq!(misdirected, "421  0");
    let refused = asked(&[&format!("https://nobody.com:{https}/")]);
    assert!(refused.starts_with("000 ") && refused.contains("unrecognized name"), "{refused}");
    let believed = openssl(&openssl_program, &rig, &["-servername", "team-acme.com"]);
    assert!(believed.contains("Verify return code: 0 (ok)"), "{believed}");
    let nobody = openssl(&openssl_program, &rig, &["-servername", "nobody.com"]);
    assert!(nobody.contains("unrecognized name") && nobody.contains("no peer certificate available"), "{nobody}");
    assert!(openssl(&openssl_program, &rig, &["-noservername"]).contains("no peer certificate available"));
}

/// A judge that believes everything is none.
#[tokio::test(flavor = "multi_thread")]
async fn judges_do_not_believe_a_certificate_of_nobody() {
    let Some([curl_program, openssl_program]) = programs() else { return };
    let Some(rig) = rig(&["team-acme.com"], Plan::default()) else { return };
    rig.until_shown(1).await;
    // Whoever does not know the authority refuses what it has made.
    let junk = rig.pebble.folder().join("cert.pem");
    std::fs::copy(&junk, &rig.pebble.anchor).unwrap();
    let refused = curl(&curl_program, &rig, &[&format!("https://team-acme.com:{}/", rig.https.port())]);
    assert!(refused.starts_with("000 "), "{refused}");
    let refused = openssl(&openssl_program, &rig, &["-servername", "team-acme.com"]);
    assert!(!refused.contains("Verify return code: 0 (ok)"), "{refused}");
}
