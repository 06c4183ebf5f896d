use proptest::prelude::*;

use super::*;
use crate::clock::SECOND;
use crate::evidence::{Check, CheckName};

const AT: Time = Time(1_700_000_000 * SECOND);
const SOON: Time = AT.plus(MINUTE);
const RECEIVER: Receiver<'static> = Receiver { server: "imap.operator.example", authserv_id: "mx.operator.example" };
const RIGHT: &str = "mx.operator.example; spf=pass smtp.mailfrom=alex@acme.com; dkim=pass header.d=acme.com; \
                     dmarc=pass header.from=acme.com";

fn mail() -> FirstMail {
    FirstMail { sending: Sending::Taken, ..FirstMail::new("0123abcd".into(), "alex@acme.com".into(), AT) }
}

/// Our letter, as it is received below these headers.
fn received(above: &[&str]) -> String {
    let above: String = above.iter().map(|value| format!("Authentication-Results: {value}\r\n")).collect();
    format!("Received: from somewhere\r\n{above}{}", letter(&mail(), "probe@operator.example"))
}

fn judged(above: &[&str]) -> Check {
    let check = judge(&mail(), &[received(above)], RECEIVER, true, SOON);
    assert_eq!((check.check, check.reason.is_none()), (CheckName::FirstMail, check.verdict == Verdict::Passed));
    check
}

fn is_right(results: &str) -> bool {
    judged(&[results]).verdict == Verdict::Passed
}

#[test]
fn what_its_receiver_finds_right_has_passed_with_their_words() {
    let check = judged(&["other.example; dmarc=fail", RIGHT]);
    let [seen] = check.seen.as_slice() else { panic!("{check:?}") };
    assert_eq!(seen.answered_by, "mx.operator.example (at imap.operator.example)");
    assert_eq!((seen.answer.as_slice(), seen.at), (&[RIGHT.to_owned()][..], SOON));
    assert!(is_right(&RIGHT.replace("header.d=acme.com", "header.i=@acme.com")), "as Google says it");
    assert!(is_right(&RIGHT.replace("smtp.mailfrom=alex@acme.com", "smtp.mailfrom=bounces.ACME.com")));
    assert!(is_right(&format!("{RIGHT}; dkim=fail header.d=other.example")), "a host's own signature may be another's");
}

#[test]
fn each_of_the_three_has_to_pass_for_the_domain_itself() {
    for (wrong, words) in [
        (("spf=pass", "spf=softfail"), "SPF"),
        (("smtp.mailfrom=alex@acme.com", "smtp.mailfrom=alex@evil.example"), "SPF"),
        (("smtp.mailfrom=alex@acme.com", "smtp.mailfrom=alex@notacme.com"), "SPF"),
        (("smtp.mailfrom=", "smtp.helo="), "SPF"),
        (("dkim=pass", "dkim=fail"), "DKIM"),
        (("header.d=acme.com", "header.d=tenant.example"), "DKIM"),
        (("header.d=acme.com", "header.d=tenant.example header.i=@acme.com"), "DKIM"),
        (("header.d=acme.com", "header.d=acme.com header.d=evil.example"), "DKIM"),
        (("dmarc=pass", "dmarc=fail"), "DMARC"),
        (("header.from=acme.com", "header.from=evil.example"), "DMARC"),
        (("dmarc=pass", "dmarc=pass; dmarc=fail"), "DMARC"),
    ] {
        let check = judged(&[&RIGHT.replace(wrong.0, wrong.1)]);
        let reason = check.reason.unwrap_or_default();
        assert_eq!(check.verdict, Verdict::Failed, "{wrong:?}");
        let named: Vec<_> = ["SPF", "DKIM", "DMARC"].into_iter().filter(|one| reason.contains(one)).collect();
        assert_eq!(named, [words], "{wrong:?}");
    }
    let unsigned = "mx.operator.example; spf=pass smtp.mailfrom=acme.com; dkim=none; dmarc=pass";
    assert!(!is_right(unsigned));
    let later = judge(&mail(), &[received(&[unsigned])], RECEIVER, false, SOON);
    assert_eq!(later.verdict, Verdict::Passed, "where mail is signed later");
}

#[test]
fn what_stands_below_the_receivers_own_word_is_anybodys() {
    let fails = "mx.operator.example; spf=fail smtp.mailfrom=acme.com; dkim=none; dmarc=fail";
    assert_eq!(judged(&[fails, RIGHT]).verdict, Verdict::Failed, "a forged one below");
    assert_eq!(judged(&["mx.operator.example; none", RIGHT]).verdict, Verdict::Failed);
    assert_eq!(judged(&["mx.operator.example 2; dkim=pass", RIGHT]).verdict, Verdict::Failed, "not understood");
    for other in [RIGHT.replace("mx.operator", "mx.evil"), "spf=pass; dkim=pass; dmarc=pass".into(), String::new()] {
        let check = judged(&[&other]);
        assert_eq!(check.verdict, Verdict::Unknown, "{other}");
        assert!(check.reason.unwrap().contains("probe.authserv_id"), "{other}");
    }
}

#[test]
fn another_mail_than_ours_is_none() {
    let of = |headers: String| judge(&mail(), &[headers], RECEIVER, true, SOON).verdict;
    assert_eq!(of(received(&[RIGHT])), Verdict::Passed);
    assert_eq!(of(received(&[RIGHT]).replace("Probe: 0123abcd", "Probe: 0123")), Verdict::Unknown);
    assert_eq!(of(received(&[RIGHT]).replace("From: <alex", "From: <eve")), Verdict::Unknown);
    assert_eq!(of(format!("\r\n{}", received(&[RIGHT]))), Verdict::Unknown, "in its text");
    let both = [received(&["mx.operator.example; none"]), received(&[RIGHT]), received(&["mx.operator.example; none"])];
    assert_eq!(judge(&mail(), &both, RECEIVER, true, SOON).verdict, Verdict::Passed);
}

#[test]
fn a_mail_that_has_not_come_is_waited_for_and_then_said_to_be_missing() {
    let told = |sending, at| judge(&FirstMail { sending, ..mail() }, &[], RECEIVER, true, at).verdict;
    for sending in [Sending::Taken, Sending::PutDown] {
        assert_eq!(told(sending, AT.plus(PATIENCE - 1)), Verdict::Unknown);
        assert_eq!(told(sending, AT.plus(PATIENCE)), Verdict::Failed);
    }
    assert_eq!(told(Sending::Not(NotSent::Unreached), SOON), Verdict::Unknown);
    assert_eq!(told(Sending::Not(NotSent::LoginRefused), SOON), Verdict::Failed);
}

#[test]
fn another_mail_is_put_down_only_when_the_one_before_has_had_its_time() {
    let (failed, unsure) = (Verdict::Failed, Verdict::Unknown);
    let early = AT.plus(PATIENCE - 1);
    assert_eq!(next(&mail(), unsure, early), Next::Wait(early.plus(AGAIN)));
    assert_eq!(next(&mail(), failed, early), Next::Wait(early.plus(AGAIN)), "it has arrived, and is wrong");
    let due = AT.plus(PATIENCE);
    let Next::Another(second) = next(&mail(), failed, due) else { panic!("no second") };
    assert_eq!((second.number, second.sending, second.at), (2, Sending::PutDown, due));
    assert_eq!(second.token, mail().token);
    assert_eq!(next(&second, failed, due.plus(PATIENCE)), Next::Operator);
    assert!(matches!(next(&second, failed, due.plus(HOUR)), Next::Another(third) if third.number == 3));
    assert_eq!(next(&mail(), unsure, AT.plus(100 * HOUR)), Next::Wait(AT.plus(100 * HOUR + AGAIN)), "nobody knows");
    let not = FirstMail { sending: Sending::Not(NotSent::Unreached), ..mail() };
    assert!(matches!(next(&not, unsure, AT.plus(2 * MINUTE)), Next::Another(_)), "it is certain that there was none");
}

#[test]
fn what_stands_below_a_word_of_the_receivers_that_cannot_be_read_is_not_believed() {
    for unreadable in ["mx.operator.example; spf=fail (no end", "MX.operator.example a b; spf=pass"] {
        let check = judged(&[unreadable, RIGHT]);
        assert_eq!(check.verdict, Verdict::Unknown, "{unreadable}");
    }
    assert_eq!(
        judged(&["spf=pass (of nobody that says so)", RIGHT]).verdict,
        Verdict::Passed,
        "as Microsoft writes it"
    );
}

#[test]
fn the_letter_is_ascii_with_its_token_and_a_date_of_mail() {
    let text = letter(&mail(), "probe@operator.example");
    assert!(text.is_ascii() && text.lines().all(|line| line.len() < 200) && !text.replace("\r\n", "").contains('\n'));
    let head: Vec<_> = text.lines().take(6).collect();
    assert_eq!(
        head,
        [
            "From: <alex@acme.com>",
            "To: <probe@operator.example>",
            "Subject: First mail of acme.com (0123abcd)",
            "Date: Tue, 14 Nov 2023 22:13:20 +0000",
            "Message-ID: <0123abcd.1@acme.com>",
            "X-Mailwright-Probe: 0123abcd",
        ]
    );
}

proptest! {
    /// Whatever a stranger writes below the receiver's own word, and whatever is in the mail, is no evidence.
    #[test]
    fn nothing_below_makes_a_failed_mail_right(below in "\\PC{0,200}", odd in "[a-z=;. ()\"@\r\n\t:]{0,300}") {
        let fails = "mx.operator.example; spf=fail smtp.mailfrom=acme.com; dkim=none; dmarc=fail";
        let forged = format!("{below}; {RIGHT}");
        let head = received(&[fails, &forged, RIGHT]);
        let check = judge(&mail(), &[format!("{head}{odd}")], RECEIVER, true, SOON);
        prop_assert_eq!(check.verdict, Verdict::Failed);
    }

    #[test]
    fn nothing_makes_it_fall(text in "\\PC{0,500}", odd in "[A-Z:a-z=;. ()\"@\r\n\t]{0,500}") {
        for text in [text, odd] {
            prop_assert_ne!(judge(&mail(), &[text], RECEIVER, true, SOON).verdict, Verdict::Passed);
        }
    }
}
