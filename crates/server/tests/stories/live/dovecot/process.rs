//! Dovecot: <https://doc.dovecot.org/2.3/>. Started on this machine, on ports of its own, with nobody's rights or the caller's; its
//! mailboxes are the lines of a file, of which a new one counts at once.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};

use doubles::Mailbox;
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use super::relay::Relay;

/// Dovecot, until it is dropped.
pub(super) struct Dovecot {
    pub(super) imap: SocketAddr,
    pub(super) smtp: SocketAddr,
    /// Where TLS comes first.
    pub(super) imaps: SocketAddr,
    pub(super) smtps: SocketAddr,
    /// Who has signed its certificate: itself.
    pub(super) root: String,
    /// To whom it gives what is sent.
    pub(super) relay: Arc<Relay>,
    child: Child,
    folder: TempDir,
    /// The lines of each tenant's mailboxes.
    lines: Arc<Mutex<BTreeMap<&'static str, String>>>,
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // Told to end, it ends those that it has started.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

impl Dovecot {
    /// `None` where it is not installed, which CI does not accept.
    pub(super) fn start() -> Option<Self> {
        let program = Path::new("/usr/sbin/dovecot");
        if !program.is_file() || !Path::new("/usr/lib/dovecot/submission-login").is_file() {
            missing();
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        // Whoever looks after logins and mailboxes is not who has started it.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(folder.path().join("mail")).unwrap();
        fs::set_permissions(folder.path().join("mail"), fs::Permissions::from_mode(0o777)).unwrap();
        fs::write(folder.path().join("passwd"), "").unwrap();
        let ports = [free(), free(), free(), free()];
        let [imap, smtp, imaps, smtps] = ports;
        let (root, relay) = (certified(folder.path()), Relay::start(folder.path().join("mail")));
        let file = folder.path().join("dovecot.conf");
        fs::write(&file, config(folder.path(), ports, relay.address)).unwrap();
        let mut command = Command::new(program);
        command.arg("-F").arg("-c").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (ready, is_ready) = mpsc::channel();
        // Whatever it says later must not fill the pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| _ = ready.send(line)));
        let said: Vec<_> = is_ready.iter().take_while(|line| !line.contains("starting up")).collect();
        let dovecot = Self { imap, smtp, imaps, smtps, root, relay, child, folder, lines: Arc::default() };
        assert!(TcpStream::connect(imap).is_ok(), "Dovecot has not started: {said:#?}");
        Some(dovecot)
    }

    /// The file in which something is kept that nobody else may read.
    pub(super) fn keep(&self, name: &str, secret: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        fs::write(&file, secret).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        file
    }

    /// Where the lines of a tenant's mailboxes stand; all tenants' together are its own.
    pub(super) fn keeper(&self, tenant: &'static str) -> impl Fn(&[Mailbox]) + Send + Sync + 'static {
        let (folder, known) = (self.folder.path().to_owned(), self.lines.clone());
        move |mailboxes| {
            let lines = mailboxes.iter().map(|(email, password)| match password {
                Some(password) => format!("{email}:{{PLAIN}}{password}\n"),
                None => format!("{email}:{{CRYPT}}!\n"),
            });
            let mut known = known.lock().unwrap();
            known.insert(tenant, lines.collect());
            let new = folder.join("passwd.new");
            fs::write(&new, known.values().cloned().collect::<String>()).unwrap();
            fs::rename(new, folder.join("passwd")).unwrap();
        }
    }
}

#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
#[expect(clippy::disallowed_methods, reason = "CI is a word between the build server and the tests")]
fn missing() {
    let words = "Dovecot is not installed (apt-get install dovecot-imapd dovecot-submissiond)";
    assert!(!std::env::var("CI").is_ok_and(|value| value == "true"), "{words}, and in CI its story must be told");
    eprintln!("skipped: {words}");
}

/// An address of this machine whose port was free a moment ago. It is none of those that are given to whoever names none (32768
/// and above), or any connection could take it before who it is for.
fn free() -> SocketAddr {
    const LEAST: u16 = 10_240;
    loop {
        let drawn = RandomState::new().build_hasher().finish() % u64::from(32_768 - LEAST);
        let port = LEAST + u16::try_from(drawn).unwrap();
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            return listener.local_addr().unwrap();
        }
    }
}

/// A certificate for the hosts' servers and the operator's, and the key of it.
fn certified(folder: &Path) -> String {
    let names = ["smtp.gmail.com", "smtp.office365.com", "imap.operator.example", "localhost"].map(String::from);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(names).unwrap().self_signed(&key).unwrap().pem();
    fs::write(folder.join("certificate.pem"), &certificate).unwrap();
    fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    certificate
}

fn config(folder: &Path, [imap, smtp, imaps, smtps]: [SocketAddr; 4], relay: SocketAddr) -> String {
    let path = folder.display();
    let me = fs::metadata("/proc/self").unwrap();
    // Nobody's, where it is started by somebody who may become anybody.
    let (uid, gid) = if me.uid() == 0 { (65_534, 65_534) } else { (me.uid(), me.gid()) };
    let mut text = format!(
        "base_dir = {path}/run\nstate_dir = {path}/state\nlog_path = /dev/stderr\nprotocols = imap submission\nlisten = 127.0.0.1\n\
         ssl = yes\nssl_cert = <{path}/certificate.pem\nssl_key = <{path}/key.pem\ndisable_plaintext_auth = no\nauth_mechanisms = plain\nauth_failure_delay = 0\nhostname = localhost\n\
         mail_location = maildir:{path}/mail/%u\nfirst_valid_uid = 1\n\
         submission_relay_host = 127.0.0.1\nsubmission_relay_port = {}\n\
         passdb {{\n  driver = passwd-file\n  args = scheme=PLAIN username_format=%u {path}/passwd\n}}\n\
         userdb {{\n  driver = static\n  args = uid={uid} gid={gid} home={path}/mail/%u\n}}\n\
         service anvil {{\n  unix_listener anvil-auth-penalty {{\n    mode = 0\n  }}\n}}\n\
         service imap-login {{\n  inet_listener imap {{\n    port = {}\n  }}\n  inet_listener imaps {{\n    port = {}\n    ssl = yes\n  }}\n}}\n\
         service submission-login {{\n  inet_listener submission {{\n    port = {}\n  }}\n  \
         inet_listener submissions {{\n    port = {}\n    ssl = yes\n  }}\n}}\n",
        relay.port(),
        imap.port(),
        imaps.port(),
        smtp.port(),
        smtps.port()
    );
    if me.uid() != 0 {
        let named = |flag: &str| {
            let output = Command::new("id").arg(flag).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        let (user, group) = (named("-un"), named("-gn"));
        write!(
            text,
            "default_internal_user = {user}\ndefault_login_user = {user}\ndefault_internal_group = {group}\n\
             service anvil {{\n  chroot =\n}}\nservice imap-login {{\n  chroot =\n}}\nservice submission-login {{\n  chroot =\n}}\n"
        )
        .unwrap();
    }
    text
}
