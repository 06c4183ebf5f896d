//! What a sequencer has to keep.

use std::collections::HashSet;

use model::domain::{DomainName, MailProvider};
use model::run::StepName;

use super::maker::Maker;
use super::patience::settled;
use super::stage::{addresses, closed, filled, linked, login, mailboxes, reachable, sorted, verified};
use crate::call::Call;
use crate::cast::Cast;
use crate::trouble::Trouble;

/// Tries after which a call that cannot succeed has done what it can.
const TRIES: usize = 5;

/// Holds the sequencer against the contract, with mailboxes of one kind.
///
/// # Panics
/// With the first sentence of the contract that is broken.
pub async fn sequencer(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let name = verified(cast, maker, provider).await;
    let made = filled(cast, maker, provider, &name, &mailboxes(&name, 4)).await;
    accounts_are_linked_once(cast, maker, &name, &sorted(made)).await;
    what_can_be_linked_is_linked(cast, maker, provider).await;
    accounts_can_be_unlinked_again(cast, maker, provider).await;
}

async fn accounts_are_linked_once(cast: &Cast, maker: &Maker, name: &DomainName, emails: &[String]) {
    let link = async |emails: &[String]| linked(cast, maker, name, emails).await;
    assert!(link(&[]).await.is_empty(), "no addresses, no accounts");
    let first = link(&emails[..2]).await;
    assert_eq!(first, link(&emails[..2]).await, "the second call finds the accounts of the first");
    let all = link(emails).await;
    assert!(first.iter().all(|pair| all.contains(pair)), "an account keeps its id when others join it");
    let named: Vec<_> = all.iter().map(|(email, _)| email.clone()).collect();
    assert_eq!(named, emails, "the answer lists the addresses that were asked for");
    let ids: HashSet<_> = all.iter().map(|(_, id)| id).collect();
    assert_eq!(ids.len(), all.len(), "no two accounts share an id");
    those_that_are_there_are_told(cast, maker, name, &all).await;
}

/// Where the sequencer says it at all.
async fn those_that_are_there_are_told(cast: &Cast, maker: &Maker, name: &DomainName, all: &[(String, String)]) {
    let mut emails: Vec<_> = all.iter().map(|(email, _)| email.clone()).collect();
    emails.insert(1, format!("nobody@{name}"));
    let look = async |call: &Call| cast.sequencer.links(call, &login(), &emails).await;
    let Some(links) = settled(&maker.later_call(name, "look"), look).await else { return };
    let told = sorted(links.into_iter().map(|link| (link.email, link.account)).collect());
    assert_eq!(told, sorted(all.to_vec()), "accounts are told as they were made, and no others");
}

async fn what_can_be_linked_is_linked(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let name = verified(cast, maker, provider).await;
    let there = mailboxes(&name, 2);
    filled(cast, maker, provider, &name, &there).await;
    let mut emails = addresses(&there);
    emails.insert(1, format!("nobody@{name}"));
    let some = link_some(cast, maker, &name, &emails).await;
    assert_eq!(some, addresses(&there), "a mailbox that does not exist does not stop the others");
}

async fn accounts_can_be_unlinked_again(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let name = verified(cast, maker, provider).await;
    let emails = sorted(filled(cast, maker, provider, &name, &mailboxes(&name, 3)).await);
    let unlink = async |emails: &[String]| {
        let attempt = async |call: &Call| cast.sequencer.ensure_unlinked(call, &login(), emails).await;
        settled(&maker.later_call(&name, "unlink"), attempt).await;
    };
    unlink(&[]).await;
    unlink(&emails).await;
    let first = linked(cast, maker, &name, &emails).await;
    unlink(&[emails[0].clone(), format!("nobody@{name}")]).await;
    unlink(&emails[..1]).await;
    let again = linked(cast, maker, &name, &emails).await;
    assert_eq!(first[1..], again[1..], "accounts that were not named keep their ids");
    assert_eq!(again[0].0, emails[0], "an address that was unlinked can be linked again");
    closed(cast, maker, provider, &name).await;
    unlink(&emails).await;
    unlink(&emails).await;
}

/// The addresses that are linked in the end when not all can be.
async fn link_some(cast: &Cast, maker: &Maker, name: &DomainName, emails: &[String]) -> Vec<String> {
    let mut call = maker.call(name, StepName::LinkSequencer);
    let mut there = vec![];
    for _ in 0..TRIES {
        let part = cast.sequencer.ensure_linked(&call, &login(), &reachable(emails)).await;
        let Some(trouble) = part.trouble else { panic!("an account without its mailbox is not made in silence") };
        if let Trouble::Later(Some(when)) = trouble {
            call.now = when;
        }
        there = part.done.into_iter().map(|(email, _)| email).collect();
    }
    sorted(there)
}
