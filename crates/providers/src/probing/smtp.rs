//! Hands a mail to a server with a login (RFC 5321, RFC 6409, RFC 4954).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::first_mail::{NotSent, Sending};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncRead, AsyncWrite};

use super::line::{Line, Lost};

/// The port at which TLS comes first (RFC 8314 §3.3); at others it is asked for.
pub(super) const TLS_FROM_THE_START: u16 = 465;
/// More lines than any answer has.
const MOST_LINES: usize = 100;

/// A mail with its addresses.
pub(super) struct Mail<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) text: &'a str,
}

/// Why it did not go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nobody knows what the server has done.
    Lost,
    /// It has said no.
    Refused(NotSent),
}

impl From<Lost> for Fault {
    fn from(_: Lost) -> Self {
        Self::Lost
    }
}

/// What is known of a mail then.
pub(super) fn meaning(sent: Result<(), Fault>, handed_over: bool) -> Sending {
    match sent {
        Ok(()) => Sending::Taken,
        Err(Fault::Refused(why)) => Sending::Not(why),
        Err(Fault::Lost) if handed_over => Sending::PutDown,
        Err(Fault::Lost) => Sending::Not(NotSent::Unreached),
    }
}

/// A conversation that the server has opened.
pub(super) async fn greeted<S: AsyncRead + AsyncWrite + Unpin>(mut line: Line<S>) -> Result<Line<S>, Fault> {
    let (code, _) = answer(&mut line).await?;
    if code == 220 { Ok(line) } else { Err(Fault::Refused(NotSent::Unreached)) }
}

/// What is below a conversation from which TLS goes on (RFC 3207).
pub(super) async fn upgraded<S: AsyncRead + AsyncWrite + Unpin>(
    mut line: Line<S>,
    mail: &Mail<'_>,
) -> Result<S, Fault> {
    ask(&mut line, &hello(mail)).await?;
    match ask(&mut line, "STARTTLS").await?.0 {
        220 => Ok(line.into_inner()?),
        _ => Err(Fault::Refused(NotSent::Unreached)),
    }
}

/// Logs in and hands a mail over. `handed_over` is set when the server may have all of it.
pub(super) async fn send<S: AsyncRead + AsyncWrite + Unpin>(
    mut line: Line<S>,
    login: (&str, &SecretString),
    mail: &Mail<'_>,
    handed_over: &mut bool,
) -> Result<(), Fault> {
    let (_, abilities) = ask(&mut line, &hello(mail)).await?;
    log_in(&mut line, login, &abilities).await?;
    for (command, fine) in
        [(format!("MAIL FROM:<{}>", mail.from), 2), (format!("RCPT TO:<{}>", mail.to), 2), ("DATA".into(), 3)]
    {
        refused_unless(ask(&mut line, &command).await?.0, fine)?;
    }
    *handed_over = true;
    line.say(&dotted(mail.text)).await?;
    refused_unless(answer(&mut line).await?.0, 2)?;
    // It has the mail, whatever it says to this.
    let _ = line.say("QUIT\r\n").await;
    Ok(())
}

fn refused_unless(code: u16, fine: u16) -> Result<(), Fault> {
    match code / 100 {
        kind if kind == fine => Ok(()),
        4 | 5 => Err(Fault::Refused(NotSent::MailRefused)),
        _ => Err(Fault::Lost),
    }
}

fn hello(mail: &Mail<'_>) -> String {
    format!("EHLO {}", mail.from.rsplit_once('@').map_or("localhost", |(_, domain)| domain))
}

async fn log_in<S: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<S>,
    (user, password): (&str, &SecretString),
    abilities: &[String],
) -> Result<(), Fault> {
    let encoded = |text: String| BASE64_STANDARD.encode(text);
    let knows_plain = abilities.iter().any(|ability| {
        let mut words = ability.split_ascii_whitespace();
        words.next().is_some_and(|word| word.eq_ignore_ascii_case("AUTH"))
            && words.any(|word| word.eq_ignore_ascii_case("PLAIN"))
    });
    let password = password.expose_secret();
    let mut says = match knows_plain {
        true => vec![format!("AUTH PLAIN {}", encoded(format!("\0{user}\0{password}")))],
        // Microsoft's knows no other one with a password.
        false => vec!["AUTH LOGIN".to_owned(), encoded(user.to_owned()), encoded(password.to_owned())],
    };
    let last = says.pop().unwrap_or_default();
    for said in says {
        refused_login_unless(ask(line, &said).await?.0, 334)?;
    }
    refused_login_unless(ask(line, &last).await?.0, 235)
}

fn refused_login_unless(code: u16, fine: u16) -> Result<(), Fault> {
    match code {
        code if code == fine => Ok(()),
        400..500 => Err(Fault::Refused(NotSent::Unreached)),
        500..600 => Err(Fault::Refused(NotSent::LoginRefused)),
        _ => Err(Fault::Lost),
    }
}

async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<S>,
    command: &str,
) -> Result<(u16, Vec<String>), Fault> {
    // Two lines would be two commands.
    if command.contains(['\r', '\n']) {
        return Err(Fault::Refused(NotSent::MailRefused));
    }
    line.say(&format!("{command}\r\n")).await?;
    answer(line).await
}

/// An answer: its code, and what each of its lines says.
async fn answer<S: AsyncRead + AsyncWrite + Unpin>(line: &mut Line<S>) -> Result<(u16, Vec<String>), Fault> {
    let mut said = vec![];
    for _ in 0..MOST_LINES {
        let heard = line.hear().await?;
        let code = heard.get(..3).and_then(|code| code.parse().ok()).ok_or(Fault::Lost)?;
        said.push(heard.get(4..).unwrap_or_default().to_owned());
        match heard.as_bytes().get(3) {
            Some(b'-') => {}
            Some(b' ') | None => return Ok((code, said)),
            Some(_) => return Err(Fault::Lost),
        }
    }
    Err(Fault::Lost)
}

/// The text as it is handed over: a line that begins with a dot has one more, and a single one is the end.
fn dotted(text: &str) -> String {
    let lines: String = text
        .trim_end()
        .lines()
        .map(|line| if line.starts_with('.') { format!(".{line}\r\n") } else { format!("{line}\r\n") })
        .collect();
    lines + ".\r\n"
}
