//! Whether a name can be taken over, by what the world sees of it.

use super::ImportReason;

/// What stands in the way of taking a name over; `None` when nothing does.
///
/// `nameservers` and `mail` are its NS and MX records in presentation form.
#[must_use]
pub fn inspect(nameservers: &[String], mail: &[String], replace_live_mail: bool) -> Option<ImportReason> {
    if nameservers.is_empty() {
        return Some(ImportReason::NotRegistered);
    }
    let live = mail.iter().any(|value| !is_null_mx(value));
    (live && !replace_live_mail).then_some(ImportReason::LiveMail)
}

/// Whether an MX record says that the name takes no mail (RFC 7505): its host is the root.
fn is_null_mx(value: &str) -> bool {
    value.split_ascii_whitespace().last().is_some_and(|host| host == ".")
}
