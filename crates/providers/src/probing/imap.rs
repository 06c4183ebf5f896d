//! Finds mails in a mailbox, and changes nothing there (RFC 9051, and RFC 3501 before it).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncRead, AsyncWrite};

use super::line::{Line, Lost};
use crate::trouble::Trouble;

/// As many mails as are read of those that are found in a folder, the newest.
const MOST_MAILS: usize = 8;
/// As much as is read of a mail's headers, in bytes.
const MOST_OF_EACH: u64 = 64 * 1024;
/// More lines than any answer has.
const MOST_LINES: usize = 1_000;

/// Why nothing can be said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The mailbox is not reached, or does not go on.
    Lost,
    /// It does not let the login in.
    LoginRefused,
    /// It has none of the folders.
    NoFolder,
}

impl From<Lost> for Fault {
    fn from(_: Lost) -> Self {
        Self::Lost
    }
}

impl Fault {
    pub(super) fn trouble(self) -> Trouble {
        let words = match self {
            Self::Lost => return Trouble::Later(None),
            Self::LoginRefused => {
                "The probe mailbox does not let its login in: the operator has to correct probe.user or probe.password."
            }
            Self::NoFolder => "The probe mailbox has none of its folders: the operator has to correct probe.folders.",
        };
        Trouble::Misconfigured(words.into())
    }
}

/// The headers of the newest mails with this in their subject, which is letters and digits alone.
pub(super) async fn find<S: AsyncRead + AsyncWrite + Unpin>(
    line: Line<S>,
    login: (&str, &SecretString),
    folders: &[String],
    token: &str,
) -> Result<Vec<String>, Fault> {
    let mut talk = Talk { line };
    talk.log_in(login).await?;
    let (mut found, mut has_any) = (vec![], false);
    for folder in folders {
        // To examine is to select without the right to change anything.
        if !talk.ask(&format!("EXAMINE \"{folder}\"")).await?.is_ok {
            continue;
        }
        has_any = true;
        let mails = talk.ask(&format!("UID SEARCH SUBJECT \"{token}\"")).await?.numbers()?;
        for mail in &mails[mails.len().saturating_sub(MOST_MAILS)..] {
            let read = talk.ask(&format!("UID FETCH {mail} BODY.PEEK[HEADER]<0.{MOST_OF_EACH}>")).await?;
            found.extend(read.literals);
        }
    }
    let _ = talk.line.say("a LOGOUT\r\n").await;
    if has_any { Ok(found) } else { Err(Fault::NoFolder) }
}

struct Talk<S> {
    line: Line<S>,
}

/// What came of a command.
struct Answer {
    is_ok: bool,
    lines: Vec<String>,
    literals: Vec<String>,
}

impl Answer {
    /// The numbers of a search.
    fn numbers(&self) -> Result<Vec<u32>, Fault> {
        if !self.is_ok {
            return Err(Fault::Lost);
        }
        let said = self.lines.iter().filter_map(|line| line.strip_prefix("* SEARCH"));
        let mut numbers: Vec<_> =
            said.flat_map(str::split_ascii_whitespace).filter_map(|one| one.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    async fn log_in(&mut self, (user, password): (&str, &SecretString)) -> Result<(), Fault> {
        if !self.line.hear().await?.starts_with("* OK") {
            return Err(Fault::Lost);
        }
        self.line.say("a AUTHENTICATE PLAIN\r\n").await?;
        if !self.line.hear().await?.starts_with('+') {
            return Err(Fault::LoginRefused);
        }
        let said = BASE64_STANDARD.encode(format!("\0{user}\0{}", password.expose_secret()));
        self.line.say(&format!("{said}\r\n")).await?;
        let answer = self.answer().await?;
        if answer.is_ok { Ok(()) } else { Err(answer.why_not()) }
    }

    async fn ask(&mut self, command: &str) -> Result<Answer, Fault> {
        self.line.say(&format!("a {command}\r\n")).await?;
        self.answer().await
    }

    /// Everything up to the line that ends a command, with what was said byte by byte.
    async fn answer(&mut self) -> Result<Answer, Fault> {
        let mut answer = Answer { is_ok: false, lines: vec![], literals: vec![] };
        for _ in 0..MOST_LINES {
            let line = self.line.hear().await?;
            if let Some(count) = literal(&line) {
                let most = MOST_OF_EACH.max(1);
                let count = Some(count).filter(|count| *count <= most).ok_or(Fault::Lost)?;
                answer.literals.push(self.line.hear_bytes(count).await?);
            }
            let ended = line.strip_prefix("a ").map(|rest| rest.starts_with("OK"));
            answer.lines.push(line);
            if let Some(is_ok) = ended {
                answer.is_ok = is_ok;
                return Ok(answer);
            }
        }
        Err(Fault::Lost)
    }
}

impl Answer {
    /// Why a login was not let in: a server that cannot say whether it is right says so (RFC 5530 §3).
    fn why_not(&self) -> Fault {
        let is_for_now = self.lines.last().is_some_and(|line| line.contains("[UNAVAILABLE]"));
        if is_for_now { Fault::Lost } else { Fault::LoginRefused }
    }
}

/// How many bytes follow a line.
fn literal(line: &str) -> Option<u64> {
    let (_, count) = line.strip_suffix('}')?.rsplit_once('{')?;
    count.parse().ok()
}
