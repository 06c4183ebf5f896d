//! The sandbox's mail hosts: the same one twice, with other records.

use async_trait::async_trait;
use model::clock::{DAY, HOUR, Time};
use model::dns::{RrSet, RrType};
use model::domain::MailProvider;
use model::evidence::{MailboxLook, MailboxState};

use super::Sim;
use super::behaviour::{Manner, Moment};
use super::estate::MailDomain;
use super::ledger::Deed;
use super::mail_records;
use super::mailboxes::{Wanted, fill, rename};
use super::observer::resolve;
use super::scene::{Scene, for_good};
use crate::call::Call;
use crate::roles::{MailHost, MailboxSpec, Part};
use crate::trouble::{Trouble, UnderWay};

/// How long a slow signing key takes, in microseconds of partner time.
pub(super) const KEY_TAKES: i64 = 72 * HOUR;
/// How long after their domain was opened mailboxes are shut that are shut on purpose, in microseconds of partner time.
pub(super) const SHUT_AFTER: i64 = 30 * DAY;
/// How long they are.
pub(super) const SHUT_FOR: i64 = 2 * DAY;

/// The sandbox as a host for one kind of mailboxes.
pub(super) struct Tenant {
    /// The sandbox.
    pub(super) sim: Sim,
    /// Which kind.
    pub(super) provider: MailProvider,
}

#[async_trait]
impl MailHost for Tenant {
    async fn ensure_domain(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        let provider = self.provider;
        self.sim.turn(call, move |scene| open(scene, provider)).await
    }

    async fn ensure_verified(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        let provider = self.provider;
        self.sim.turn(call, move |scene| verify(scene, provider)).await.map(|()| vec![])
    }

    async fn ensure_signed(&self, call: &Call, published: &[RrSet]) -> Result<Vec<RrSet>, Trouble> {
        let (provider, published) = (self.provider, published.to_vec());
        self.sim.turn(call, move |scene| sign(scene, provider, published)).await
    }

    async fn ensure_mailboxes(&self, call: &Call, mailboxes: &[MailboxSpec]) -> Part<String> {
        let provider = self.provider;
        let wanted = mailboxes.iter().map(Wanted::new).collect::<Vec<_>>();
        self.sim.turn_in_parts(call, move |scene| fill(scene, provider, wanted)).await
    }

    async fn ensure_renamed(&self, call: &Call, from: &str, to: &MailboxSpec) -> Result<(), Trouble> {
        let (provider, from, to) = (self.provider, from.to_ascii_lowercase(), Wanted::new(to));
        self.sim.turn(call, move |scene| rename(scene, provider, &from, &to)).await
    }

    async fn mailboxes(&self, call: &Call, emails: &[String]) -> Result<Option<Vec<MailboxLook>>, Trouble> {
        let (provider, emails) = (self.provider, emails.to_vec());
        self.sim.turn(call, move |scene| Ok(Some(look(scene, provider, &emails)))).await
    }

    async fn ensure_no_domain(&self, call: &Call) -> Result<(), Trouble> {
        let provider = self.provider;
        self.sim.turn(call, move |scene| close(scene, provider)).await
    }
}

fn look(scene: &Scene<'_>, provider: MailProvider, emails: &[String]) -> Vec<MailboxLook> {
    let domain = scene.estate.mail.get(&provider);
    let is_there =
        |email: &str| domain.is_some_and(|domain| domain.mailboxes.contains_key(&email.to_ascii_lowercase()));
    let opened = domain.map_or(scene.call.now, |domain| Time(domain.since));
    let shut = opened.plus(SHUT_AFTER)..opened.plus(SHUT_AFTER + SHUT_FOR);
    let is_shut = scene.behaviour.manner == Manner::ShuttingMailboxes && shut.contains(&scene.call.now);
    let state = |email: &str| match is_there(email) {
        true if is_shut => MailboxState::Suspended,
        true => MailboxState::Works,
        false => MailboxState::Missing,
    };
    emails.iter().map(|email| MailboxLook { email: email.clone(), state: state(email) }).collect()
}

fn open(scene: &mut Scene<'_>, provider: MailProvider) -> Result<Vec<RrSet>, Trouble> {
    if scene.behaviour.manner == Manner::Hopeless {
        return Err(for_good(format!("The mail host does not take {}.", scene.name())));
    }
    if !scene.estate.mail.contains_key(&provider) {
        scene.ask(Moment::OpeningMail)?;
        scene.estate.mail.insert(provider, MailDomain { since: scene.call.now.0, ..MailDomain::default() });
        scene.record_name(Deed::DomainOpened);
    }
    key_is_made(scene, provider)?;
    let mut records = mail_records::wanted(provider, scene.name());
    if is_signed_by_hand(scene) {
        records.retain(|set| !is_key(set));
    }
    Ok(records)
}

const fn is_signed_by_hand(scene: &Scene<'_>) -> bool {
    matches!(scene.behaviour.manner, Manner::Asking(Moment::Signing, _))
}

fn is_key(set: &RrSet) -> bool {
    set.name.contains("._domainkey.")
}

/// Somebody has sent the key, or has it made: then it is told.
fn sign(scene: &mut Scene<'_>, provider: MailProvider, published: Vec<RrSet>) -> Result<Vec<RrSet>, Trouble> {
    if !is_signed_by_hand(scene) || !published.is_empty() {
        return Ok(published);
    }
    scene.ask(Moment::Signing)?;
    Ok(mail_records::wanted(provider, scene.name()).into_iter().filter(is_key).collect())
}

/// A slow key is waited for before the records are told: it is one of them.
fn key_is_made(scene: &mut Scene<'_>, provider: MailProvider) -> Result<(), Trouble> {
    let ready = Time(domain(scene, provider)?.since).plus(KEY_TAKES);
    if scene.behaviour.manner == Manner::SlowKey && scene.call.now < ready {
        return Err(Trouble::UnderWay(UnderWay::SigningKey, ready));
    }
    Ok(())
}

fn verify(scene: &mut Scene<'_>, provider: MailProvider) -> Result<(), Trouble> {
    let name = scene.name();
    if domain(scene, provider)?.verified {
        return Ok(());
    }
    let proof = mail_records::ownership(provider, name);
    if !resolve(scene, name.as_str(), RrType::Txt).contains(&proof) {
        return Err(Trouble::Later(None));
    }
    domain(scene, provider)?.verified = true;
    scene.record_name(Deed::DomainVerified);
    Ok(())
}

fn close(scene: &mut Scene<'_>, provider: MailProvider) -> Result<(), Trouble> {
    let Some(domain) = scene.estate.mail.remove(&provider) else { return Ok(()) };
    for email in domain.mailboxes.into_keys() {
        scene.record(Deed::MailboxDeleted, email);
    }
    scene.record_name(Deed::DomainClosed);
    Ok(())
}

/// The name at this host; it comes before its time when nobody has opened it there.
pub(super) fn domain<'s>(scene: &'s mut Scene<'_>, provider: MailProvider) -> Result<&'s mut MailDomain, Trouble> {
    scene.estate.mail.get_mut(&provider).ok_or(Trouble::Later(None))
}
