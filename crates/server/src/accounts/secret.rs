//! Where secrets are kept that the settings name.

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

fn read(path: &Path, what: &str) -> Result<SecretString, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("is to be in {what}, which cannot be read: {error}"))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    match secret.is_empty() {
        true => Err(format!("is to be in {what}, which is empty")),
        false => Ok(secret.to_owned().into()),
    }
}
