//! The two header families, and the search for what fits.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};

use super::forms::{Form, KeyForm, bodies, keys, no_secret, timestamps};
use super::{Finding, Mistaken, Received, SchemeReport, finding};
use crate::signature::{hex, hmac};

/// A header family.
pub(super) struct Scheme {
    pub(super) header: &'static str,
    pub(super) timestamp: &'static str,
    other_timestamp: &'static str,
    prefix: &'static str,
    separator: char,
    key: KeyForm,
    signs_id: bool,
}

pub(super) const PEEKER: Scheme = Scheme {
    header: "Peeker-Signature",
    timestamp: "Peeker-Timestamp",
    other_timestamp: "webhook-timestamp",
    prefix: "v1=",
    separator: ',',
    key: KeyForm::Text,
    signs_id: false,
};

pub(super) const STANDARD: Scheme = Scheme {
    header: "webhook-signature",
    timestamp: "webhook-timestamp",
    other_timestamp: "Peeker-Timestamp",
    prefix: "v1,",
    separator: ' ',
    key: KeyForm::Decoded,
    signs_id: true,
};

const WITHOUT_ID: &str = "The signature is over `{timestamp}.{body}`, as Peeker-Signature has it; webhook-signature is over `{id}.{timestamp}.{body}`.";
const WITH_ID: &str = "The signature is over `{id}.{timestamp}.{body}`, as webhook-signature has it; Peeker-Signature is over `{timestamp}.{body}`.";
const WITHOUT_DOT: &str = "The signature is over timestamp and body without the dot between them.";
const WITHOUT_TIMESTAMP: &str = "The signature is over the body alone; the timestamp and a dot come before it.";

/// The mistakes that are made most, by their codes.
const USUAL: &[(&str, &str)] = &[
    ("secret_decoded", "with the secret base64-decoded as the key"),
    ("secret_as_text", "with the secret's text as the key"),
    ("secret_without_prefix", "with the secret's text without `whsec_` as the key"),
    ("signed_without_timestamp", "over the body alone, without the timestamp"),
    ("signed_without_id", "without the id before the timestamp"),
];

/// A signature of the header: what it is, and what is wrong with how it is written.
struct Given {
    value: String,
    mistakes: Vec<Finding>,
}

/// What fits: which of the given signatures, which secret, and the mistakes on the way.
struct Fit {
    given: usize,
    secret: usize,
    mistakes: Vec<Finding>,
}

impl Scheme {
    /// What is wrong with this family's signature, and what is worth knowing.
    pub(super) fn check(&self, received: &Received, secrets: &[SecretString]) -> (SchemeReport, Vec<Finding>) {
        let mut mistakes = self.missing(received);
        let given = self.given(received);
        let (mut notes, mut fits) = (vec![], false);
        match self.search(received, &given, secrets) {
            Some(fit) => {
                notes.extend(rotation(&fit, given.len(), secrets.len()));
                mistakes.extend(fit.mistakes);
                fits = true;
            }
            None => mistakes.push(no_secret(secrets).unwrap_or_else(|| self.nothing_fits(received))),
        }
        let good = fits && mistakes.is_empty();
        let expected = if good { None } else { self.expected(received, secrets) };
        let mistaken = if good { self.mistaken(received, secrets) } else { vec![] };
        (SchemeReport { header: self.header, good, mistakes, expected, mistaken }, notes)
    }

    fn missing(&self, received: &Received) -> Vec<Finding> {
        let mut missing = vec![];
        let needed = [Some(self.timestamp), self.signs_id.then_some("webhook-id")];
        for name in needed.into_iter().flatten().filter(|name| received.header(name).is_none()) {
            let words = format!("The header {name} is missing; its value is signed too. Pass on all headers.");
            missing.push(finding("header_missing", words));
        }
        if received.header(self.timestamp).is_some_and(|text| text.parse::<i64>().is_err()) {
            let words = format!("{} is not a whole number of seconds since 1970.", self.timestamp);
            missing.push(finding("timestamp_malformed", words));
        }
        missing
    }

    /// The signatures of the header, however they are written.
    fn given(&self, received: &Received) -> Vec<Given> {
        let text = received.header(self.header).unwrap_or_default();
        let parts = if text.contains(self.prefix) {
            text.split(self.separator).collect()
        } else {
            text.split([' ', ';']).collect::<Vec<_>>()
        };
        let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| self.read(part)).collect()
    }

    fn read(&self, part: &str) -> Given {
        if let Some(value) = part.strip_prefix(self.prefix) {
            return Given { value: value.to_owned(), mistakes: vec![] };
        }
        let bare = ["v1=", "v1,", "sha256=", "V1=", "V1,"].into_iter().find_map(|other| part.strip_prefix(other));
        let words = format!("A signature in {} begins with `{}`; this one does not.", self.header, self.prefix);
        Given { value: bare.unwrap_or(part).to_owned(), mistakes: vec![finding("prefix_missing", words)] }
    }

    /// The combination with the fewest mistakes that makes one of the given signatures.
    fn search(&self, received: &Received, given: &[Given], secrets: &[SecretString]) -> Option<Fit> {
        let messages = self.messages(received);
        let keys = secrets.iter().enumerate().flat_map(|(n, text)| {
            let keys = keys(text.expose_secret(), self.key);
            keys.into_iter().map(move |key| (n, key))
        });
        let mut best: Option<Fit> = None;
        for (secret, key) in keys {
            for message in &messages {
                let mac = hmac(&key.value, &message.value);
                for fit in self.fits(given, secret, [&key.mistakes, &message.mistakes], &mac) {
                    if best.as_ref().is_none_or(|best| fit.mistakes.len() < best.mistakes.len()) {
                        best = Some(fit);
                    }
                }
            }
        }
        best
    }

    fn fits(&self, given: &[Given], secret: usize, made: [&Vec<Finding>; 2], mac: &[u8; 32]) -> Vec<Fit> {
        let fit = |(n, one): (usize, &Given)| {
            let written = self.reads_as(&one.value, mac)?;
            let all = [made[0], made[1], &one.mistakes, &written];
            Some(Fit { given: n, secret, mistakes: all.into_iter().flatten().cloned().collect() })
        };
        given.iter().enumerate().filter_map(fit).collect()
    }

    /// Every message that may have been signed: what stands before the body, and the body.
    fn messages(&self, received: &Received) -> Vec<Form<Vec<u8>>> {
        let (starts, bodies) = (self.starts(received), bodies(&received.body));
        let pairs = starts.iter().flat_map(|start| bodies.iter().map(move |body| (start, body)));
        let join = |(start, body): (&Form<String>, &Form<Vec<u8>>)| Form {
            value: [start.value.as_bytes(), &body.value].concat(),
            mistakes: start.mistakes.iter().chain(&body.mistakes).cloned().collect(),
        };
        pairs.map(join).collect()
    }

    fn starts(&self, received: &Received) -> Vec<Form<String>> {
        let own = ["webhook-id", "peeker-event-id"].into_iter().find_map(|name| received.header(name));
        let in_body = received.body_id().filter(|id| self.signs_id && Some(id.as_str()) != own);
        let without_id = self.signs_id.then(|| finding("signed_without_id", WITHOUT_ID));
        let with_id = (!self.signs_id).then(|| finding("signed_with_id", WITH_ID));
        let mut starts = vec![];
        for stamp in timestamps(received, self.timestamp, &[self.other_timestamp]) {
            let time = &stamp.value;
            let mut add = |value: String, mistake: Option<&Finding>| {
                let mistakes = stamp.mistakes.iter().chain(mistake).cloned().collect();
                starts.push(Form { value, mistakes });
            };
            add(format!("{time}."), without_id.as_ref());
            if let Some(id) = own {
                add(format!("{id}.{time}."), with_id.as_ref());
            }
            if let Some(id) = &in_body {
                let words = format!(
                    "The signature fits with the id {id} of the body; the header webhook-id has another, or none."
                );
                add(format!("{id}.{time}."), Some(&finding("other_event", words)));
            }
            add(time.clone(), Some(&finding("signed_without_dot", WITHOUT_DOT)));
        }
        let mistakes = vec![finding("signed_without_timestamp", WITHOUT_TIMESTAMP)];
        starts.push(Form { value: String::new(), mistakes });
        starts
    }

    /// Whether a text is this code, and what is wrong with how it is written.
    fn reads_as(&self, text: &str, mac: &[u8; 32]) -> Option<Vec<Finding>> {
        let (lower, plain) = (hex(mac), BASE64.encode(mac));
        let is_url = text == URL_SAFE_NO_PAD.encode(mac);
        let wants_hex = self.key == KeyForm::Text;
        let wrong = |code, words: &str| Some(vec![finding(code, words)]);
        match text {
            _ if text == if wants_hex { &lower } else { &plain } => Some(vec![]),
            _ if wants_hex && text.eq_ignore_ascii_case(&lower) => {
                wrong("hex_case", "The signature is written in upper-case hex; it is lower-case.")
            }
            _ if wants_hex && (text == plain || is_url) => {
                wrong("wrong_encoding", "The signature is written in base64; Peeker-Signature has lower-case hex.")
            }
            _ if !wants_hex && (text.eq_ignore_ascii_case(&lower) || is_url) => wrong(
                "wrong_encoding",
                "The signature is written in hex or URL-safe base64; webhook-signature has standard base64 with its padding.",
            ),
            _ => None,
        }
    }

    fn nothing_fits(&self, received: &Received) -> Finding {
        let name = self.header;
        let body = std::str::from_utf8(&received.body).ok();
        if received.body.is_empty() {
            let words = format!(
                "The body is empty, and {name} does not fit an empty one. Something read it before you: take the raw body first."
            );
            return finding("body_empty", words);
        }
        let Some(body) = body else {
            let words = format!(
                "The body is not UTF-8, which what we send always is, and {name} does not fit it. It may still be compressed, or was decoded wrongly."
            );
            return finding("body_not_text", words);
        };
        if super::rewritten::is_sorted(body) {
            let words = format!(
                "{name} does not fit, and the keys of the body are in alphabetical order, while we send id, type, created_at and data in this order: it was parsed, and serialised again with its keys sorted. Verify the raw bytes before anything parses them."
            );
            return finding("body_sorted", words);
        }
        if super::rewritten::compact(body).is_some_and(|compact| compact != body.trim_end()) {
            let words = format!(
                "{name} does not fit, and the body has white space that we never send: it was parsed and serialised again, its fields perhaps in another order. Verify the raw bytes before anything parses them."
            );
            return finding("body_changed", words);
        }
        let words = format!(
            "{name} was not made with this secret over this body. Either the secret is that of another endpoint or environment, or one from before a rotation; or the body is that of another event, or was changed."
        );
        finding("nothing_fits", words)
    }

    /// What the header would be with the first secret.
    fn expected(&self, received: &Received, secrets: &[SecretString]) -> Option<String> {
        let time = received.header(self.timestamp)?;
        let start = match self.signs_id {
            true => format!("{}.{time}.", received.header("webhook-id")?),
            false => format!("{time}."),
        };
        let secret = secrets.first()?.expose_secret();
        let key = keys(secret, self.key).into_iter().find(|key| key.mistakes.is_empty())?;
        Some(self.written(&key.value, &start, &received.body))
    }

    fn written(&self, key: &[u8], start: &str, body: &[u8]) -> String {
        let mac = hmac(key, &[start.as_bytes(), body].concat());
        let written = if self.key == KeyForm::Text { hex(&mac) } else { BASE64.encode(mac) };
        format!("{}{written}", self.prefix)
    }

    /// What each of the usual mistakes would give with the first secret, if it were the only one.
    fn mistaken(&self, received: &Received, secrets: &[SecretString]) -> Vec<Mistaken> {
        let Some(secret) = secrets.first() else { return vec![] };
        let (keys, starts) = (keys(secret.expose_secret(), self.key), self.starts(received));
        let made = |(code, how): &(&'static str, &'static str)| {
            let made = |mistakes: &[Finding]| mistakes.iter().all(|one| one.code == *code);
            let pairs = keys.iter().flat_map(|key| starts.iter().map(move |start| (key, start)));
            let (key, start) = pairs
                .filter(|(key, start)| made(&key.mistakes) && made(&start.mistakes))
                .find(|(key, start)| key.mistakes.len() + start.mistakes.len() == 1)?;
            Some(Mistaken { code, how, value: self.written(&key.value, &start.value, &received.body) })
        };
        USUAL.iter().filter_map(made).collect()
    }
}

/// Says when it was not the first of several that fitted.
fn rotation(fit: &Fit, signatures: usize, secrets: usize) -> Vec<Finding> {
    let mut notes = vec![];
    if fit.given > 0 {
        let words = format!(
            "Of {signatures} signatures in the header, number {} fits: a rotation is under way and this is the old secret. Take the new one before the overlap ends.",
            fit.given + 1
        );
        notes.push(finding("old_secret", words));
    }
    if secrets > 1 {
        notes
            .push(finding("which_secret", format!("It is secret number {} of those given that fits.", fit.secret + 1)));
    }
    notes
}
