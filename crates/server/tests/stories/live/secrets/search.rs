//! Looks for what must stand nowhere, in every form that it may have come to stand in.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use doubles::Asked;

/// Shorter texts stand anywhere by chance once they are encoded.
const LONG: usize = 8;

/// Secrets, each with what it is.
#[derive(Default)]
pub(super) struct Planted(Vec<(String, String)>);

impl Planted {
    pub(super) fn plant(&mut self, what: &str, secret: &str) {
        assert!(secret.len() >= LONG, "{what} is too short to be found for certain");
        if !self.0.iter().any(|(_, known)| known == secret) {
            self.0.push((what.into(), secret.into()));
        }
    }

    /// What a vendor's double was sent that opens something: tokens, what they were asked for with, passwords and keys.
    pub(super) fn plant_what_was_sent(&mut self, who: &str, asked: &[Asked]) {
        for one in asked {
            let sent = one.header("authorization").and_then(|value| value.split_once(' ')).map(|(_, token)| token);
            let bodies = ["password", "client_secret", "assertion"].map(|field| one.body[field].as_str());
            let inner = one.body["passwordProfile"]["password"].as_str();
            let all = bodies.into_iter().chain([sent, inner, one.parameter("api_key")]);
            all.flatten().filter(|text| text.len() >= LONG).for_each(|text| self.plant(who, text));
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// What of it stands in a place.
    pub(super) fn found(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(bytes);
        let stands = |secret: &str| forms(secret).into_iter().find(|form| text.contains(form.as_str()));
        let found = self.0.iter().filter_map(|(what, secret)| Some((what, stands(secret)?)));
        found.map(|(what, form)| format!("{place} has {what}, as {form}")).collect()
    }

    /// What of it stands in the files of a folder.
    pub(super) fn found_in(&self, folder: &Path) -> Vec<String> {
        let of = |(path, bytes): (String, Vec<u8>)| self.found(&path, &bytes);
        files(folder).into_iter().flat_map(of).collect()
    }
}

/// Every file of a folder and of those in it.
pub(super) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = entries.flat_map(|path| match path.is_dir() {
        true => files(&path),
        // A socket is none, and what is gone in between has nothing.
        false => fs::read(&path).map(|bytes| vec![(path.display().to_string(), bytes)]).unwrap_or_default(),
    });
    all.collect()
}

/// As it is, in an address, in hexadecimal, and in base64 wherever it begins there.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), url::form_urlencoded::byte_serialize(secret.as_bytes()).collect()];
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    forms.extend([hex.to_uppercase(), hex]);
    for before in 0..3 {
        let bytes = [&vec![0; before][..], secret.as_bytes()].concat();
        // The letters at both ends depend on what stands beside it.
        let (first, last) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for engine in [&BASE64_STANDARD, &BASE64_URL_SAFE] {
            forms.push(engine.encode(&bytes)[first..last].to_owned());
        }
    }
    forms
}

#[test]
fn a_secret_is_found_in_every_form_and_what_is_none_is_not() {
    let mut planted = Planted::default();
    planted.plant("a key", "hush/hush+4711?");
    let within = |before: &str| BASE64_STANDARD.encode(format!("{before}hush/hush+4711?, and more"));
    for leak in [
        "the key hush/hush+4711? leaks".to_owned(),
        "?api_key=hush%2Fhush%2B4711%3F&x=1".into(),
        "68757368 687573682f687573682b343731313f".into(),
        within(""),
        within("a"),
        within("ab"),
        within("{\"k\":\"").replace('+', "-").replace('/', "_"),
    ] {
        assert_eq!(planted.found("here", leak.as_bytes()).len(), 1, "{leak}");
    }
    let split = [b"\xff\x00hush/hu".as_slice(), b"\x00sh+4711?"].concat();
    assert!(planted.found("here", b"hush/hush+4711").is_empty() && planted.found("here", &split).is_empty());
}
