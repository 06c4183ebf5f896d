//! BIND: <https://bind9.readthedocs.io/en/v9.18.49/reference.html>.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::{Running, program};

/// Starts BIND in a folder with these statements, which know nothing of where it listens: at 127.0.0.1, because it takes
/// addresses of interfaces alone. `None` where it is not installed.
pub(crate) fn start(folder: &Path, address: SocketAddr, statements: &str) -> Option<Running> {
    let named = program("named", "bind9")?;
    let path = folder.display();
    let config = format!(
        "options {{ directory \"{path}\"; pid-file none; session-keyfile \"{path}/session.key\"; \
         listen-on port {} {{ {}; }}; listen-on-v6 {{ none; }}; dnssec-validation no; notify no; \
         managed-keys-directory \"{path}\"; }};\ncontrols {{ }};\n{statements}",
        address.port(),
        address.ip(),
    );
    let file = folder.join("named.conf");
    fs::write(&file, config).unwrap();
    Some(Running::start(Command::new(named).arg("-g").arg("-n").arg("1").arg("-c").arg(&file), " running\n"))
}

/// A statement for a zone that it serves, whose file is written. `more` is what else the zone has.
pub(crate) fn zone(folder: &Path, name: &str, text: &str, more: &str) -> String {
    fs::write(folder.join(format!("{name}.zone")), text).unwrap();
    format!("zone \"{name}\" {{ type primary; file \"{name}.zone\"; {more} }};\n")
}
