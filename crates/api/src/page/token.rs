//! Page tokens: an id and a keyed hash that binds it to its list, filters and partner.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use model::world::Scope;
use store::Vault;

/// What a token is good for.
pub(super) fn binding(list: &str, scope: &Scope, filters: &[(&str, String)]) -> String {
    let mut filters: Vec<_> = filters.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    filters.sort_unstable();
    format!("{list}\n{}\n{}\n{}", scope.partner, scope.world, filters.join("\n"))
}

/// How many characters of the hash stand before the mark.
const MARK: usize = 32;

/// A token that goes on below this id.
pub(super) fn seal(vault: &Vault, binding: &str, below: &str) -> String {
    BASE64.encode(format!("{}{below}", checksum(vault, binding, below)))
}

/// Where a token goes on; `None` when it is not one of ours, or good for another list.
pub(super) fn open(vault: &Vault, binding: &str, token: &str) -> Option<String> {
    let text = String::from_utf8(BASE64.decode(token).ok()?).ok()?;
    let (sum, below) = text.split_at_checked(MARK)?;
    (sum == checksum(vault, binding, below)).then(|| below.to_owned())
}

fn checksum(vault: &Vault, binding: &str, below: &str) -> String {
    let mut sum = vault.keyed_hash("page token", format!("{binding}\n{below}").as_bytes());
    sum.truncate(MARK);
    sum
}
