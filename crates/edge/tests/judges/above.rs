//! Who is above our zones: a root and `com.` of our own, which Knot serves.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::judge;
use crate::support::Running;

/// What the zones have besides what is theirs.
const HEAD: &str = "$TTL 86400\n@ IN SOA a.root. hostmaster.root. 1 14400 3600 1209600 3600\n";

/// Starts Knot with the root at one address, which has `com.` at another one; `delegations` are lines of `com.`. `None` where it is
/// not installed.
pub(crate) fn start(folder: &Path, root: SocketAddr, com: SocketAddr, delegations: &str) -> Option<Running> {
    let knotd = judge("knotd", "knot")?;
    let top = format!(
        "$ORIGIN .\n{HEAD}@ IN NS a.root.\na.root. IN A {}\ncom. IN NS a.gtld.\na.gtld. IN A {}\n",
        root.ip(),
        com.ip()
    );
    fs::write(folder.join("root.zone"), top).unwrap();
    fs::write(folder.join("com.zone"), format!("$ORIGIN com.\n{HEAD}@ IN NS a.gtld.\n{delegations}")).unwrap();
    let path = folder.display();
    let mut config = format!("server:\n  rundir: {path}\n");
    for address in [root, com] {
        let _ = writeln!(config, "  listen: {}@{}", address.ip(), address.port());
    }
    let _ = write!(
        config,
        "log:\n- target: stdout\n  any: info\ndatabase:\n  storage: {path}\n\
         template:\n- id: default\n  storage: {path}\n  journal-content: none\n\
         zone:\n- domain: .\n  file: root.zone\n- domain: com\n  file: com.zone\n"
    );
    let file = folder.join("knot.conf");
    fs::write(&file, config).unwrap();
    let mut command = Command::new(knotd);
    command.arg("--config").arg(file);
    Some(Running::start(command, root, "server started").unwrap())
}
