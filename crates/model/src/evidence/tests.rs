use super::*;
use crate::dns::{DnsHealth, Health, RrSet, RrType};

const AT: Time = Time(1_000_000);
const KEY: &str = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDLSg4vfXQ9JqaFL/qkP4rW1RYZWKkjtzR6qcXBW55yibcCPGAIgixz0ykL+0tYQfBauRcKHhxRZDad2n4f0XX+JqwHcUC+9uf0wG+Bt/K6sopsDyHgpMwkCiR42YlFEEIO71s3vrjoIWyTZcZs8yjfLmptJs73W8U6rOLQaGlW8QIDAQAB";

fn set(name: &str, rtype: RrType, value: &str) -> RrSet {
    RrSet { name: name.into(), rtype, ttl: 300, values: vec![value.into()] }
}

fn seen(subject: &str, values: &[&str]) -> Seen {
    let values: Vec<_> = values.iter().map(|value| (*value).to_owned()).collect();
    let one = |by: &str| Sighting { subject: subject.into(), answered_by: by.into(), answer: values.clone(), at: AT };
    Seen { sightings: vec![one("ns1.example (192.0.2.1)"), one("a resolver")], values }
}

/// A domain whose records are all there.
fn healthy() -> DnsLook {
    let key = set("google._domainkey.acme.com", RrType::Txt, KEY);
    DnsLook {
        name: "acme.com".into(),
        wanted: vec![
            set("acme.com", RrType::Mx, "1 smtp.google.com"),
            set("acme.com", RrType::Txt, "v=spf1 include:_spf.google.com ~all"),
            key.clone(),
        ],
        mx: seen("acme.com MX", &["1 smtp.google.com"]),
        texts: seen("acme.com TXT", &["v=spf1 include:_spf.google.com ~all"]),
        included: [("_spf.google.com".to_owned(), seen("_spf.google.com TXT", &["v=spf1 ip4:192.0.2.1 ~all"]))].into(),
        dmarc: seen("_dmarc.acme.com TXT", &["v=DMARC1; p=none"]),
        keys: vec![KeyLook { wanted: key, record: seen("google._domainkey.acme.com TXT", &[KEY]), text: None }],
    }
}

fn judged(look: &DnsLook) -> (Vec<(CheckName, Verdict)>, DnsHealth) {
    let (checks, health) = judge(look, false, AT);
    for check in &checks {
        assert_eq!(check.reason.is_none(), check.verdict == Verdict::Passed, "{check:?}");
    }
    (checks.iter().map(|one| (one.check, one.verdict)).collect(), health)
}

/// The one check that does not pass once the look was changed.
fn not_passed(change: impl Fn(&mut DnsLook)) -> (CheckName, Verdict, Health) {
    let mut look = healthy();
    change(&mut look);
    let (checks, health) = judged(&look);
    let bad: Vec<_> = checks.into_iter().filter(|(_, verdict)| *verdict != Verdict::Passed).collect();
    let [(check, verdict)] = bad[..] else { panic!("{bad:?}") };
    let all = [(CheckName::Mx, health.mx), (CheckName::Spf, health.spf), (CheckName::Dkim, health.dkim)];
    let found = all.into_iter().find(|(one, _)| *one == check).map_or(health.dmarc, |(_, health)| health);
    (check, verdict, found)
}

#[test]
fn everything_that_is_as_it_should_be_has_passed_with_who_said_so() {
    let (checks, health) = judge(&healthy(), false, AT);
    assert!(health.is_ok() && checks.iter().all(|one| one.verdict == Verdict::Passed), "{checks:?}");
    let spf = &checks[1];
    let subjects: Vec<_> = spf.seen.iter().map(|one| one.subject.as_str()).collect();
    assert_eq!(subjects, ["acme.com TXT", "acme.com TXT", "_spf.google.com TXT", "_spf.google.com TXT"]);
}

#[test]
fn each_record_fails_by_itself() {
    use {CheckName as C, Health as H, Verdict as V};
    assert_eq!(not_passed(|look| look.mx = seen("", &[])), (C::Mx, V::Failed, H::Missing));
    assert_eq!(not_passed(|look| look.mx = seen("", &["5 other.com"])), (C::Mx, V::Failed, H::Wrong));
    assert_eq!(not_passed(|look| look.texts = seen("", &[])), (C::Spf, V::Failed, H::Missing));
    assert_eq!(not_passed(|look| look.included.clear()), (C::Spf, V::Unknown, H::Unknown));
    let lost = |look: &mut DnsLook| look.included = [("_spf.google.com".to_owned(), seen("", &[]))].into();
    assert_eq!(not_passed(lost), (C::Spf, V::Failed, H::Wrong), "what it includes is gone");
    assert_eq!(not_passed(|look| look.keys[0].record = seen("", &[])), (C::Dkim, V::Failed, H::Missing));
    assert_eq!(not_passed(|look| look.dmarc = seen("", &[])), (C::Dmarc, V::Failed, H::Missing));
}

#[test]
fn a_key_has_to_be_one_that_receivers_take_wherever_the_record_leads() {
    use {CheckName as C, Health as H, Verdict as V};
    let alias = |text: &[&str]| {
        let wanted = set("selector1._domainkey.acme.com", RrType::Cname, "key.tenant.example");
        KeyLook { record: seen("", &["key.tenant.example."]), text: Some(seen("", text)), wanted }
    };
    let keys = |keys: Vec<KeyLook>| not_passed(move |look| look.keys.clone_from(&keys));
    let cut = &KEY[..80];
    assert_eq!(keys(vec![alias(&[]), alias(&[])]), (C::Dkim, V::Failed, H::Missing), "it leads nowhere");
    assert_eq!(keys(vec![alias(&[KEY]), alias(&[cut])]), (C::Dkim, V::Failed, H::Wrong), "one of them is cut off");
    let mut look = healthy();
    look.keys = vec![alias(&[KEY]), alias(&[])];
    assert!(judged(&look).1.is_ok(), "the second is for later");
    look.keys[0].record = seen("", &["other.tenant.example"]);
    assert_eq!(judged(&look).1.dkim, Health::Wrong);
}

#[test]
fn what_does_not_apply_is_never_said_to_have_passed() {
    for (is_later, health) in [(true, Health::Missing), (false, Health::Ok)] {
        let look = DnsLook { keys: vec![], ..healthy() };
        let (checks, dns) = judge(&look, is_later, AT);
        assert_eq!((checks[2].verdict, dns.dkim), (Verdict::DoesNotApply, health));
        assert!(checks[2].reason.is_some());
    }
    for check in [judge_mailboxes(None, &["a@acme.com"], "google", AT), judge_links(None, &["a@acme.com"], AT)] {
        assert_eq!(check.verdict, Verdict::DoesNotApply);
        assert!(check.reason.is_some());
    }
}

#[test]
fn a_mailbox_that_is_not_found_or_shut_fails_and_is_named() {
    let found = |state| vec![MailboxLook { email: "A@acme.com".into(), state }];
    let check = |state| judge_mailboxes(Some(&found(state)), &["a@acme.com"], "google", AT);
    assert_eq!(check(MailboxState::Works).verdict, Verdict::Passed);
    for (state, why) in [
        (MailboxState::Suspended, "has shut a@acme.com."),
        (MailboxState::Unlicensed, "The licence of a@acme.com is gone"),
        (MailboxState::Missing, "does not have a@acme.com."),
    ] {
        let check = check(state);
        assert_eq!(
            (check.verdict, check.seen[0].answer.as_slice()),
            (Verdict::Failed, &[state.as_str().to_owned()][..])
        );
        assert!(check.reason.as_ref().is_some_and(|reason| reason.contains(why)), "{check:?}");
    }
    assert_eq!(judge_mailboxes(Some(&[]), &["a@acme.com"], "google", AT).verdict, Verdict::Failed);
}

#[test]
fn a_link_fails_without_an_account_or_where_a_login_fails_and_not_where_nothing_is_said() {
    let link = |exists, sends, receives| LinkLook { email: "a@acme.com".into(), exists, sends, receives };
    for (link, verdict) in [
        (link(true, Some(true), Some(true)), Verdict::Passed),
        (link(true, None, None), Verdict::Passed),
        (link(true, Some(false), Some(true)), Verdict::Failed),
        (link(true, Some(true), Some(false)), Verdict::Failed),
        (link(false, None, None), Verdict::Failed),
    ] {
        assert_eq!(judge_links(Some(std::slice::from_ref(&link)), &["a@acme.com"], AT).verdict, verdict, "{link:?}");
    }
    let many: Vec<_> = (0..9).map(|n| format!("n{n}@acme.com")).collect();
    let emails: Vec<_> = many.iter().map(String::as_str).collect();
    let reason = judge_links(Some(&[]), &emails, AT).reason.unwrap();
    assert!(reason.contains("n2@acme.com and 6 more") && !reason.contains("n3@"), "{reason}");
}
