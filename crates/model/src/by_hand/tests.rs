//! Records that people send: what is taken, and what is refused with its path.

use super::*;
use crate::refusal::Code;

const RSA_2048: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArXeM9DAfNQwiAYxb333xAkYz/bRyFqnCVVl9xOVXD+MgI4KhE4zCydgMl3LC056EZY+RTy8CGUX5vZpkrzje/A3FgKddMeComcupUAVj863NBvtpDz9NGCbM7UJ3zRyxu+5uBlXvZKIz3Ox2PNyEm4OokleeIs97y5JxVQEYYzvoYoZe+7+q3+0tKOlDMhtpKJ577RnUdwKdiW0g2WGIF9anRoPO+sUBTxeTXn+O4Z8KiFaVd7qicN6unvbAk4y6wBdZnAyRZ+2RwjXKNaqt3XcXdCZsHuXrGuFDmAWJGCAm/YEOyk6Vcg7FCjWRwMi/rNgZghWDyWPJoEge32NemwIDAQAB";
const RSA_1024: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDLSg4vfXQ9JqaFL/qkP4rW1RYZWKkjtzR6qcXBW55yibcCPGAIgixz0ykL+0tYQfBauRcKHhxRZDad2n4f0XX+JqwHcUC+9uf0wG+Bt/K6sopsDyHgpMwkCiR42YlFEEIO71s3vrjoIWyTZcZs8yjfLmptJs73W8U6rOLQaGlW8QIDAQAB";
const RSA_512: &str = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKyO4IrLGWX7Cep/5AjYtqXws+sjgbNZZb8keV0ko6bs2HE2NiKqHtoJEV6ViQHge2KlqJlFG+YutBzy9d86F3UCAwEAAQ==";
const BARE_1024: &str = "MIGJAoGBANF/IZ1EaHZjZPuo0j7n2WSm+IhJTY5pdW7MMMzZ0lujoz5vQ+02OzSP0MSRPdprUaxLSp9rDukwj3LJoWof9nnEcLd8N3NYgvEWyBqDaDpUj7al/KlURqFWzSVi4BLQH6NDWK7KT98TMW7bx/qcmSn0ySpNM6u92X3Nr9CuDjCLAgMBAAE=";
const ED25519: &str = "itDjxNPYxpjBSQ+GoDCXxVPTSSMUDpBRo8BLwev2I48=";

fn acme() -> DomainName {
    DomainName::stored("acme.com")
}

fn record(rtype: RrType, name: &str, value: &str) -> Record {
    Record { rtype, name: name.into(), value: value.into() }
}

fn key(text: &str) -> Record {
    record(RrType::Txt, "google._domainkey.acme.com", text)
}

fn rsa() -> Record {
    key(&format!("v=DKIM1; k=rsa; p={RSA_2048}"))
}

fn usual() -> Vec<Record> {
    vec![
        record(RrType::Txt, "@", "google-site-verification=abc"),
        record(RrType::Mx, "acme.com.", "1 SMTP.google.com."),
        record(RrType::Txt, "ACME.com", r#""v=spf1 include:_spf.goo" "gle.com ~all""#),
        rsa(),
    ]
}

fn handed(records: Vec<Record>) -> Handed {
    Handed { records, made: true, logins: vec![] }
}

fn said(handed: &Handed, known: Option<&HandMade>) -> Result<HandMade, Refusal> {
    handed.check(known, RunKind::Provision, &acme(), &["alex@acme.com".into()])
}

/// The paths of everything that is wrong.
fn faults(handed: &Handed) -> Vec<String> {
    let refusal = said(handed, None).unwrap_err();
    assert!(refusal.faults().all(|fault| fault.code == Code::InvalidRequest));
    refusal.faults().map(|fault| fault.field.clone().unwrap_or_default()).collect()
}

#[test]
fn records_become_sets_with_whole_names_and_plain_texts() {
    let known = said(&handed(usual()), None).unwrap();
    let sets: Vec<_> = known.records.iter().map(|set| (set.name.as_str(), set.rtype, set.values.len())).collect();
    let key = "google._domainkey.acme.com";
    assert_eq!(sets, [("acme.com", RrType::Txt, 2), ("acme.com", RrType::Mx, 1), (key, RrType::Txt, 1)]);
    assert_eq!(known.records[0].values[1], "v=spf1 include:_spf.google.com ~all");
    assert_eq!(known.records[1].values, ["1 smtp.google.com"]);
    assert!(known.made);
}

#[test]
fn what_mail_cannot_do_without_is_asked_for_when_the_mailboxes_are_there() {
    for (left_out, purpose) in [(1, "mx"), (2, "spf"), (3, "dkim")] {
        let mut records = usual();
        records.remove(left_out);
        let all = handed(records.clone());
        let refusal = said(&all, None).unwrap_err();
        assert_eq!((refusal.faults().count(), refusal.first().field.as_deref()), (1, Some("mailboxes.records")));
        assert_eq!(refusal.first().details["purpose"], purpose);
        let first = Handed { made: false, ..all };
        assert!(said(&first, None).is_ok(), "{purpose} may come later");
    }
    let nothing = Handed::default();
    assert_eq!(faults(&nothing), ["mailboxes"]);
    assert_eq!(faults(&handed(vec![])), ["mailboxes.records"; 3]);
}

#[test]
fn records_that_were_sent_before_stay_until_others_are() {
    let first = said(&Handed { made: false, ..handed(usual()) }, None).unwrap();
    let then = said(&handed(vec![]), Some(&first)).unwrap();
    assert_eq!((then.records, then.made), (first.records, true));
}

#[test]
fn what_is_wrong_with_a_record_is_told_at_its_place() {
    let long = "x".repeat(1025);
    let eleven = format!("v=spf1{} -all", " include:a.example".repeat(11));
    for (one, path) in [
        (record(RrType::Txt, "other.com", "x"), "name"),
        (record(RrType::Txt, "acme.com.other.com", "x"), "name"),
        (record(RrType::Txt, "myacme.com", "x"), "name"),
        (record(RrType::Txt, "a b", "x"), "name"),
        (record(RrType::Txt, "*.acme.com", "x"), "name"),
        (record(RrType::Txt, "_dmarc.acme.com", "v=DMARC1; p=none"), "name"),
        (record(RrType::Cname, "www.acme.com", "x.example"), "name"),
        (record(RrType::Cname, "@", "x.example"), "name"),
        (record(RrType::Mx, "in.acme.com", "1 x.example"), "name"),
        (record(RrType::Ns, "@", "ns1.example"), "type"),
        (record(RrType::Mx, "@", "x.example"), "value"),
        (record(RrType::Mx, "@", "0 ."), "value"),
        (record(RrType::Mx, "@", "10 mail.acme.com"), "value"),
        (record(RrType::Mx, "@", "1 smtp.google.com"), "value"),
        (record(RrType::Cname, "autodiscover.acme.com", "two words"), "value"),
        (record(RrType::Cname, "autodiscover.acme.com", "acme.com"), "value"),
        (record(RrType::Txt, "@", ""), "value"),
        (record(RrType::Txt, "@", "é"), "value"),
        (record(RrType::Txt, "@", &long), "value"),
        (record(RrType::Txt, "@", "v=spf1 -all"), "value"),
        (record(RrType::Txt, "mail.acme.com", "v=spf1 -all"), "value"),
        (record(RrType::Txt, "mail.acme.com", &eleven), "value"),
        (record(RrType::Txt, "google._domainkey.acme.com", &format!("v=DKIM1; p={RSA_1024}")), "value"),
        (record(RrType::Cname, "google._domainkey.acme.com", "key.example"), "name"),
    ] {
        let said = format!("{one:?}");
        let all = handed([usual(), vec![one]].concat());
        assert_eq!(faults(&all), [format!("mailboxes.records[4].{path}")], "{said}");
    }
    let mut open = usual();
    open[2].value = "v=spf1 include:_spf.google.com +all".into();
    assert_eq!(faults(&handed(open)), ["mailboxes.records[2].value"]);
    let mut many = usual();
    many[2].value = eleven;
    assert_eq!(faults(&handed(many)), ["mailboxes.records[2].value"]);
}

#[test]
fn a_key_is_one_that_receivers_take() {
    for text in [
        format!("v=DKIM1; k=rsa; p={RSA_2048}"),
        format!("v=DKIM1;p={RSA_1024};"),
        format!("v=DKIM1; p={BARE_1024}"),
        format!("v=DKIM1; k=ed25519; p={ED25519}"),
        format!("\"v=DKIM1; k=rsa; p={}\" \"{}\"", &RSA_2048[..200], &RSA_2048[200..]),
    ] {
        assert_eq!(super::key::fault(&crate::dns::joined(&text)), None, "{text}");
    }
    let doubled = RSA_1024.replace('=', "");
    for text in [
        String::new(),
        "v=spf1 -all".into(),
        RSA_2048.into(),
        format!("k=rsa; p={RSA_2048}"),
        format!("v=DKIM2; p={RSA_2048}"),
        "v=DKIM1; k=rsa".into(),
        "v=DKIM1; k=rsa; p=".into(),
        "v=DKIM1; k=rsa; p=not base64!".into(),
        format!("v=DKIM1; p={}", &RSA_2048[..200]),
        format!("v=DKIM1; p={doubled}A"),
        format!("v=DKIM1; p={RSA_512}"),
        format!("v=DKIM1; k=ed25519; p={RSA_1024}"),
        format!("v=DKIM1; k=rsa; p={ED25519}"),
        format!("v=DKIM1; k=dsa; p={RSA_1024}"),
        format!("v=DKIM1; p={RSA_1024}; p={RSA_1024}"),
    ] {
        assert!(super::key::fault(&text).is_some(), "{text}");
    }
}

#[test]
fn no_beginning_of_a_key_is_one() {
    let whole = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, RSA_1024).unwrap();
    for length in 0..whole.len() {
        let cut = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &whole[..length]);
        assert!(super::key::fault(&format!("v=DKIM1; p={cut}")).is_some(), "{length} bytes");
    }
}

#[test]
fn logins_are_of_mailboxes_that_are_there_and_never_shown() {
    let login = |email: &str| Login { email: email.into(), password: SecretString::from("hunter2") };
    let with = |made: bool, emails: &[&str]| Handed {
        records: usual(),
        made,
        logins: emails.iter().map(|email| login(email)).collect(),
    };
    let fine = with(true, &["Alex@acme.com"]);
    assert!(said(&fine, None).is_ok());
    assert!(!format!("{fine:?}").contains("hunter2"));
    let before = BTreeMap::from([("sam@acme.com".into(), "old".into()), ("alex@acme.com".into(), "old".into())]);
    let Some(Secret::Plain(kept)) = fine.sealable(&before) else { panic!("nothing to keep") };
    assert_eq!(kept.expose_secret(), r#"{"alex@acme.com":"hunter2","sam@acme.com":"old"}"#);
    assert!(handed(usual()).sealable(&before).is_none(), "where none was sent those of before stay as they are");
    let first = "mailboxes.logins[0].email";
    assert_eq!(faults(&with(true, &["sam@acme.com"])), [first]);
    assert_eq!(faults(&with(false, &["alex@acme.com"])), [first]);
    assert_eq!(faults(&with(true, &["alex@acme.com", "ALEX@acme.com"])), ["mailboxes.logins[1].email"]);
}

#[test]
fn two_answers_are_the_same_when_they_say_the_same() {
    let other =
        Handed { logins: vec![Login { email: "alex@acme.com".into(), password: "x".into() }], ..handed(usual()) };
    assert_eq!(handed(usual()), handed(usual()));
    assert_ne!(handed(usual()), other);
    assert_ne!(handed(usual()), Handed { made: false, ..handed(usual()) });
}

#[test]
fn a_renamed_mailbox_wants_no_records() {
    let only = |handed: Handed| handed.check(None, RunKind::Rename, &acme(), &[]);
    assert!(only(handed(vec![])).is_ok());
    let refusal = only(handed(usual())).unwrap_err();
    assert_eq!(refusal.first().field.as_deref(), Some("mailboxes.records"));
}
