//! Room on a disk, and how much is little.

use std::io;
use std::path::Path;

/// With less than this nothing can be written soon, in bytes.
pub(crate) const LITTLE: u64 = 100 << 20;
/// With less than this it is time to make room, in bytes.
pub(crate) const FEW: u64 = 1 << 30;

/// What this process may still use of the disk of a folder, in bytes.
pub(crate) fn free(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// A size as people read it.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let unit = UNITS.iter().zip([10, 20, 30, 40]).rev().find(|(_, bits)| bytes >> bits > 0);
    unit.map_or_else(|| format!("{bytes} bytes"), |(unit, bits)| format!("{} {unit}", bytes >> bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_their_unit() {
        assert_eq!([size(1_023), size(1 << 20), size(3 << 40)], ["1023 bytes", "1 MiB", "3 TiB"]);
    }
}
