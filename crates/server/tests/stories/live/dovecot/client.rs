//! How a sequencer looks whether a login works: it logs in, by SMTP and by IMAP.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// Longer than any of its answers takes: a wrong password is answered after some seconds.
const PATIENCE: Duration = Duration::from_secs(60);

struct Talk(BufReader<TcpStream>);

impl Talk {
    fn with(address: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
        Ok(Self(BufReader::new(stream)))
    }

    fn say(&mut self, line: &str) -> Result<(), String> {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).map_err(|error| error.to_string())
    }

    /// Everything up to a line that begins so, which is the answer.
    fn hear(&mut self, is_last: impl Fn(&str) -> bool) -> Result<String, String> {
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line).map_err(|error| error.to_string())?;
            if read == 0 {
                return Err("the server has gone".into());
            }
            if is_last(&line) {
                return Ok(line.trim().to_owned());
            }
        }
    }
}

/// Logs in by IMAP (RFC 9051).
pub(super) fn imap(address: SocketAddr, user: &str, password: &str) -> Result<(), String> {
    let mut talk = Talk::with(address)?;
    talk.hear(|line| line.starts_with("* OK"))?;
    talk.say(&format!("a LOGIN \"{user}\" \"{password}\""))?;
    let answer = talk.hear(|line| line.starts_with("a "))?;
    if answer.starts_with("a OK") { Ok(()) } else { Err(format!("Invalid login: {answer}")) }
}

/// Logs in by SMTP (RFC 4954).
pub(super) fn smtp(address: SocketAddr, user: &str, password: &str) -> Result<(), String> {
    let is_last = |line: &str| line.as_bytes().get(3) == Some(&b' ');
    let mut talk = Talk::with(address)?;
    talk.hear(is_last)?;
    talk.say("EHLO sequencer.example")?;
    talk.hear(is_last)?;
    talk.say(&format!("AUTH PLAIN {}", BASE64_STANDARD.encode(format!("\0{user}\0{password}"))))?;
    let answer = talk.hear(is_last)?;
    if answer.starts_with("235") { Ok(()) } else { Err(format!("Invalid login: {answer}")) }
}
