//! The data folder and what is in it.

use std::fs;
use std::io;
use std::path::Path;

use rustix::fs::{Access, access};
use store::{Vault, VaultError, file_modes};

use super::check::{Check, Found, State, ok, warn, wrong};
use crate::config::{self, Config};
use crate::disk::{self, FEW, LITTLE, size};
use crate::notices::webhook_secret_file;
use crate::operator::kept;

/// A log of SQLite that has grown beyond this is not copied into its database any more.
const LARGE_LOG: u64 = 256 << 20;

/// Whether the data folder is there.
pub(super) fn data_folder(config: &Config) -> Check {
    let path = config.data.display();
    let found = match fs::metadata(&config.data) {
        Ok(found) if found.is_dir() => match access(&config.data, Access::WRITE_OK) {
            Ok(()) => ok(format!("{path} is there and can be written")),
            Err(error) => wrong(
                format!("{path} cannot be written: {error}"),
                "mount its disk for writing, or correct its permissions; run this as the user of the server",
            ),
        },
        Ok(_) => wrong(format!("{path} is no folder"), "correct MAILWRIGHT_DATA"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => wrong(
            format!("there is no folder {path}"),
            "correct MAILWRIGHT_DATA or --data; on a new installation, start `mailwright serve`, which makes it",
        ),
        Err(error) => wrong(format!("{path} cannot be looked at: {error}"), "correct its permissions"),
    };
    found.of("data_folder")
}

/// Whether the data folder could be made where it is missing, and be written where it is there.
pub(super) fn could_be_made(config: &Config) -> Check {
    let path = config.data.display();
    let todo = "choose another with MAILWRIGHT_DATA, or correct its permissions";
    let there = config.data.ancestors().map(|one| if one.as_os_str().is_empty() { Path::new(".") } else { one });
    let found = match there.into_iter().find_map(|one| Some((one, one.symlink_metadata().ok()?))) {
        Some((folder, _)) if !folder.is_dir() => {
            wrong(format!("{path} cannot be made: {} is no folder", folder.display()), todo)
        }
        Some((folder, _)) => match access(folder, Access::WRITE_OK) {
            Ok(()) if folder == config.data => ok(format!("{path} is there and can be written")),
            Ok(()) => ok(format!("{path} can be made")),
            Err(error) => wrong(format!("{} cannot be written: {error}", folder.display()), todo),
        },
        None => wrong(format!("{path} cannot be made"), todo),
    };
    found.of("data_folder")
}

/// Whether others on this machine can get at what is the server's.
pub(super) fn modes(config: &Config) -> Check {
    let remedies: Vec<_> = config.private_paths().iter().filter_map(|path| file_modes::remedy(path)).collect();
    let found = match remedies.len() {
        0 => ok("nobody else on this machine can get at the server's files"),
        many => wrong(
            format!("others on this machine can get at {many} of the server's files and folders"),
            format!("run `{}`", remedies.join(" && ")),
        ),
    };
    found.of("file_modes")
}

/// Whether the operator's own secrets can be read, where a start needs them; those that are missing it makes.
pub(super) fn operator_secrets(config: &Config) -> Check {
    let needs_token = !config.operator_listen.is_empty() && config.operator.access == config::Access::Token;
    let token = needs_token.then(|| (config.operator_token_file(), &kept::TOKEN));
    let webhook = webhook_secret_file(config).map(|file| (file, &kept::WEBHOOK_SECRET));
    let wrong = token.into_iter().chain(webhook).find_map(|(file, sort)| kept::read(&file, sort).err());
    let found = match wrong {
        None => ok("those that are there can be read"),
        Some(error) => Found::by(State::Wrong, &error.to_string().replacen(": put ", "; put ", 1)),
    };
    found.of("operator_secrets")
}

/// Whether the master key can be read, and is the one that the database was made with, when that is known.
pub(super) fn master_key(config: &Config, known: Option<&str>) -> Check {
    key(&config.key_file(), known).of("master_key")
}

fn key(path: &Path, known: Option<&str>) -> Found {
    let file = path.display();
    let belongs = known.map(|known| format!(" (fingerprint {known})")).unwrap_or_default();
    match (Vault::open(path), known) {
        (Ok(vault), Some(known)) if vault.key_fingerprint() != known => wrong(
            format!("{file} is another master key than the one that the database was made with"),
            format!("copy the right one{belongs} to {file}"),
        ),
        (Ok(vault), Some(_)) => ok(format!("{file} is the database's (fingerprint {})", vault.key_fingerprint())),
        (Ok(vault), None) => warn(
            format!("{file} can be read (fingerprint {}), but not held against the database", vault.key_fingerprint()),
            "mend what is said of the database first",
        ),
        (Err(VaultError::File { source, .. }), None) if source.kind() == io::ErrorKind::NotFound => {
            warn(format!("there is no {file}"), "on a new installation, start `mailwright serve`, which makes it")
        }
        (Err(error), _) => wrong(
            error.to_string().replace("; restore it from your backup", ""),
            format!("copy the master key{belongs} from your backup to {file}"),
        ),
    }
}

/// How large the write-ahead log is.
pub(super) fn log(config: &Config) -> Check {
    let Some(database) = file_modes::sqlite_file(&config.database()) else {
        return ok("PostgreSQL looks after its own").of("wal");
    };
    let bytes = fs::metadata(file_modes::beside(&database, "-wal")).map_or(0, |found| found.len());
    let seen = format!("the write-ahead log has {}", size(bytes));
    let found = if bytes > LARGE_LOG {
        warn(seen, "look for a program that reads the database without an end, and end it; then start the server anew")
    } else {
        ok(seen)
    };
    found.of("wal")
}

/// How much room is left for the database.
pub(super) fn disk(config: &Config) -> Check {
    let database = file_modes::sqlite_file(&config.database());
    let (folder, bytes) = match &database {
        Some(file) => (file_modes::folder_of(file), fs::metadata(file).map_or(0, |found| found.len())),
        None => (config.data.as_path(), 0),
    };
    let free = match disk::free(folder) {
        Ok(free) => free,
        Err(error) => {
            let seen = format!("the room on the disk of {} is not known: {error}", folder.display());
            return warn(seen, "mend what is said of the data folder first").of("disk");
        }
    };
    room(free, bytes).of("disk")
}

fn room(free: u64, database: u64) -> Found {
    let seen = format!("{} are free", size(free));
    match free {
        free if free < LITTLE => Found::by(State::Wrong, &format!("{seen}; make room, or nothing can be written soon")),
        free if free < FEW => warn(seen, "make room before it is needed"),
        free if free < database => {
            warn(format!("{seen}, less than the database has ({})", size(database)), "make room: a copy would not fit")
        }
        _ => ok(seen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_held_against_what_is_needed() {
        let state = |free, database| room(free, database).of("disk").state;
        assert_eq!(state(LITTLE - 1, 0), State::Wrong);
        assert_eq!(
            (state(LITTLE, 0), state(FEW - 1, 0), state(2 << 30, 3 << 30)),
            (State::Warn, State::Warn, State::Warn)
        );
        assert_eq!(state(2 << 30, 1 << 30), State::Ok);
    }
}
