//! The token that the operator's listener asks for: made at the first start, for its owner's eyes only.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use model::id::Ids;
use secrecy::SecretString;
use store::file_modes;
use tempfile::NamedTempFile;

/// What every token begins with.
const PREFIX: &str = "op_";
/// The fewest characters of a token that somebody else has made.
const SHORTEST: usize = 24;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The system said no.
    #[error("the operator's token cannot be kept in {}: {source}; choose another file with operator.token_file", path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is there is none.
    #[error("{} is no token for the operator's listener: put at least {SHORTEST} characters without spaces on its one line, or remove it", .0.display())]
    Unusable(PathBuf),
}

/// The token of this file; where there is none, a new one is made. Of several processes that start at once one makes it.
///
/// # Errors
/// When the file cannot be read or made, or has no token.
pub fn read_or_make(path: &Path, ids: &Ids) -> Result<SecretString, TokenError> {
    let failed = |source| TokenError::File { path: path.to_owned(), source };
    match std::fs::read_to_string(path) {
        Ok(text) => read(&text).ok_or_else(|| TokenError::Unusable(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(path, ids).map_err(failed)?;
            let text = std::fs::read_to_string(path).map_err(failed)?;
            read(&text).ok_or_else(|| TokenError::Unusable(path.to_owned()))
        }
        Err(error) => Err(failed(error)),
    }
}

fn read(text: &str) -> Option<SecretString> {
    let token = text.trim();
    let is_one = token.len() >= SHORTEST && token.bytes().all(|byte| byte.is_ascii_graphic());
    is_one.then(|| SecretString::from(token.to_owned()))
}

/// Puts a whole file in place, unless another process was faster.
fn make(path: &Path, ids: &Ids) -> io::Result<()> {
    let hex: String = ids.random::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut draft = NamedTempFile::new_in(file_modes::folder_of(path))?;
    draft.write_all(format!("{PREFIX}{hex}\n").as_bytes())?;
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
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn it_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (path, ids) = (folder.path().join("operator.token"), Ids::new(Arc::new(SystemClock)));
        let made = read_or_make(&path, &ids).unwrap();
        assert!(made.expose_secret().starts_with("op_") && made.expose_secret().len() == 67);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        make(&path, &ids).unwrap();
        assert_eq!(read_or_make(&path, &ids).unwrap().expose_secret(), made.expose_secret(), "nobody replaces it");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_is_no_token_is_refused_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let (path, ids) = (folder.path().join("operator.token"), Ids::new(Arc::new(SystemClock)));
        for text in ["", "\n", "short-secret", "two words of more than enough letters"] {
            std::fs::write(&path, text).unwrap();
            let error = read_or_make(&path, &ids).unwrap_err();
            assert!(matches!(error, TokenError::Unusable(_)) && !error.to_string().contains("secret"), "{error}");
        }
        let nowhere = read_or_make(&folder.path().join("none/operator.token"), &ids).unwrap_err();
        assert!(matches!(nowhere, TokenError::File { .. }));
    }
}
