//! Files and folders that are only their owner's, whatever the umask says.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use sqlx::sqlite::SqliteConnectOptions;

/// A folder's mode.
const FOLDER: u32 = 0o700;
/// A file's mode.
const FILE: u32 = 0o600;
/// A file that holds secrets has no more than this, in bytes.
const LONGEST: u64 = 64 << 10;

/// How a file is opened that nobody else may read. It says nothing about a file that is there already.
#[must_use]
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, FILE);
    options
}

/// Makes a folder, and those above it that are missing.
///
/// # Errors
/// When the system says no.
pub fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, FOLDER);
    builder.create(path)
}

/// Makes an empty file where there is none. SQLite gives its log and its index the mode of the database's file, so
/// that this settles all three.
///
/// # Errors
/// When the system says no.
pub fn make_file(path: &Path) -> io::Result<()> {
    match options().create_new(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Writes a folder's entries to the disk, so that a new name in it outlives a power cut.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// The folder that a file is in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The name of a file that stands beside another, such as `mailwright.db-wal`.
#[must_use]
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// What the names of the files end with that SQLite keeps beside a database.
pub(crate) const ENDINGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Those files.
pub(crate) fn companions(database: &Path) -> [PathBuf; 3] {
    ENDINGS.map(|ending| beside(database, ending))
}

/// The text of a file that holds a secret or a few. Only of a real one, and not of one that never ends: whoever reads it is at
/// its start, and would wait for a pipe without being stopped by a signal.
///
/// # Errors
/// When the system says no, or the file is something else.
pub fn read_secret(path: &Path) -> io::Result<String> {
    let other = |what| io::Error::new(io::ErrorKind::InvalidInput, what);
    let found = path.metadata()?;
    if !found.is_file() {
        return Err(other(if found.is_dir() { "it is a folder" } else { "it is no regular file" }));
    }
    if found.len() > LONGEST {
        return Err(other("it is too long to be one"));
    }
    std::fs::read_to_string(path)
}

/// What has to be typed when others may get at a file or folder.
#[must_use]
pub fn remedy(path: &Path) -> Option<String> {
    let found = path.metadata().ok()?;
    let mode = if found.is_dir() { FOLDER } else { FILE };
    let is_wider = is_wider(&found, mode);
    is_wider.then(|| format!("chmod {mode:o} {}", quoted(path)))
}

#[cfg(unix)]
fn is_wider(found: &std::fs::Metadata, mode: u32) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    found.permissions().mode() & 0o077 & !mode != 0
}

#[cfg(not(unix))]
const fn is_wider(_: &std::fs::Metadata, _: u32) -> bool {
    false
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// The file of an SQLite address; `None` for one in memory, and for another database.
#[must_use]
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    if !url.starts_with("sqlite:") || url.contains(":memory:") || url.contains("mode=memory") {
        return None;
    }
    let options = SqliteConnectOptions::from_str(url).ok()?;
    Some(options.get_filename().to_owned())
}

/// The SQLite address of a file. It is a URL: what means something there has to be escaped.
#[must_use]
pub fn sqlite_url(path: &Path) -> String {
    let path = path.display().to_string();
    format!("sqlite:{}", path.replace('%', "%25").replace('?', "%3F").replace('#', "%23"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_others_may_get_at_is_named_with_what_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("it's here");
        make_folder(&below).unwrap();
        let file = below.join("a.db");
        make_file(&file).unwrap();
        make_file(&file).unwrap();
        assert_eq!((remedy(&below), remedy(&file), remedy(&below.join("none"))), (None, None, None));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::fs::set_permissions(&below, std::fs::Permissions::from_mode(0o711)).unwrap();
        let place = folder.path().display();
        assert_eq!(remedy(&file).unwrap(), format!(r"chmod 600 '{place}/it'\''s here/a.db'"));
        assert_eq!(remedy(&below).unwrap(), format!(r"chmod 700 '{place}/it'\''s here'"));
    }

    #[test]
    fn a_secret_is_read_from_a_real_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        assert_eq!(read_secret(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::write(&path, "whsec_").unwrap();
        assert_eq!(read_secret(&path).unwrap(), "whsec_");
        std::fs::write(&path, vec![b'x'; 1 << 20]).unwrap();
        assert!(read_secret(&path).unwrap_err().to_string().contains("too long"));
        assert!(read_secret(folder.path()).unwrap_err().to_string().contains("folder"));
        // These would be read without an end.
        for endless in ["/dev/zero", "/dev/tty"] {
            assert!(read_secret(Path::new(endless)).is_err(), "{endless}");
        }
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(read_secret(&pipe).unwrap_err().to_string().contains("no regular file"));
    }

    #[test]
    fn a_file_and_its_address_lead_to_each_other() {
        let path = Path::new("/tmp/50% of it?#1/mailwright.db");
        assert_eq!(sqlite_file(&sqlite_url(path)).as_deref(), Some(path));
        assert_eq!(sqlite_file("sqlite:/a/b.db?mode=rwc").as_deref(), Some(Path::new("/a/b.db")));
        assert_eq!((sqlite_file("sqlite::memory:"), sqlite_file("postgres://a/b")), (None, None));
    }
}
