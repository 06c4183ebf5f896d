//! The sandbox's mail hosts: the same one twice, with other records.

use async_trait::async_trait;
use model::dns::{RrSet, RrType};
use model::domain::MailProvider;

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
        self.sim.turn(call, |scene| open(scene, self.provider)).await
    }

    async fn ensure_verified(&self, call: &Call) -> Result<(), Trouble> {
        self.sim.turn(call, |scene| verify(scene, self.provider)).await
    }

    async fn ensure_mailboxes(&self, call: &Call, mailboxes: &[MailboxSpec]) -> Part<String> {
        self.sim.turn_in_parts(call, |scene| fill(scene, self.provider, mailboxes)).await
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

fn fill(scene: &mut Scene<'_>, provider: MailProvider, specs: &[MailboxSpec]) -> Result<Part<String>, Trouble> {
    let domain = domain(scene, provider)?;
    if !domain.verified {
        return Err(Trouble::Later(None));
    }
    let missing = specs.iter().filter(|spec| !domain.mailboxes.contains_key(&key(spec))).count();
    let (mut room, mut trouble) = room(scene, missing);
    let mut done = vec![];
    for spec in specs {
        match put(scene, provider, spec, &mut room) {
            Ok(true) => done.push(spec.email.clone()),
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

/// Makes a mailbox be as described, and says whether it exists now: a new one needs room.
fn put(scene: &mut Scene<'_>, provider: MailProvider, spec: &MailboxSpec, room: &mut usize) -> Result<bool, Trouble> {
    let (key, name) = (key(spec), scene.name());
    if key.split_once('@').is_none_or(|(local, host)| local.is_empty() || host != name.as_str()) {
        return Err(for_good(format!("{} is not an address of {name}.", spec.email)));
    }
    let mailboxes = &mut domain(scene, provider)?.mailboxes;
    let wanted = described(spec);
    let deed = match mailboxes.get(&key) {
        Some(there) if *there == wanted => return Ok(true),
        Some(_) => Deed::MailboxChanged,
        None if *room == 0 => return Ok(false),
        None => Deed::MailboxCreated,
    };
    if deed == Deed::MailboxCreated {
        *room -= 1;
    }
    mailboxes.insert(key.clone(), wanted);
    scene.record(deed, key);
    Ok(true)
}

fn described(spec: &MailboxSpec) -> Mailbox {
    let fingerprint = |bytes: &Vec<u8>| format!("{:016x}", made_up::number_of(bytes));
    Mailbox {
        first_name: spec.first_name.clone(),
        last_name: spec.last_name.clone(),
        picture: spec.picture.as_ref().map(fingerprint),
    }
}

fn key(spec: &MailboxSpec) -> String {
    spec.email.to_ascii_lowercase()
}

/// The name at this host; it comes before its time when nobody has opened it there.
fn domain<'s>(scene: &'s mut Scene<'_>, provider: MailProvider) -> Result<&'s mut MailDomain, Trouble> {
    scene.estate.mail.get_mut(&provider).ok_or(Trouble::Later(None))
}

const fn for_good(words: String) -> Trouble {
    Trouble::Refused(Refused::ForGood(words))
}
