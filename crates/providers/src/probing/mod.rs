//! A mailbox of the operator's, to which domains send a first mail: how that is sent, and how it is found there.
//!
//! Nobody else's word decides whom is talked to: the hosts of mailboxes have servers that are known, and the mailbox is the
//! operator's, wherever it is. So it may be in a network of their own, which [`crate::egress`] keeps customers out of.

mod imap;
mod line;
mod smtp;
#[cfg(test)]
mod tests;
mod tls;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use model::first_mail::{FirstMail, Receiver, Sending, letter};
use rustls::ClientConfig;
use secrecy::SecretString;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use self::line::{Line, Lost};
use crate::access::MailLogin;
use crate::trouble::Trouble;

/// The longest that a conversation may take.
const LIMIT: Duration = Duration::from_secs(40);
/// The longest that somebody waits for a place at the mailbox.
const QUEUE: Duration = Duration::from_secs(10);
/// Conversations with the mailbox at once: vendors of mailboxes allow few, and whoever reads it by other means has some.
const AT_ONCE: usize = 4;

/// Sends first mails, and finds them where they are received.
#[async_trait]
pub trait Prober: Send + Sync {
    /// Who receives them, and whose word is believed of them.
    fn receiver(&self) -> Receiver<'_>;

    /// Sends a mail with the login of the inbox that it is from. Says what is known of it then: after the whole mail was handed over,
    /// only a clear answer says that it was not sent.
    async fn send(&self, login: &MailLogin, mail: &FirstMail) -> Sending;

    /// The headers of each mail in the mailbox that has a mail's token in its subject.
    ///
    /// # Errors
    /// `Misconfigured` when the mailbox does not let its login in, or has none of its folders; `Later` or `Unknown` when it cannot be
    /// asked now.
    async fn find(&self, mail: &FirstMail) -> Result<Vec<String>, Trouble>;
}

/// What the configuration says of the mailbox.
#[derive(Clone, Debug)]
pub struct ProbeSettings {
    /// Its address.
    pub mailbox: String,
    /// What the server that receives its mail calls itself in what it writes on top of it.
    pub authserv_id: String,
    /// Its IMAP server.
    pub imap_host: String,
    /// The port of that, with TLS from the start.
    pub imap_port: u16,
    /// Its login there.
    pub user: String,
    /// The password of that.
    pub password: SecretString,
    /// Where mail may be.
    pub folders: Vec<String>,
}

/// How servers are reached.
#[async_trait]
pub trait Dial: Send + Sync {
    /// A connection to a server.
    async fn dial(&self, host: &str, port: u16) -> io::Result<TcpStream> {
        TcpStream::connect((host, port)).await
    }

    /// Who has signed the servers' certificates, in PEM; `None` for those whom the machine trusts.
    fn roots(&self) -> Option<String> {
        None
    }
}

/// Over the internet.
#[derive(Clone, Copy, Debug)]
pub struct Directly;

impl Dial for Directly {}

/// The mailbox.
pub struct ProbeMailbox {
    settings: ProbeSettings,
    dial: Arc<dyn Dial>,
    tls: Arc<ClientConfig>,
    places: Semaphore,
}

impl ProbeMailbox {
    /// The mailbox of these settings. Nobody is asked.
    ///
    /// # Errors
    /// When the machine has no certificate roots.
    pub fn new(settings: ProbeSettings, dial: Arc<dyn Dial>) -> Result<Self, String> {
        let tls = Arc::new(tls::config(dial.roots().as_deref())?);
        Ok(Self { settings, dial, tls, places: Semaphore::new(AT_ONCE) })
    }

    async fn find_there(&self, mail: &FirstMail) -> Result<Vec<String>, imap::Fault> {
        let ProbeSettings { imap_host, imap_port, user, password, folders, .. } = &self.settings;
        let stream = self.dial.dial(imap_host, *imap_port).await.map_err(Lost::from)?;
        let line = Line::new(tls::begin(&self.tls, imap_host, stream).await?);
        imap::find(line, (user, password), folders, &mail.token).await
    }

    async fn send_there(
        &self,
        login: &MailLogin,
        text: &smtp::Mail<'_>,
        handed_over: &mut bool,
    ) -> Result<(), smtp::Fault> {
        let (host, port) = (login.smtp.host.as_str(), login.smtp.port);
        let stream = self.dial.dial(host, port).await.map_err(Lost::from)?;
        let line = match port {
            smtp::TLS_FROM_THE_START => smtp::greeted(Line::new(tls::begin(&self.tls, host, stream).await?)).await?,
            _ => {
                let plain = smtp::upgraded(smtp::greeted(Line::new(stream)).await?, text).await?;
                Line::new(tls::begin(&self.tls, host, plain).await?)
            }
        };
        smtp::send(line, (&login.user_name, &login.password), text, handed_over).await
    }
}

#[async_trait]
impl Prober for ProbeMailbox {
    fn receiver(&self) -> Receiver<'_> {
        Receiver { server: &self.settings.imap_host, authserv_id: &self.settings.authserv_id }
    }

    async fn send(&self, login: &MailLogin, mail: &FirstMail) -> Sending {
        let text = letter(mail, &self.settings.mailbox);
        let mail = smtp::Mail { from: &mail.from, to: &self.settings.mailbox, text: &text };
        let mut handed_over = false;
        let sent = timeout(LIMIT, self.send_there(login, &mail, &mut handed_over)).await;
        smtp::meaning(sent.unwrap_or(Err(smtp::Fault::Lost)), handed_over)
    }

    async fn find(&self, mail: &FirstMail) -> Result<Vec<String>, Trouble> {
        let place = timeout(QUEUE, self.places.acquire()).await;
        let Ok(Ok(_place)) = place else { return Err(Trouble::Later(None)) };
        match timeout(LIMIT, self.find_there(mail)).await {
            Ok(found) => found.map_err(imap::Fault::trouble),
            Err(_) => Err(Trouble::Later(None)),
        }
    }
}
