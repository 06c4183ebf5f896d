//! The sandbox's sequencer.

use async_trait::async_trait;
use model::clock::{DAY, Time};

use super::Sim;
use super::behaviour::{Manner, Moment};
use super::ledger::Deed;
use super::made_up;
use super::scene::Scene;
use crate::call::Call;
use crate::roles::{Link, Part, Reachable, Sequencer, SequencerLogin};
use crate::trouble::Trouble;

/// How long account ids are: long enough that two addresses never share one, short enough for a JSON number.
const ID_DIGITS: u32 = 15;

/// How long the logins to inboxes last that are lost on purpose, in microseconds of partner time.
pub(super) const LINKS_LAST: i64 = 21 * DAY;

#[async_trait]
impl Sequencer for Sim {
    async fn ensure_linked(
        &self,
        call: &Call,
        _login: &SequencerLogin,
        inboxes: &[Reachable],
    ) -> Part<(String, String)> {
        let emails: Vec<_> = inboxes.iter().map(|one| one.email.clone()).collect();
        self.turn_in_parts(call, move |scene| link_all(scene, &emails)).await
    }

    async fn ensure_unlinked(&self, call: &Call, _login: &SequencerLogin, emails: &[String]) -> Result<(), Trouble> {
        let emails = emails.to_vec();
        self.turn(call, move |scene| unlink_all(scene, &emails)).await
    }

    async fn links(
        &self,
        call: &Call,
        _login: &SequencerLogin,
        emails: &[String],
    ) -> Result<Option<Vec<Link>>, Trouble> {
        let emails = emails.to_vec();
        self.turn(call, move |scene| Ok(Some(links(scene, &emails)))).await
    }
}

fn links(scene: &mut Scene<'_>, emails: &[String]) -> Vec<Link> {
    let is_open = Some(!are_lost(scene));
    let link = |email: &String| {
        let account = scene.estate.accounts.get(&key(email))?.clone();
        Some(Link { email: email.clone(), account, sends: is_open, receives: is_open })
    };
    emails.iter().filter_map(link).collect()
}

/// Whether the logins fail for the time being; somebody who says that they are mended has mended them.
fn are_lost(scene: &mut Scene<'_>) -> bool {
    if scene.behaviour.manner != Manner::LosingLinks {
        return false;
    }
    let (now, nudged) = (scene.call.now, scene.call.nudges > 0);
    let Some(since) = scene.estate.linked_since else { return false };
    let lost = now >= Time(since).plus(LINKS_LAST);
    if lost && nudged {
        scene.estate.linked_since = Some(now.0);
    }
    lost && !nudged
}

fn unlink_all(scene: &mut Scene<'_>, emails: &[String]) -> Result<(), Trouble> {
    for email in emails {
        let key = key(email);
        if scene.estate.accounts.remove(&key).is_some() {
            scene.record(Deed::AccountUnlinked, key);
        }
    }
    Ok(())
}

fn link_all(scene: &mut Scene<'_>, emails: &[String]) -> Result<Part<(String, String)>, Trouble> {
    let missing = emails.iter().any(|email| !scene.estate.accounts.contains_key(&key(email)));
    if missing {
        scene.ask(Moment::Linking)?;
    }
    let linked = |email: &String| link(scene, email).map(|id| (email.clone(), id));
    let done: Vec<_> = emails.iter().filter_map(linked).collect();
    let trouble = (done.len() < emails.len()).then_some(Trouble::Later(None));
    Ok(Part { done, trouble })
}

/// The account's id; `None` while the mailbox does not exist, because nobody can log into it.
fn link(scene: &mut Scene<'_>, email: &str) -> Option<String> {
    let key = key(email);
    if let Some(id) = scene.estate.accounts.get(&key) {
        return Some(id.clone());
    }
    if !scene.estate.mail.values().any(|domain| domain.mailboxes.contains_key(&key)) {
        return None;
    }
    let id = made_up::digits(&["account", &key], ID_DIGITS);
    scene.estate.accounts.insert(key.clone(), id.clone());
    scene.estate.linked_since.get_or_insert(scene.call.now.0);
    scene.record(Deed::AccountLinked, key);
    Some(id)
}

fn key(email: &str) -> String {
    email.to_ascii_lowercase()
}
