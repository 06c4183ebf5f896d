use model::first_mail::{NotSent, Sending};
use proptest::prelude::*;
use secrecy::SecretString;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, duplex};

use super::line::Line;
use super::{imap, smtp};
use crate::trouble::Trouble;

const MAIL: smtp::Mail<'static> =
    smtp::Mail { from: "alex@acme.com", to: "probe@operator.example", text: "Subject: x\r\n\r\n.hidden\r\nend\r\n" };
const TOKEN: &str = "0123abcd";

/// A server that says these things, each after it has heard a line that begins so; then it hangs up. What it heard is answered.
async fn server(stream: DuplexStream, script: Vec<(&str, String)>) -> Vec<String> {
    let (mut stream, mut all) = (BufReader::new(stream), vec![]);
    for (awaited, said) in script {
        while !awaited.is_empty() && !all.last().is_some_and(|line| is_awaited(line, awaited)) {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or_default() == 0 {
                return all;
            }
            all.push(line.trim_end().to_owned());
        }
        let _ = stream.write_all(said.as_bytes()).await;
        // The same line does not count twice.
        all.push(String::new());
    }
    all
}

/// A dot alone is a line of its own.
fn is_awaited(line: &String, awaited: &str) -> bool {
    if awaited == "." { line == "." } else { line.starts_with(awaited) }
}

fn said(script: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    script.iter().map(|(awaited, said)| (*awaited, format!("{said}\r\n"))).collect()
}

fn password() -> SecretString {
    "pass \"word".to_owned().into()
}

const TAKES: [(&str, &str); 6] = [
    ("EHLO acme.com", "250-mail\r\n250-AUTH LOGIN PLAIN\r\n250 SIZE"),
    ("AUTH PLAIN AGFsZXhAYWNtZS5jb20AcGFzcyAid29yZA==", "235 fine"),
    ("MAIL FROM:<alex@acme.com>", "250 fine"),
    ("RCPT TO:<probe@operator.example>", "250 fine"),
    ("DATA", "354 go on"),
    (".", "250 taken"),
];

/// What is known of a mail that is handed to this server, and what it has heard.
async fn sent(script: &[(&'static str, &str)]) -> (Sending, Vec<String>) {
    let (ours, theirs) = duplex(1024);
    let mut handed_over = false;
    let (password, script) = (password(), said(script));
    let sending = smtp::send(Line::new(ours), ("alex@acme.com", &password), &MAIL, &mut handed_over);
    let (sent, heard) = tokio::join!(sending, server(theirs, script));
    (smtp::meaning(sent, handed_over), heard)
}

/// The script, where the answer to one line is another.
fn but(awaited: &'static str, other: &'static str) -> Vec<(&'static str, &'static str)> {
    let place = TAKES.iter().position(|(line, _)| line.starts_with(awaited)).unwrap();
    TAKES[..place].iter().copied().chain([(awaited, other)]).collect()
}

#[tokio::test]
async fn a_mail_is_handed_over_with_the_inboxs_login() {
    let (sending, heard) = sent(&TAKES).await;
    assert_eq!(sending, Sending::Taken);
    assert!(heard.iter().any(|line| line == "..hidden") && heard.iter().any(|line| line == "end"), "{heard:?}");
}

#[tokio::test]
async fn microsofts_way_to_log_in_is_known() {
    let mut script = TAKES.to_vec();
    script.splice(
        0..2,
        [
            ("EHLO", "250 AUTH LOGIN XOAUTH2"),
            ("AUTH LOGIN", "334 VXNlcm5hbWU6"),
            ("YWxleEBhY21lLmNvbQ==", "334 UGFzc3dvcmQ6"),
            ("cGFzcyAid29yZA==", "235 fine"),
        ],
    );
    assert_eq!(sent(&script).await.0, Sending::Taken);
}

#[tokio::test]
async fn only_a_clear_answer_says_that_nothing_was_sent_once_it_was_handed_over() {
    let not = Sending::Not;
    for (awaited, answer, known) in [
        ("EHLO", "nonsense", not(NotSent::Unreached)),
        ("AUTH", "535 5.7.8 no", not(NotSent::LoginRefused)),
        ("AUTH", "454 later", not(NotSent::Unreached)),
        ("MAIL", "550 you may not send", not(NotSent::MailRefused)),
        ("RCPT", "450 later", not(NotSent::MailRefused)),
        ("DATA", "554 no", not(NotSent::MailRefused)),
        (".", "552 no", not(NotSent::MailRefused)),
        (".", "nonsense", Sending::PutDown),
        (".", "25", Sending::PutDown),
        (".", "250-taken, and no last line", Sending::PutDown),
    ] {
        assert_eq!(sent(&but(awaited, answer)).await.0, known, "{awaited} {answer}");
    }
    let hangs_up = &TAKES[..5];
    assert_eq!(sent(hangs_up).await.0, Sending::PutDown, "it has hung up with all of the mail");
    assert_eq!(sent(&TAKES[..4]).await.0, not(NotSent::Unreached), "and without any of it");
}

#[tokio::test]
async fn an_answer_without_end_is_none() {
    let long = "x".repeat(100_000);
    let many = "250-x\r\n".repeat(1_000);
    for answer in [format!("250 {long}"), many] {
        assert_eq!(sent(&[("EHLO", &answer)]).await.0, Sending::Not(NotSent::Unreached));
    }
}

#[tokio::test]
async fn what_is_said_before_tls_was_begun_is_not_taken_for_what_is_said_in_it() {
    for (answer, is_fine) in [("220 go on", true), ("220 go on\r\n250 AUTH PLAIN", false), ("454 no TLS", false)] {
        let (ours, theirs) = duplex(1024);
        let script = said(&[("", "220-hello\r\n220 mail"), ("EHLO", "250 STARTTLS"), ("STARTTLS", answer)]);
        let upgrading = async {
            let line = smtp::greeted(Line::new(ours)).await?;
            smtp::upgraded(line, &MAIL).await
        };
        let (upgraded, _) = tokio::join!(upgrading, server(theirs, script));
        assert_eq!(upgraded.is_ok(), is_fine, "{answer}");
    }
}

async fn found(script: &[(&'static str, &str)]) -> Result<Vec<String>, imap::Fault> {
    let (ours, theirs) = duplex(1024);
    let (password, folders) = (password(), ["INBOX".to_owned(), "Junk".to_owned()]);
    let finding = imap::find(Line::new(ours), ("probe", &password), &folders, TOKEN);
    tokio::join!(finding, server(theirs, said(script))).0
}

const LOGS_IN: [(&str, &str); 3] =
    [("", "* OK ready"), ("a AUTHENTICATE PLAIN", "+ "), ("AHByb2JlAHBhc3MgIndvcmQ=", "a OK in")];

fn after_login(script: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    LOGS_IN.iter().chain(script).copied().collect()
}

#[tokio::test]
async fn mails_are_found_in_each_folder_that_there_is() {
    let script = after_login(&[
        ("a EXAMINE \"INBOX\"", "* 3 EXISTS\r\na OK [READ-ONLY] done"),
        ("a UID SEARCH SUBJECT \"0123abcd\"", "* SEARCH 9 4\r\na OK done"),
        ("a UID FETCH 4 BODY.PEEK[HEADER]", "* 1 FETCH (UID 4 BODY[HEADER]<0> {9}\r\nX: a OK\r\n)\r\na OK done"),
        ("a UID FETCH 9 BODY.PEEK[HEADER]", "* 2 FETCH (UID 9 BODY[HEADER]<0> {6}\r\nX: b\r\n)\r\na OK done"),
        ("a EXAMINE \"Junk\"", "a NO there is none"),
    ]);
    assert_eq!(found(&script).await, Ok(vec!["X: a OK\r\n".to_owned(), "X: b\r\n".to_owned()]));
}

#[tokio::test]
async fn a_mailbox_that_is_not_as_it_should_be_is_told_from_one_that_is_away() {
    use imap::Fault;
    let refused = [LOGS_IN[0], LOGS_IN[1], (LOGS_IN[2].0, "a NO [AUTHENTICATIONFAILED] no")];
    let away = [LOGS_IN[0], LOGS_IN[1], (LOGS_IN[2].0, "a NO [UNAVAILABLE] later")];
    assert_eq!(found(&refused).await, Err(Fault::LoginRefused));
    assert_eq!(found(&[LOGS_IN[0], (LOGS_IN[1].0, "a BAD what")]).await, Err(Fault::LoginRefused));
    let nothing = after_login(&[("a EXAMINE \"INBOX\"", "a NO none"), ("a EXAMINE \"Junk\"", "a NO none")]);
    assert_eq!(found(&nothing).await, Err(Fault::NoFolder));
    for script in [&away[..], &[("", "* BYE")], &[], &LOGS_IN] {
        assert_eq!(found(script).await, Err(Fault::Lost), "{script:?}");
    }
    assert_eq!(Fault::Lost.trouble(), Trouble::Later(None));
    for (fault, setting) in [(Fault::LoginRefused, "probe.password"), (Fault::NoFolder, "probe.folders")] {
        assert!(matches!(fault.trouble(), Trouble::Misconfigured(words) if words.contains(setting)));
    }
}

#[tokio::test]
async fn a_mailbox_that_says_more_than_it_may_is_left() {
    let examined = ("a EXAMINE \"INBOX\"", "a OK");
    let searched = ("a UID SEARCH", "* SEARCH 1\r\na OK");
    let huge = after_login(&[examined, searched, ("a UID FETCH 1", "* 1 FETCH (BODY[HEADER] {99999999999}\r\nX: a")]);
    assert_eq!(found(&huge).await, Err(imap::Fault::Lost));
    let short = after_login(&[examined, searched, ("a UID FETCH 1", "* 1 FETCH (BODY[HEADER] {60000}\r\nX: a")]);
    assert_eq!(found(&short).await, Err(imap::Fault::Lost));
    let chatty = "* OK still here\r\n".repeat(2_000);
    let endless: Vec<_> = LOGS_IN.iter().copied().chain([(examined.0, chatty.as_str())]).collect();
    assert_eq!(found(&endless).await, Err(imap::Fault::Lost));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a server says, it comes to an end, and never to a mail that was taken.
    #[test]
    fn nothing_that_is_no_answer_is_taken_for_one(odd in "[ -~\r\n{}*+]{0,300}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (known, mails) = runtime.block_on(async {
            let mails = found(&[LOGS_IN[0], LOGS_IN[1], LOGS_IN[2], ("a EXAMINE", &odd)]).await;
            (sent(&[TAKES[0], TAKES[1], ("MAIL", &odd)]).await.0, mails)
        });
        prop_assert_ne!(known, Sending::Taken);
        prop_assert!(mails.is_err());
    }
}
