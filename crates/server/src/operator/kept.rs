//! Secrets of the operator that are kept in files: made at the first start, for their owner's eyes only.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use engine::signature;
use model::id::Ids;
use secrecy::{ExposeSecret as _, SecretString};
use store::file_modes;
use tempfile::NamedTempFile;

/// A kind of secret.
#[derive(Debug)]
pub struct Sort {
    /// What it is, with its article.
    what: &'static str,
    /// The setting that names its file.
    setting: &'static str,
    /// What stands in a file that somebody else has made.
    form: &'static str,
    make: fn(&Ids) -> SecretString,
    is_one: fn(&str) -> bool,
}

/// What the operator's listener asks for.
pub const TOKEN: Sort = Sort {
    what: "the operator's token",
    setting: "operator.token_file",
    form: "at least 24 characters without spaces",
    make: |ids| {
        let hex: String = ids.random::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
        SecretString::from(format!("op_{hex}"))
    },
    is_one: |text| text.len() >= 24 && text.bytes().all(|byte| byte.is_ascii_graphic()),
};

/// What the operator's webhook is signed with: the form is that of partners' endpoints.
pub const WEBHOOK_SECRET: Sort = Sort {
    what: "the secret of the operator's webhook",
    setting: "operator.webhook_secret_file",
    form: "`whsec_` and base64",
    make: |ids| signature::new_secret(ids.random()),
    is_one: signature::is_secret,
};

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// The system said no.
    #[error("{what} cannot be kept in {}: {source}; choose another file with {setting}", path.display())]
    File {
        /// Which.
        what: &'static str,
        /// What names another file.
        setting: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is there is none.
    #[error("{} does not hold {what}: put {form} on its one line, or remove it for a new one", path.display())]
    Unusable {
        /// Which.
        what: &'static str,
        /// What one looks like.
        form: &'static str,
        /// Where.
        path: PathBuf,
    },
}

/// The secret of this file; where there is none, a new one is made. Of several processes that start at once one makes it.
///
/// # Errors
/// When the file cannot be read or made, or holds none.
pub fn read_or_make(path: &Path, sort: &Sort, ids: &Ids) -> Result<SecretString, KeptError> {
    if let Some(secret) = read(path, sort)? {
        return Ok(secret);
    }
    let failed = |source| KeptError::File { what: sort.what, setting: sort.setting, path: path.to_owned(), source };
    make(path, &(sort.make)(ids)).map_err(failed)?;
    read(path, sort)?.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))
}

/// The secret of this file; `None` where there is none yet.
///
/// # Errors
/// When the file cannot be read, or holds none.
pub fn read(path: &Path, sort: &Sort) -> Result<Option<SecretString>, KeptError> {
    let Sort { what, setting, form, is_one, .. } = *sort;
    let unusable = || KeptError::Unusable { what, form, path: path.to_owned() };
    match file_modes::read_secret(path) {
        Ok(text) => {
            Some(text.trim()).filter(|text| is_one(text)).map(|text| Some(text.to_owned().into())).ok_or_else(unusable)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(unusable()),
        Err(source) => Err(KeptError::File { what, setting, path: path.to_owned(), source }),
    }
}

/// Puts a whole file in place, unless another process was faster.
fn make(path: &Path, secret: &SecretString) -> io::Result<()> {
    let mut draft = NamedTempFile::new_in(file_modes::folder_of(path))?;
    draft.write_all(format!("{}\n", secret.expose_secret()).as_bytes())?;
    draft.as_file().sync_all()?;
    match draft.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Arc;

    use model::clock::SystemClock;

    use super::*;

    #[test]
    fn each_is_made_once_for_its_owner_alone() {
        for (sort, start, length) in [(&TOKEN, "op_", 67), (&WEBHOOK_SECRET, "whsec_", 50)] {
            let folder = tempfile::tempdir().unwrap();
            let (path, ids) = (folder.path().join("secret"), Ids::new(Arc::new(SystemClock)));
            let made = read_or_make(&path, sort, &ids).unwrap();
            assert!(made.expose_secret().starts_with(start), "{start}");
            assert_eq!(made.expose_secret().len(), length, "{start}");
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            make(&path, &(sort.make)(&ids)).unwrap();
            let again = read_or_make(&path, sort, &ids).unwrap();
            assert_eq!(again.expose_secret(), made.expose_secret(), "nobody replaces it");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        }
    }

    #[test]
    fn what_is_none_is_refused_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let (path, ids) = (folder.path().join("kept"), Ids::new(Arc::new(SystemClock)));
        for text in ["", "\n", "short-secret", "two words of more than enough letters, secret"] {
            std::fs::write(&path, text).unwrap();
            for sort in [&TOKEN, &WEBHOOK_SECRET] {
                let error = read_or_make(&path, sort, &ids).unwrap_err();
                assert!(matches!(error, KeptError::Unusable { .. }), "{error}");
                assert!(!error.to_string().contains("short-secret") && !error.to_string().contains("words"), "{error}");
            }
        }
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(matches!(read(&path, &TOKEN), Err(KeptError::Unusable { .. })));
        assert!(matches!(read(folder.path(), &TOKEN), Err(KeptError::File { .. })));
        assert!(read(&folder.path().join("none"), &TOKEN).unwrap().is_none());
        let nowhere = read_or_make(&folder.path().join("none/kept"), &TOKEN, &ids).unwrap_err();
        assert!(matches!(nowhere, KeptError::File { .. }) && nowhere.to_string().contains("operator.token_file"));
    }
}
