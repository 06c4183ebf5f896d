//! The sandbox's mail hosts: the same one twice, with other records.

use async_trait::async_trait;
use model::dns::{RrSet, RrType};
use model::domain::{DomainName, MailProvider};

use super::Sim;
use super::behaviour::{Manner, Moment};
use super::estate::{MailDomain, Mailbox};
use super::ledger::Deed;
use super::scene::Scene;
use super::{made_up, mail_records};
use crate::call::Call;
use crate::roles::{MailHost, MailboxSpec, Part};
use crate::trouble::{Refused, Trouble};

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

    async fn ensure_verified(&self, call: &Call) -> Result<(), Trouble> {
        let provider = self.provider;
        self.sim.turn(call, move |scene| verify(scene, provider)).await
    }

    async fn ensure_mailboxes(&self, call: &Call, mailboxes: &[MailboxSpec]) -> Part<String> {
        let provider = self.provider;
        let wanted = mailboxes.iter().map(Wanted::new).collect::<Vec<_>>();
        self.sim.turn_in_parts(call, move |scene| fill(scene, provider, wanted)).await
    }

    async fn ensure_renamed(&self, call: &Call, from: &str, to: &MailboxSpec) -> Result<(), Trouble> {
        let (provider, from, to) = (self.provider, from.to_ascii_lowercase(), Wanted::new(to));
        self.sim.turn(call, move |scene| rename(scene, provider, &from, to)).await
    }

    async fn ensure_no_domain(&self, call: &Call) -> Result<(), Trouble> {
        let provider = self.provider;
        self.sim.turn(call, move |scene| Ok(close(scene, provider))).await
    }
}

fn open(scene: &mut Scene<'_>, provider: MailProvider) -> Result<Vec<RrSet>, Trouble> {
    if scene.behaviour.manner == Manner::Hopeless {
        return Err(for_good(format!("The mail host does not take {}.", scene.name())));
    }
    if !scene.estate.mail.contains_key(&provider) {
        scene.ask(Moment::OpeningMail)?;
        scene.estate.mail.insert(provider, MailDomain::default());
        scene.record_name(Deed::DomainOpened);
    }
    Ok(mail_records::wanted(provider, scene.name()))
}

fn verify(scene: &mut Scene<'_>, provider: MailProvider) -> Result<(), Trouble> {
    let name = scene.name();
    if domain(scene, provider)?.verified {
        return Ok(());
    }
    let proof = mail_records::ownership(provider, name);
    let zone = scene.estate.zone.as_ref().ok_or(Trouble::Later(None))?;
    if !zone.values(name.as_str(), RrType::Txt).contains(&proof) {
        return Err(Trouble::Later(None));
    }
    scene.ask(Moment::Verifying)?;
    domain(scene, provider)?.verified = true;
    scene.record_name(Deed::DomainVerified);
    Ok(())
}

/// A mailbox as it is to be, and where it is kept.
struct Wanted {
    email: String,
    key: String,
    mailbox: Mailbox,
}

impl Wanted {
    fn new(spec: &MailboxSpec) -> Self {
        let picture = spec.picture.as_ref().map(|bytes| format!("{:016x}", made_up::number_of(bytes)));
        let (first_name, last_name) = (spec.first_name.clone(), spec.last_name.clone());
        Self {
            email: spec.email.clone(),
            key: spec.email.to_ascii_lowercase(),
            mailbox: Mailbox { first_name, last_name, picture },
        }
    }

    fn is_at(&self, name: &DomainName) -> bool {
        self.key.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host == name.as_str())
    }
}

fn fill(scene: &mut Scene<'_>, provider: MailProvider, wanted: Vec<Wanted>) -> Result<Part<String>, Trouble> {
    let domain = domain(scene, provider)?;
    if !domain.verified {
        return Err(Trouble::Later(None));
    }
    let missing = wanted.iter().filter(|one| !domain.mailboxes.contains_key(&one.key)).count();
    let (mut room, mut trouble) = room(scene, missing);
    let mut done = vec![];
    for one in wanted {
        match put(scene, provider, &one, &mut room) {
            Ok(true) => done.push(one.email),
            Ok(false) => {}
            Err(refused) => trouble = trouble.or(Some(refused)),
        }
    }
    Ok(Part { done, trouble })
}

/// How many new mailboxes there is room for, and what stops the others.
fn room(scene: &mut Scene<'_>, missing: usize) -> (usize, Option<Trouble>) {
    if missing == 0 {
        return (0, None);
    }
    if let Err(trouble) = scene.ask(Moment::MakingMailboxes) {
        return (0, Some(trouble));
    }
    match scene.ask(Moment::HalfOfMailboxes) {
        Err(trouble) => (missing / 2, Some(trouble)),
        Ok(()) => (missing, None),
    }
}

/// Makes a mailbox be as wanted, and says whether it exists now: a new one needs room.
fn put(scene: &mut Scene<'_>, provider: MailProvider, one: &Wanted, room: &mut usize) -> Result<bool, Trouble> {
    let name = scene.name();
    if !one.is_at(name) {
        return Err(for_good(format!("{} is not an address of {name}.", one.email)));
    }
    let mailboxes = &mut domain(scene, provider)?.mailboxes;
    let deed = match mailboxes.get(&one.key) {
        Some(there) if *there == one.mailbox => return Ok(true),
        Some(_) => Deed::MailboxChanged,
        None if *room == 0 => return Ok(false),
        None => Deed::MailboxCreated,
    };
    if deed == Deed::MailboxCreated {
        *room -= 1;
    }
    mailboxes.insert(one.key.clone(), one.mailbox.clone());
    scene.record(deed, one.key.as_str());
    Ok(true)
}

/// Gives a mailbox its new name; when it has it already, nothing happens.
fn rename(scene: &mut Scene<'_>, provider: MailProvider, from: &str, to: Wanted) -> Result<(), Trouble> {
    let name = scene.name();
    if !to.is_at(name) {
        return Err(for_good(format!("{} is not an address of {name}.", to.email)));
    }
    let mailboxes = &mut domain(scene, provider)?.mailboxes;
    if mailboxes.get(&to.key) == Some(&to.mailbox) && (from == to.key || !mailboxes.contains_key(from)) {
        return Ok(());
    }
    if mailboxes.remove(from).is_none() {
        return Err(for_good(format!("There is no mailbox {from}.")));
    }
    mailboxes.insert(to.key.clone(), to.mailbox);
    scene.record(Deed::MailboxRenamed, to.key);
    Ok(())
}

fn close(scene: &mut Scene<'_>, provider: MailProvider) {
    let Some(domain) = scene.estate.mail.remove(&provider) else { return };
    for email in domain.mailboxes.into_keys() {
        scene.record(Deed::MailboxDeleted, email);
    }
    scene.record_name(Deed::DomainClosed);
}

/// The name at this host; it comes before its time when nobody has opened it there.
fn domain<'s>(scene: &'s mut Scene<'_>, provider: MailProvider) -> Result<&'s mut MailDomain, Trouble> {
    scene.estate.mail.get_mut(&provider).ok_or(Trouble::Later(None))
}

const fn for_good(words: String) -> Trouble {
    Trouble::Refused(Refused::ForGood(words))
}
