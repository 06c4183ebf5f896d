//! The file of kept keys: one for each server.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use store::file_modes::{beside, make_file, make_folder, remedy};
use tempfile::NamedTempFile;

use crate::cli::Fail;
use crate::config::variable;

/// Where keys are kept.
pub(super) struct Kept {
    /// The file, which may not be there yet.
    pub(super) file: PathBuf,
}

impl Kept {
    /// In the folder that the user's other settings are in.
    pub(super) fn find() -> Result<Self, Fail> {
        let set = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let base = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")));
        let base = base.ok_or_else(|| {
            Fail::refused("there is no folder for keys: set HOME or XDG_CONFIG_HOME, or use MAILWRIGHT_KEY")
        })?;
        Ok(Self { file: base.join("mailwright").join("keys.json") })
    }

    /// The key of a server.
    pub(super) fn key(&self, root: &str) -> Result<Option<String>, Fail> {
        Ok(self.read()?.remove(root))
    }

    /// Keeps a key, or none. Of two at once, each keeps its own: they take turns.
    pub(super) fn keep(&self, root: &str, key: Option<&str>) -> Result<(), Fail> {
        let cannot = |error: std::io::Error| {
            Fail::failed(format!("the key is not kept: {} cannot be written: {error}", self.file.display()))
        };
        let folder = self.file.parent().unwrap_or(Path::new("/"));
        make_folder(folder).map_err(cannot)?;
        let lock = beside(&self.file, ".lock");
        make_file(&lock).map_err(cannot)?;
        let turn = File::options().write(true).open(&lock).map_err(cannot)?;
        turn.lock().map_err(cannot)?;
        let mut keys = self.read()?;
        match key {
            Some(key) => keys.insert(root.to_owned(), key.to_owned()),
            None => keys.remove(root),
        };
        let text = serde_json::to_string_pretty(&keys).map_err(anyhow::Error::from)?;
        // Made for its owner alone from the beginning, and put in place whole.
        let mut new = NamedTempFile::new_in(folder).map_err(cannot)?;
        new.write_all(text.as_bytes()).and_then(|()| new.as_file().sync_all()).map_err(cannot)?;
        new.persist(&self.file).map(drop).map_err(|error| cannot(error.error))
    }

    fn read(&self) -> Result<BTreeMap<String, String>, Fail> {
        let shown = self.file.display();
        let text = match fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(Fail::refused(format!("{shown} cannot be read: {error}"))),
        };
        if let Some(remedy) = remedy(&self.file) {
            return Err(Fail::refused(format!("others on this machine may read the keys in {shown}; {remedy}")));
        }
        serde_json::from_str(&text).map_err(|_| {
            Fail::refused(format!("{shown} is not what `mailwright login` writes; remove it, and log in again"))
        })
    }
}
