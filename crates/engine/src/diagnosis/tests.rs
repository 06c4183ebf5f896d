//! Every mistake, made on purpose and found.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use secrecy::ExposeSecret as _;

use super::*;
use crate::signature::{TOLERANCE, headers, hex, hmac, new_secret};

const NOW: Time = Time::from_millis(1_800_000_000_000);
const BODY: &str = r#"{"id":"evt_1","type":"order.completed","data":{"name":"Zoë","n":[1,2]}}"#;

fn secret() -> SecretString {
    new_secret([7; 32])
}

fn received() -> Received {
    let headers = headers("evt_1", NOW.seconds(), BODY, &[secret()]);
    Received { headers, body: BODY.into() }
}

impl Received {
    fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(given, _)| !given.eq_ignore_ascii_case(name));
        self
    }

    fn only(mut self, family: &str) -> Self {
        self.headers.retain(|(given, _)| given.to_lowercase().starts_with(family));
        self
    }

    fn holding(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }
}

/// The codes of what is wrong, family by family, and of the notes.
fn codes(received: &Received, secrets: &[SecretString]) -> (Vec<Vec<&'static str>>, Vec<&'static str>) {
    let diagnosis = diagnose(received, secrets, NOW, TOLERANCE);
    let of = |findings: &[Finding]| findings.iter().map(|one| one.code).collect::<Vec<_>>();
    for scheme in &diagnosis.schemes {
        assert_eq!(scheme.good, scheme.mistakes.is_empty());
        assert!(scheme.mistakes.iter().all(|one| !one.message.contains("AAAA")));
    }
    assert_eq!(diagnosis.good, diagnosis.schemes.iter().all(|scheme| scheme.good));
    (diagnosis.schemes.iter().map(|scheme| of(&scheme.mistakes)).collect(), of(&diagnosis.notes))
}

#[track_caller]
fn finds(received: &Received, mistakes: &[&[&str]]) {
    assert_eq!(codes(received, &[secret()]).0, mistakes);
}

#[test]
fn what_we_send_is_good() {
    assert_eq!(codes(&received(), &[secret()]), (vec![vec![], vec![]], vec![]));
    finds(&received().only("peeker"), &[&[]]);
    finds(&received().only("webhook"), &[&[]]);
}

#[test]
fn the_secret_used_in_the_other_familys_way() {
    let (secret, stamp) = (secret(), NOW.seconds());
    let decoded = BASE64.decode(secret.expose_secret().strip_prefix("whsec_").unwrap()).unwrap();
    let peeker = hex(&hmac(&decoded, format!("{stamp}.{BODY}").as_bytes()));
    finds(&received().with("Peeker-Signature", &format!("v1={peeker}")).only("peeker"), &[&["secret_decoded"]]);
    let text = secret.expose_secret().as_bytes();
    let standard = BASE64.encode(hmac(text, format!("evt_1.{stamp}.{BODY}").as_bytes()));
    finds(&received().with("webhook-signature", &format!("v1,{standard}")).only("webhook"), &[&["secret_as_text"]]);
}

#[test]
fn a_body_that_something_touched() {
    for (body, code) in [
        (format!("{BODY}\n"), "body_newline"),
        (format!("{BODY} \r\n"), "body_newline"),
        (format!("\u{feff}{BODY}"), "body_marked"),
        (BODY.replace(':', ": ").replace(',', ", "), "body_reserialised"),
        (BODY.replace(':', ": ").replace('ë', "\\u00eb"), "body_reserialised"),
        (format!(" {BODY}"), "body_reserialised"),
        (r#"{"type": "order.completed", "id": "evt_1"}"#.to_owned(), "body_changed"),
        (BODY.replace('1', "2"), "nothing_fits"),
        (String::new(), "body_empty"),
    ] {
        finds(&received().holding(body), &[&[code], &[code]]);
    }
    finds(&received().holding([0xff, 0xfe]), &[&["body_not_text"], &["body_not_text"]]);
}

#[test]
fn a_secret_that_is_not_quite_it() {
    let text = secret().expose_secret().to_owned();
    for (given, code) in [
        (format!("{text}\n"), "secret_padded"),
        (format!("\"{text}\""), "secret_padded"),
        (text.replace("whsec_", ""), "secret_without_prefix"),
        (new_secret([8; 32]).expose_secret().to_owned(), "nothing_fits"),
    ] {
        assert_eq!(codes(&received(), &[SecretString::from(given)]).0, [[code], [code]]);
    }
}

#[test]
fn signatures_that_are_written_wrongly() {
    let good = received().header("peeker-signature").unwrap().to_owned();
    let peeker = received().only("peeker");
    let written = |text: &str| peeker.clone().with("peeker-signature", text);
    finds(&written(good.strip_prefix("v1=").unwrap()), &[&["prefix_missing"]]);
    finds(&written(&good.replace("v1=", "v1,")), &[&["prefix_missing"]]);
    finds(&written(&good.to_uppercase().replace("V1=", "v1=")), &[&["hex_case"]]);
    finds(&written(""), &[&["nothing_fits"]]);
    let mac = hmac(secret().expose_secret().as_bytes(), format!("{}.{BODY}", NOW.seconds()).as_bytes());
    finds(&written(&format!("v1={}", BASE64.encode(mac))), &[&["wrong_encoding"]]);
    let mac = hmac(secret().expose_secret().as_bytes(), BODY.as_bytes());
    finds(&written(&format!("v1={}", hex(&mac))), &[&["signed_without_timestamp"]]);
    finds(&written(&format!("v1={}", hex(&mac).to_uppercase())), &[&["signed_without_timestamp", "hex_case"]]);
    let mac = hmac(secret().expose_secret().as_bytes(), format!("{}{BODY}", NOW.seconds()).as_bytes());
    finds(&written(&format!("v1={}", hex(&mac))), &[&["signed_without_dot"]]);
}

#[test]
fn headers_that_are_missing_or_mixed_up() {
    assert_eq!(codes(&Received::default(), &[secret()]).0, [["header_missing"]]);
    finds(&received().without("webhook-id").without("peeker-event-id"), &[&[], &["header_missing", "other_event"]]);
    finds(&received().without("peeker-timestamp"), &[&["header_missing", "timestamp_wrong"], &[]]);
    finds(&received().with("peeker-timestamp", "noon"), &[&["timestamp_malformed", "timestamp_wrong"], &[]]);
    let millis = format!("{}000", NOW.seconds());
    finds(&received().only("peeker").with("peeker-timestamp", &millis), &[&["timestamp_unit"]]);
    let other = received().with("webhook-id", "evt_2").with("peeker-event-id", "evt_2");
    assert_eq!(codes(&other, &[secret()]), (vec![vec![], vec!["other_event"]], vec!["other_event"]));
}

#[test]
fn what_cannot_be_a_secret_is_recognised() {
    for (given, code) in [
        ("", "secret_empty"),
        (" \n", "secret_empty"),
        ("pk_test_0123456789abcdef", "secret_is_api_key"),
        ("\"pk_live_0123456789abcdef\"", "secret_is_api_key"),
    ] {
        assert_eq!(codes(&received(), &[SecretString::from(given)]).0, [[code], [code]], "{given:?}");
    }
}

#[test]
fn sorted_keys_are_recognised() {
    for body in [
        r#"{"created_at":"2026-05-08T12:00:00Z","data":{},"id":"evt_1","type":"order.completed"}"#,
        "{\n  \"created_at\": \"x\",\n  \"data\": {\"b\": 1},\n  \"id\": \"evt_1\",\n  \"type\": \"t\"\n}",
    ] {
        finds(&received().holding(body), &[&["body_sorted"], &["body_sorted"]]);
    }
}

#[test]
fn a_good_signature_is_shown_beside_what_mistakes_would_give() {
    let diagnosis = diagnose(&received(), &[secret()], NOW, TOLERANCE);
    for (scheme, usual) in diagnosis.schemes.iter().zip([
        &["secret_decoded", "secret_without_prefix", "signed_without_timestamp"][..],
        &["secret_as_text", "secret_without_prefix", "signed_without_timestamp", "signed_without_id"],
    ]) {
        let family = scheme.header.split('-').next().unwrap().to_lowercase();
        assert_eq!(scheme.mistaken.iter().map(|one| one.code).collect::<Vec<_>>(), usual);
        for one in &scheme.mistaken {
            finds(&received().only(&family).with(scheme.header, &one.value), &[&[one.code]]);
        }
    }
}

#[test]
fn the_age_is_told_and_is_no_mistake() {
    let at = |seconds: i64| {
        let headers = headers("evt_1", NOW.seconds() + seconds, BODY, &[secret()]);
        codes(&Received { headers, body: BODY.into() }, &[secret()])
    };
    assert_eq!(at(-301), (vec![vec![], vec![]], vec!["timestamp_old"]));
    assert_eq!(at(301), (vec![vec![], vec![]], vec!["timestamp_ahead"]));
    assert_eq!(at(-300).1, Vec::<&str>::new());
    for (tolerance, fresh) in [(0, true), (-1, false)] {
        assert_eq!(diagnose(&received(), &[secret()], NOW, tolerance).fresh, fresh);
    }
}

#[test]
fn the_old_secret_of_a_rotation_is_recognised() {
    let (new, old) = (new_secret([1; 32]), new_secret([2; 32]));
    let headers = headers("evt_1", NOW.seconds(), BODY, &[new.clone(), old.clone()]);
    let received = Received { headers, body: BODY.into() };
    assert_eq!(codes(&received, std::slice::from_ref(&new)).1, Vec::<&str>::new());
    assert_eq!(codes(&received, std::slice::from_ref(&old)), (vec![vec![], vec![]], vec!["old_secret"]));
    assert_eq!(codes(&received, &[secret(), old]).1, ["old_secret", "which_secret"]);
}

#[test]
fn the_right_header_is_shown_beside_a_wrong_one() {
    let right = received();
    let wrong = right.clone().with("peeker-signature", "v1=00").with("webhook-signature", "v1,AAAA");
    let diagnosis = diagnose(&wrong, &[secret()], NOW, TOLERANCE);
    for scheme in &diagnosis.schemes {
        assert_eq!(scheme.expected.as_deref(), right.header(scheme.header));
    }
}
