//! The headers of a mail (RFC 5322 §2.2), the topmost first.

/// Every header's name and value, with folded lines put together. It ends with the headers.
pub(super) fn headers(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).peekable();
    std::iter::from_fn(move || {
        loop {
            let line = lines.next().filter(|line| !line.is_empty())?;
            let mut value = line.split_once(':').map(|(_, value)| value.to_owned());
            while let Some(more) = lines.next_if(|next| next.starts_with([' ', '\t'])) {
                value.iter_mut().for_each(|value| value.push_str(more));
            }
            if let (Some((name, _)), Some(value)) = (line.split_once(':'), value) {
                return Some((name.trim_end().to_owned(), value.trim().to_owned()));
            }
        }
    })
}

/// The values of the headers of one name.
pub(super) fn named<'a>(text: &'a str, wanted: &'a str) -> impl Iterator<Item = String> + 'a {
    headers(text).filter(move |(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_unfolded_and_end_with_the_first_empty_line() {
        let text =
            " stray\r\nFrom: a@acme.com\r\nno header\r\n folded\r\nSubject : one\r\n\ttwo\r\nX:\r\n\r\nTo: none\r\n";
        let found: Vec<_> = headers(text).collect();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(found, [pair("From", "a@acme.com"), pair("Subject", "one\ttwo"), pair("X", "")]);
        assert_eq!(named(text, "FROM").collect::<Vec<_>>(), ["a@acme.com"]);
        assert_eq!(headers("").count(), 0);
        assert_eq!(headers("X: 1\n y").collect::<Vec<_>>(), [pair("X", "1 y")], "also without the carriage return");
    }
}
