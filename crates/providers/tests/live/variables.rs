//! What an account is made of: `LIVE_NAMECOM_TOKEN` is the field `token` of an account of kind `namecom`.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::clock::Clock;
use providers::kind::{Kind, Said};

/// Another address than that of the vendor's sandbox.
const BASE_URL: &str = "base_url";

/// The variable of a kind's field.
pub(crate) fn variable(kind: &Kind, field: &str) -> String {
    format!("LIVE_{}_{field}", kind.descriptor.name).to_ascii_uppercase()
}

/// An account of the vendor's sandbox, of the variables that `read` knows; `None` where no field has one.
///
/// # Errors
/// Which variables are missing beside those that are set.
pub(crate) fn said(
    kind: &Kind,
    read: impl Fn(&str) -> Option<String>,
    clock: Arc<dyn Clock>,
) -> Result<Option<Said>, String> {
    let (mut values, mut secrets, mut missing) = (BTreeMap::new(), BTreeMap::new(), vec![]);
    for field in kind.descriptor.fields {
        let variable = variable(kind, field.key);
        match read(&variable).filter(|value| !value.is_empty()) {
            Some(value) if field.secret => _ = secrets.insert(field.key.to_owned(), value.into()),
            Some(value) => _ = values.insert(field.key.to_owned(), value),
            None if field.optional => {}
            None => missing.push(variable),
        }
    }
    if values.is_empty() && secrets.is_empty() {
        return Ok(None);
    }
    if !missing.is_empty() {
        return Err(format!("set {} too", missing.join(", ")));
    }
    let base_url = read(&variable(kind, BASE_URL));
    Ok(Some(Said { name: kind.descriptor.name, base_url, values, secrets, is_sandbox: true, clock }))
}
