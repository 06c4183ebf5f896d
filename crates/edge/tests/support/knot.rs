//! Knot: <https://www.knot-dns.cz/docs/3.2/html/reference.html>.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use model::dns::Zone;

use crate::support::{Running, free_address, program};
use crate::zone_file;

/// Starts Knot with zones, in a folder. It says so when it is ready, and then has them all.
pub(crate) fn start<'z>(folder: &Path, zones: impl Iterator<Item = &'z Zone>) -> anyhow::Result<Running> {
    let knotd = program("knotd").context("knotd is not installed; it comes with the package knot")?;
    let address = free_address()?;
    let path = folder.display();
    let mut config = format!(
        "server:\n  rundir: {path}\n  listen: {}@{}\n  udp-workers: 2\n  tcp-workers: 2\n  background-workers: 2\n\
         log:\n- target: stdout\n  any: info\n\
         database:\n  storage: {path}\n\
         template:\n- id: default\n  storage: {path}\n  file: \"%s.zone\"\n  journal-content: none\n  semantic-checks: off\n\
         zone:\n",
        address.ip(),
        address.port()
    );
    for zone in zones {
        fs::write(folder.join(format!("{}.zone", zone.name)), zone_file::of(zone))?;
        let _ = writeln!(config, "- domain: {}", zone.name);
    }
    let file = folder.join("knot.conf");
    fs::write(&file, config)?;
    let mut command = Command::new(knotd);
    command.arg("--config").arg(&file);
    Running::start(command, address, "server started")
}
