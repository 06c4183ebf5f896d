//! What the sandbox's mail hosts do with mailboxes.

use std::collections::BTreeMap;

use model::clock::{MINUTE, Time};
use model::domain::{DomainName, MailProvider};

use super::behaviour::{Manner, Moment};
use super::estate::Mailbox;
use super::ledger::Deed;
use super::made_up;
use super::mail_host::domain;
use super::scene::{Scene, for_good};
use crate::roles::{MailboxSpec, Part};
use crate::trouble::{Refused, Trouble, UnderWay};

/// How long late mailboxes are not found, in microseconds of partner time.
pub(super) const FOUND_AFTER: i64 = 10 * MINUTE;

/// A mailbox as it is to be, and where it is kept.
pub(super) struct Wanted {
    email: String,
    key: String,
    mailbox: Mailbox,
}

impl Wanted {
    pub(super) fn new(spec: &MailboxSpec) -> Self {
        let picture = spec.picture.as_ref().map(|bytes| format!("{:016x}", made_up::number_of(bytes)));
        let (first_name, last_name) = (spec.first_name.clone(), spec.last_name.clone());
        Self {
            email: spec.email.clone(),
            key: spec.email.to_ascii_lowercase(),
            mailbox: Mailbox { first_name, last_name, picture, since: 0, aliases: vec![] },
        }
    }

    /// Refuses what is no address of the name.
    fn check(&self, name: &DomainName) -> Result<(), Trouble> {
        let local = self.key.strip_suffix(name.as_str()).and_then(|rest| rest.strip_suffix('@'));
        let fits = |local: &str| !local.is_empty() && local.bytes().all(|b| b.is_ascii_graphic() && b != b'@');
        if local.is_some_and(fits) {
            return Ok(());
        }
        Err(for_good(format!("{} is not an address of {name}.", self.email)))
    }
}

pub(super) fn fill(
    scene: &mut Scene<'_>,
    provider: MailProvider,
    wanted: Vec<Wanted>,
) -> Result<Part<String>, Trouble> {
    let domain = domain(scene, provider)?;
    if !domain.verified {
        return Err(Trouble::Later(None));
    }
    let missing = wanted.iter().filter(|one| !domain.mailboxes.contains_key(&one.key)).count();
    let (mut room, mut trouble) = room(scene, missing);
    let mut done = vec![];
    for one in wanted {
        match put(scene, provider, &one, &mut room).and_then(|there| find(scene, provider, &one.key, there)) {
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
    one.check(name)?;
    let now = scene.call.now.0;
    let mailboxes = &mut domain(scene, provider)?.mailboxes;
    if mailboxes.contains_key(&one.key) {
        change(scene, provider, &one.key, &one.key, &one.mailbox)?;
        return Ok(true);
    }
    if *room == 0 {
        return Ok(false);
    }
    if scene.behaviour.manner == Manner::Reserved && is_first_choice(one) {
        return Err(Trouble::Refused(Refused::AddressKept(one.key.clone())));
    }
    let mailboxes = &mut domain(scene, provider)?.mailboxes;
    *room -= 1;
    free(mailboxes, &one.key);
    mailboxes.insert(one.key.clone(), Mailbox { since: now, ..one.mailbox.clone() });
    scene.record(Deed::MailboxCreated, one.key.as_str());
    Ok(true)
}

/// Whether it is the address that somebody of this name would have first.
fn is_first_choice(one: &Wanted) -> bool {
    let Mailbox { first_name, last_name, .. } = &one.mailbox;
    let usual = format!("{first_name}.{last_name}@").to_ascii_lowercase();
    one.key.starts_with(&usual)
}

/// Whether a mailbox that is there is found, too.
fn find(scene: &mut Scene<'_>, provider: MailProvider, key: &str, there: bool) -> Result<bool, Trouble> {
    let mailbox = domain(scene, provider)?.mailboxes.get(key);
    let found = mailbox.map(|mailbox| Time(mailbox.since).plus(FOUND_AFTER));
    match found.filter(|_| scene.behaviour.manner == Manner::LateMailboxes) {
        Some(ready) if scene.call.now < ready => Err(Trouble::UnderWay(UnderWay::Mailboxes, ready)),
        _ => Ok(there),
    }
}

/// Makes the mailbox at an address be as wanted, at its new address. A try whose answer was lost has made the old
/// address an alias of the new one, and is found by that.
pub(super) fn rename(scene: &mut Scene<'_>, provider: MailProvider, from: &str, to: &Wanted) -> Result<(), Trouble> {
    to.check(scene.name())?;
    let mailboxes = &domain(scene, provider)?.mailboxes;
    if mailboxes.contains_key(from) {
        let is_taken = from != to.key && mailboxes.contains_key(&to.key);
        // Whoever has the address may be on the way to another one.
        return if is_taken { Err(Trouble::Later(None)) } else { change(scene, provider, from, &to.key, &to.mailbox) };
    }
    if mailboxes.get(&to.key).is_some_and(|there| there.aliases.iter().any(|alias| alias == from)) {
        return change(scene, provider, &to.key, &to.key, &to.mailbox);
    }
    Err(for_good(format!("There is no mailbox {from}.")))
}

/// Gives the mailbox at `here` another look, address, or both; when it has them already, nothing happens.
fn change(
    scene: &mut Scene<'_>,
    provider: MailProvider,
    here: &str,
    there: &str,
    look: &Mailbox,
) -> Result<(), Trouble> {
    let mailboxes = &mut domain(scene, provider)?.mailboxes;
    let Some(old) = mailboxes.remove(here) else { return Ok(()) };
    let (moves, changes) = (here != there, !old.looks_like(look));
    let mut mailbox = Mailbox { since: old.since, aliases: old.aliases, ..look.clone() };
    if moves {
        free(mailboxes, there);
        mailbox.drop_alias(there);
        mailbox.keep_alias(here);
    }
    mailboxes.insert(there.to_owned(), mailbox);
    if moves || changes {
        scene.record(if moves { Deed::MailboxRenamed } else { Deed::MailboxChanged }, there);
    }
    Ok(())
}

/// An address leads to one mailbox: to its own before any that had it once.
fn free(mailboxes: &mut BTreeMap<String, Mailbox>, address: &str) {
    for mailbox in mailboxes.values_mut() {
        mailbox.drop_alias(address);
    }
}
