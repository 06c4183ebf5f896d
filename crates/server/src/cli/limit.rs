//! Numbers on the command line that may also be `none`.

/// A limit, or its absence, as the operator types it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit(pub(super) Option<i64>);

/// Reads `none` or a number from 0.
pub(super) fn limit(text: &str) -> Result<Limit, String> {
    if text == "none" {
        return Ok(Limit(None));
    }
    match text.parse() {
        Ok(number) if number >= 0 => Ok(Limit(Some(number))),
        _ => Err("give a whole number from 0, or none".to_owned()),
    }
}

/// For a table.
pub(super) fn shown(limit: Option<i64>) -> String {
    limit.map_or_else(|| "none".to_owned(), |number| number.to_string())
}
