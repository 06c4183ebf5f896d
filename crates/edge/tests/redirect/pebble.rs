//! Pebble, an authority for tests (<https://github.com/letsencrypt/pebble>), and its name server, to which all names are this machine
//! unless it is told otherwise.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use super::judge::judge;
use super::support::{Running, free_address};

/// An authority for tests. It ends with this.
pub(crate) struct Pebble {
    pub(crate) directory: String,
    /// Who has signed the certificate of the authority itself, in PEM.
    pub(crate) root: String,
    /// A file with the root of those that it makes, in PEM.
    pub(crate) anchor: PathBuf,
    curl: PathBuf,
    names: SocketAddr,
    folder: TempDir,
    _pebble: Running,
    _names: Running,
}

/// What is asked of it.
pub(crate) struct Wanted {
    /// Where it looks over HTTP and by TLS.
    pub(crate) http: SocketAddr,
    pub(crate) https: SocketAddr,
    /// Of a hundred requests so many are told that their nonce was bad.
    pub(crate) bad_nonces: u32,
}

/// Starts it; `None` where it is not installed.
pub(crate) fn start(wanted: &Wanted) -> Option<Pebble> {
    let pebble = judge("pebble", "pebble")?;
    let challtestsrv = judge("pebble-challtestsrv", "pebble")?;
    let curl = judge("curl", "curl")?;
    let folder = tempfile::tempdir().expect("a folder");
    let [api, management, dns, names] = [(); 4].map(|()| free_address().expect("a free address"));
    let mut command = Command::new(challtestsrv);
    command.args(["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""]);
    command.args(["-dns01", &dns.to_string(), "-management", &names.to_string()]);
    let naming = said(&mut command, names);
    let root = identity(folder.path());
    let config = serde_json::json!({ "pebble": {
        "listenAddress": api.to_string(), "managementListenAddress": management.to_string(),
        "certificate": folder.path().join("cert.pem"), "privateKey": folder.path().join("key.pem"),
        "httpPort": wanted.http.port(), "tlsPort": wanted.https.port(),
        "ocspResponderURL": "", "externalAccountBindingRequired": false,
        "domainBlocklist": ["blocked.com"], "retryAfter": { "authz": 1, "order": 1 },
    }});
    std::fs::write(folder.path().join("config.json"), config.to_string()).expect("a file");
    let mut command = Command::new(pebble);
    command.arg("-config").arg(folder.path().join("config.json")).args(["-dnsserver", &dns.to_string()]);
    command.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_AUTHZREUSE", "0");
    command.env("PEBBLE_WFE_NONCEREJECT", wanted.bad_nonces.to_string());
    let running = said(&mut command, api);
    let anchor = folder.path().join("anchor.pem");
    let mut fetch = Command::new(&curl);
    fetch.args(["-sSf", "--cacert"]).arg(folder.path().join("cert.pem")).arg("-o").arg(&anchor);
    let fetched = fetch.arg(format!("https://localhost:{}/roots/0", management.port())).status().expect("curl starts");
    assert!(fetched.success(), "the root is told");
    let directory = format!("https://localhost:{}/dir", running.address.port());
    Some(Pebble { directory, root, anchor, curl, names, folder, _pebble: running, _names: naming })
}

/// Starts a program and waits until it lets somebody in.
fn said(command: &mut Command, address: SocketAddr) -> Running {
    // It speaks on its standard error.
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$@\" 2>&1", "sh"]).arg(command.get_program()).args(command.get_args());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut running = Running::start(shell, address, "").expect("it starts");
    while TcpStream::connect(address).is_err() {
        let ended = running.child.try_wait().expect("a process of ours");
        assert!(ended.is_none(), "{command:?} has ended: {ended:?}");
    }
    running
}

/// Makes who the authority itself is; answers who has signed that.
fn identity(folder: &Path) -> String {
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name").self_signed(&key);
    let certificate = certificate.expect("a certificate").pem();
    std::fs::write(folder.join("cert.pem"), &certificate).expect("a file");
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).expect("a file");
    certificate
}

impl Pebble {
    /// From now on a name leads to an address.
    pub(crate) fn lead(&self, name: &str, address: &str) {
        let host = format!("{name}.");
        // Otherwise it would be one more.
        self.manage("clear-a", &serde_json::json!({ "host": host }));
        self.manage("add-a", &serde_json::json!({ "host": host, "addresses": [address] }));
    }

    fn manage(&self, call: &str, body: &serde_json::Value) {
        let mut command = Command::new(&self.curl);
        command.args(["-sSf", "-d", &body.to_string(), &format!("http://{}/{call}", self.names)]);
        assert!(command.status().expect("curl starts").success(), "{call}");
    }

    /// A folder of its own, for files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}
