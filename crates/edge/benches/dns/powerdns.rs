//! PowerDNS, on zone files: <https://doc.powerdns.com/authoritative/backends/bind.html>.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use model::dns::Zone;

use crate::support::{Running, free_address, program};
use crate::zone_file;

/// Starts PowerDNS with zones, in a folder.
pub(crate) fn start<'z>(folder: &Path, zones: impl Iterator<Item = &'z Zone>) -> anyhow::Result<Running> {
    let server = program("pdns_server").context("pdns_server is not installed; see pdns-server, pdns-backend-bind")?;
    let address = free_address()?;
    let mut list = String::new();
    for zone in zones {
        let file = folder.join(format!("{}.zone", zone.name));
        fs::write(&file, zone_file::of(zone))?;
        let _ = writeln!(list, "zone \"{}\" {{ type master; file \"{}\"; }};", zone.name, file.display());
    }
    let named = folder.join("named.conf");
    fs::write(&named, list)?;
    let mut command = Command::new("sh");
    // It speaks on its standard error.
    command.args(["-c", "exec \"$@\" 2>&1", "sh"]).arg(server);
    command.args(["--daemon=no", "--guardian=no", "--launch=bind", "--receiver-threads=2", "--loglevel=6"]);
    command.args(["--zone-cache-refresh-interval=0", "--disable-syslog=yes", "--log-timestamp=no"]);
    let path = folder.display();
    command.arg(format!("--config-dir={path}")).arg(format!("--socket-dir={path}"));
    command.arg(format!("--bind-config={}", named.display()));
    command.arg(format!("--local-address={}", address.ip())).arg(format!("--local-port={}", address.port()));
    Running::start(command, address, "Done launching threads")
}
