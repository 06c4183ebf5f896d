//! The mail itself.

use std::time::{Duration, UNIX_EPOCH};

use super::FirstMail;

/// The header that a mail is known by.
pub const TOKEN_HEADER: &str = "X-Mailwright-Probe";

/// The mail as it is sent (RFC 5322): lines of ASCII.
#[must_use]
pub fn letter(mail: &FirstMail, to: &str) -> String {
    let FirstMail { token, from, at, .. } = mail;
    let domain = from.rsplit_once('@').map_or(from.as_str(), |(_, domain)| domain);
    let seconds = u64::try_from(at.seconds()).unwrap_or_default();
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds)).replace("GMT", "+0000");
    let lines = [
        format!("From: <{from}>"),
        format!("To: <{to}>"),
        format!("Subject: First mail of {domain} ({token})"),
        format!("Date: {date}"),
        format!("Message-ID: <{token}.{}@{domain}>", mail.number),
        format!("{TOKEN_HEADER}: {token}"),
        "Auto-Submitted: auto-generated".to_owned(),
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: text/plain; charset=us-ascii".to_owned(),
        String::new(),
        format!("This mail shows how mail of {domain} arrives, before the domain is said to be connected."),
        "It needs no answer.".to_owned(),
        String::new(),
    ];
    lines.join("\r\n")
}
