//! The right key, body and timestamp, and the wrong ones that people use instead.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use model::delivery::SECRET_PREFIX;
use secrecy::{ExposeSecret as _, SecretString};

use super::rewritten::{compact, unescaped};
use super::{Finding, Received, finding};

/// Something that may have been signed or signed with, and the mistake that it would be.
pub(super) struct Form<T> {
    pub(super) value: T,
    pub(super) mistakes: Vec<Finding>,
}

impl<T> Form<T> {
    fn right(value: T) -> Self {
        Self { value, mistakes: vec![] }
    }

    fn wrong(value: T, code: &'static str, message: &str) -> Self {
        Self { value, mistakes: vec![finding(code, message)] }
    }
}

/// What a key is made of the secret's text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyForm {
    /// Its bytes as they are.
    Text,
    /// What its part after `whsec_` decodes to.
    Decoded,
}

fn decoded(secret: &str) -> Option<Vec<u8>> {
    BASE64.decode(secret.strip_prefix(SECRET_PREFIX)?).ok()
}

/// Every key that may have been made of a secret.
pub(super) fn keys(secret: &str, right: KeyForm) -> Vec<Form<Vec<u8>>> {
    let mut found = vec![];
    for spelt in spellings(secret) {
        let mut add = |key: Vec<u8>, mistake: Option<Finding>| {
            let mistakes = spelt.mistakes.iter().cloned().chain(mistake).collect();
            found.push(Form { value: key, mistakes });
        };
        let as_text = "The signature fits with the secret's text as the key. Standard Webhooks decodes it: take the part after `whsec_` and base64-decode it.";
        let as_bytes = "The signature fits with the base64-decoded secret as the key. Peeker-Signature uses the secret's own text, `whsec_` included, as its bytes stand.";
        let text = spelt.value.as_bytes().to_vec();
        add(text, (right != KeyForm::Text).then(|| finding("secret_as_text", as_text)));
        if let Some(key) = decoded(&spelt.value) {
            add(key, (right != KeyForm::Decoded).then(|| finding("secret_decoded", as_bytes)));
        }
        if let Some(rest) = spelt.value.strip_prefix(SECRET_PREFIX) {
            let words = "The signature fits with the text after `whsec_` as the key. Use the whole text for Peeker-Signature, and what it decodes to for Standard Webhooks.";
            add(rest.as_bytes().to_vec(), Some(finding("secret_without_prefix", words)));
        }
    }
    found
}

/// The secret, and what it may have been meant to be.
fn spellings(secret: &str) -> Vec<Form<String>> {
    let mut spellings = vec![Form::right(secret.to_owned())];
    let trimmed = secret.trim().trim_matches(['"', '\'']);
    if trimmed != secret {
        let words = "The signature fits without the white space or quotes around the secret: take them off.";
        spellings.push(Form::wrong(trimmed.to_owned(), "secret_padded", words));
    }
    if !trimmed.starts_with(SECRET_PREFIX) {
        let words = "The signature fits with `whsec_` before the secret: it is a part of it.";
        spellings.push(Form::wrong(format!("{SECRET_PREFIX}{trimmed}"), "secret_without_prefix", words));
    }
    spellings
}

/// What is wrong when none of what was given can be a secret.
pub(super) fn no_secret(secrets: &[SecretString]) -> Option<Finding> {
    let all = |test: &dyn Fn(&str) -> bool| {
        secrets.iter().all(|secret| test(secret.expose_secret().trim().trim_matches(['"', '\''])))
    };
    if all(&|text| text.is_empty()) {
        let words = "The secret is empty: the variable or file that it comes from has nothing in it.";
        return Some(finding("secret_empty", words));
    }
    let words = "This is an API key and not the endpoint's secret, which begins with `whsec_` and was shown when the endpoint was made or its secret rotated.";
    all(&|text| text.starts_with("pk_")).then(|| finding("secret_is_api_key", words))
}

/// Every body that may have been signed before it became this one.
pub(super) fn bodies(body: &[u8]) -> Vec<Form<Vec<u8>>> {
    let mut forms = vec![Form::right(body.to_vec())];
    let mut add = |value: Vec<u8>, code, words: &str| {
        if forms.iter().all(|form: &Form<Vec<u8>>| form.value != value) {
            forms.push(Form::wrong(value, code, words));
        }
    };
    let kept = body.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |last| last + 1);
    let newline = "The signature fits without the white space at the end of the body. Something put it there, such as an editor or `echo`; verify the bytes as they came.";
    add(body[..kept].to_vec(), "body_newline", newline);
    if let Some(rest) = body.strip_prefix(b"\xEF\xBB\xBF") {
        add(rest.to_vec(), "body_marked", "The signature fits without the byte order mark before the body.");
    }
    if let Ok(text) = std::str::from_utf8(body) {
        let again = "The signature fits when the JSON is written compactly: the body was parsed and serialised again. Verify the raw bytes before anything parses them.";
        if let Some(compact) = compact(text) {
            add(unescaped(&compact).into_bytes(), "body_reserialised", again);
            add(compact.into_bytes(), "body_reserialised", again);
        }
    }
    forms
}

/// Every timestamp that may have been signed; `own` is the right header.
pub(super) fn timestamps(received: &Received, own: &str, others: &[&str]) -> Vec<Form<String>> {
    let mut forms: Vec<Form<String>> = vec![];
    if let Some(text) = received.header(own) {
        forms.push(Form::right(text.to_owned()));
        if let Some(seconds) = text.parse::<i64>().ok().filter(|number| *number > 100_000_000_000) {
            let words = "The signature fits with the timestamp in seconds; the header has milliseconds.";
            forms.push(Form::wrong((seconds / 1_000).to_string(), "timestamp_unit", words));
        }
    }
    for text in others.iter().filter_map(|name| received.header(name)) {
        if forms.iter().all(|form| form.value != text) {
            let words = format!("The signature fits with the timestamp of the other header family, not with `{own}`.");
            forms.push(Form::wrong(text.to_owned(), "timestamp_wrong", &words));
        }
    }
    forms
}
