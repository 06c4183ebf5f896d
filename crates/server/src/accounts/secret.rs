//! Where secrets are kept that the settings name.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::account_settings::Kept;
use crate::config::variable;

/// The folder of the service manager's credentials, in the environment.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Fetches a secret from where it is kept. The sentence goes on after the setting's name.
pub(crate) fn fetch(kept: &Kept) -> Result<SecretString, String> {
    match (&kept.file, &kept.env, &kept.credential) {
        (Some(file), None, None) => read(file, &format!("the file {}", file.display())),
        (None, Some(name), None) => match variable(name) {
            Some(value) => Ok(value.into()),
            None => Err(format!("is to be in the variable {name}, which is not set")),
        },
        (None, None, Some(name)) => {
            let place = credential(name)?;
            read(&place, &format!("the credential {name}"))
        }
        _ => {
            Err("names more or less than one place; write { file = \"…\" }, { env = \"…\" } or { credential = \"…\" }"
                .into())
        }
    }
}

fn credential(name: &str) -> Result<PathBuf, String> {
    let is_name = !name.is_empty() && !name.contains(['/', '\\']) && name != "..";
    match variable(CREDENTIALS) {
        _ if !is_name => Err("is to be in a credential whose name is none".into()),
        Some(folder) => Ok(Path::new(&folder).join(name)),
        None => Err(format!("is to be in the credential {name}, and the service manager hands over none")),
    }
}

/// More than any secret has, in bytes.
const MOST: u64 = 64 * 1024;

/// What is in a file, which may be a device that never ends.
fn read_at_most(path: &Path) -> std::io::Result<String> {
    let (mut text, file) = (String::new(), File::open(path)?);
    let read = file.take(MOST + 1).read_to_string(&mut text)?;
    if u64::try_from(read).is_ok_and(|read| read > MOST) {
        return Err(std::io::Error::other(format!("it has more than {MOST} bytes")));
    }
    Ok(text)
}

fn read(path: &Path, what: &str) -> Result<SecretString, String> {
    let text = read_at_most(path).map_err(|error| format!("is to be in {what}, which cannot be read: {error}"))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    match secret.is_empty() {
        true => Err(format!("is to be in {what}, which is empty")),
        false => Ok(secret.to_owned().into()),
    }
}
