//! Names brought as far as a check needs them.

use model::dns::RrSet;
use model::domain::{DomainName, MailProvider};
use model::money::Cents;
use model::run::StepName;
use secrecy::SecretString;

use super::maker::Maker;
use super::patience::{settled, settled_parts};
use crate::call::Call;
use crate::cast::Cast;
use crate::roles::{Access, MailLogin, MailServer, MailboxSpec, Reachable, SequencerLogin};

/// More than an ordinary name costs anywhere, in cents.
pub(super) const PLENTY: Cents = 100_000;

/// A name that is ours.
pub(super) async fn bought(cast: &Cast, maker: &Maker) -> DomainName {
    let name = maker.name();
    let call = maker.call(&name, StepName::RegisterName);
    settled(&call, async |call| cast.registrar.ensure_registered(call, PLENTY).await).await;
    name
}

/// A name that is ours and delegated to its zone.
pub(super) async fn delegated(cast: &Cast, maker: &Maker) -> DomainName {
    let name = bought(cast, maker).await;
    let call = maker.call(&name, StepName::CreateZone);
    let nameservers = settled(&call, async |call| cast.dns.ensure_zone(call).await).await;
    let call = maker.call(&name, StepName::DelegateName);
    settled(&call, async |call| cast.registrar.ensure_nameservers(call, &nameservers).await).await;
    name
}

/// The mail domain of a delegated name, and the records it wants.
pub(super) async fn opened(cast: &Cast, maker: &Maker, provider: MailProvider) -> (DomainName, Vec<RrSet>) {
    let name = delegated(cast, maker).await;
    let call = maker.call(&name, StepName::OpenMailDomain);
    let records = settled(&call, async |call| cast.mail(provider).ensure_domain(call).await).await;
    (name, records)
}

/// A name whose mail domain is ready for mailboxes.
pub(super) async fn verified(cast: &Cast, maker: &Maker, provider: MailProvider) -> DomainName {
    let (name, records) = opened(cast, maker, provider).await;
    publish(cast, maker, &name, &records).await;
    let call = maker.call(&name, StepName::VerifyMailDomain);
    settled(&call, async |call| cast.mail(provider).ensure_verified(call).await).await;
    name
}

/// Writes records into the zone of a name.
pub(super) async fn publish(cast: &Cast, maker: &Maker, name: &DomainName, records: &[RrSet]) {
    let call = maker.call(name, StepName::PublishRecords);
    settled(&call, async |call| cast.dns.ensure_records(call, records).await).await;
}

/// Makes mailboxes on a ready name, and answers their addresses.
pub(super) async fn filled(
    cast: &Cast,
    maker: &Maker,
    provider: MailProvider,
    name: &DomainName,
    mailboxes: &[MailboxSpec],
) -> Vec<String> {
    let call = maker.call(name, StepName::CreateInboxes);
    settled_parts(&call, async |call| cast.mail(provider).ensure_mailboxes(call, mailboxes).await).await
}

/// Makes addresses accounts, and answers them with their ids, sorted.
pub(super) async fn linked(cast: &Cast, maker: &Maker, name: &DomainName, emails: &[String]) -> Vec<(String, String)> {
    let call = maker.call(name, StepName::LinkSequencer);
    let attempt = async |call: &Call| cast.sequencer.ensure_linked(call, &login(), &reachable(emails)).await;
    sorted(settled_parts(&call, attempt).await)
}

/// Closes a mail domain.
pub(super) async fn closed(cast: &Cast, maker: &Maker, provider: MailProvider, name: &DomainName) {
    let call = maker.later_call(name, "close_mail_domain");
    settled(&call, async |call| cast.mail(provider).ensure_no_domain(call).await).await;
}

/// Inboxes at these addresses, each with a login: whoever needs none does not look at it.
pub(super) fn reachable(emails: &[String]) -> Vec<Reachable> {
    let server = |host: &str, port| MailServer { host: host.into(), port };
    let login = |email: &String| MailLogin {
        user_name: email.clone(),
        password: SecretString::from("not a secret"),
        smtp: server("smtp.example.com", 465),
        imap: server("imap.example.com", 993),
    };
    let inbox = |email: &String| Reachable {
        email: email.clone(),
        first_name: "Jane".into(),
        last_name: "Doe".into(),
        provider: MailProvider::Google,
        access: Some(Access::Password(login(email))),
    };
    emails.iter().map(inbox).collect()
}

/// Descriptions of so many mailboxes.
pub(super) fn mailboxes(name: &DomainName, count: usize) -> Vec<MailboxSpec> {
    (1..=count).map(|n| mailbox(&format!("jane.doe{n}@{name}"))).collect()
}

/// The description of one mailbox.
pub(super) fn mailbox(email: &str) -> MailboxSpec {
    MailboxSpec { email: email.into(), first_name: "Jane".into(), last_name: "Doe".into(), picture: None }
}

/// The addresses of descriptions, sorted.
pub(super) fn addresses(mailboxes: &[MailboxSpec]) -> Vec<String> {
    sorted(mailboxes.iter().map(|mailbox| mailbox.email.clone()).collect())
}

/// The same things in their order.
pub(super) fn sorted<T: Ord>(mut things: Vec<T>) -> Vec<T> {
    things.sort();
    things
}

/// A login that is good enough for a double.
pub(super) fn login() -> SequencerLogin {
    SequencerLogin {
        client_id: None,
        email: Some("ops@example.com".into()),
        password: Some(SecretString::from("not a secret")),
        api_key: None,
    }
}
