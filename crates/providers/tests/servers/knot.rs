//! Knot: <https://www.knot-dns.cz/docs/3.2/html/reference.html>.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::{Running, program};

/// Starts Knot in a folder with zones, each a name and its file's text. `more` goes before them; it has the
/// ACLs `key` and `looker` of each zone, or none at all. `None` where it is not installed.
pub(crate) fn start(folder: &Path, address: SocketAddr, zones: &[(&str, String)], more: &str) -> Option<Running> {
    let knotd = program("knotd", "knot")?;
    let path = folder.display();
    let mut config = format!(
        "server:\n  rundir: {path}\n  listen: {}@{}\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n\
         log:\n- target: stdout\n  any: info\n\
         database:\n  storage: {path}\n\
         {more}\
         template:\n- id: default\n  storage: {path}\n  file: \"%s.zone\"\n  journal-content: none\n  semantic-checks: off\n\
         {}zone:\n",
        address.ip(),
        address.port(),
        if more.contains("acl:") { "  acl: [key, looker]\n" } else { "" },
    );
    for (name, text) in zones {
        let file = if *name == "." { "root.zone".to_owned() } else { format!("{name}.zone") };
        fs::write(folder.join(&file), text).unwrap();
        config.push_str(&format!("- domain: {name}\n  file: {file}\n"));
    }
    let file = folder.join("knot.conf");
    fs::write(&file, config).unwrap();
    Some(Running::start(Command::new(knotd).arg("--config").arg(&file), "server started"))
}
