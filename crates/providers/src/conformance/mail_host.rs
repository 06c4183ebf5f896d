//! What a mail host has to keep.

use std::collections::HashSet;

use model::action::ActionReason;
use model::dns::{RrSet, RrType};
use model::domain::{DomainName, MailProvider};
use model::run::StepName;

use super::maker::Maker;
use super::patience::settled;
use super::renaming;
use super::stage::{addresses, closed, filled, mailbox, mailboxes, opened, publish, sorted, verified};
use crate::call::Call;
use crate::cast::Cast;
use crate::roles::{MailboxSpec, Part};
use crate::trouble::{Refused, Trouble};

/// Holds one mail host against the contract.
///
/// # Panics
/// With the first sentence of the contract that is broken.
pub async fn mail_host(cast: &Cast, maker: &Maker, provider: MailProvider) {
    a_domain_is_opened_once(cast, maker, provider).await;
    ownership_is_looked_for(cast, maker, provider).await;
    mail_is_signed_once_its_key_is_there(cast, maker, provider).await;
    mailboxes_are_made_once(cast, maker, provider).await;
    what_can_be_made_is_made(cast, maker, provider).await;
    seats_are_counted(cast, maker, provider).await;
    a_domain_can_be_closed_again(cast, maker, provider).await;
    renaming::mailboxes_are_renamed_once(cast, maker, provider).await;
    renaming::nobody_loses_an_address(cast, maker, provider).await;
    renaming::addresses_can_be_passed_on(cast, maker, provider).await;
}

async fn a_domain_is_opened_once(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let (name, first) = opened(cast, maker, provider).await;
    let call = maker.call(&name, StepName::OpenMailDomain);
    let again = settled(&call, async |call| cast.mail(provider).ensure_domain(call).await).await;
    assert_eq!(first, again, "the second call wants the same records");
    records_are_fit_to_publish(&name, &first);
}

fn records_are_fit_to_publish(name: &DomainName, records: &[RrSet]) {
    let mut seen = HashSet::new();
    for set in records {
        assert!(seen.insert((&set.name, set.rtype)), "there is one record set for each name and type");
        assert!(!set.values.is_empty(), "a record set has values");
        let within = set.name == name.as_str() || set.name.ends_with(&format!(".{name}"));
        assert!(within, "{} lies in the zone of {name}", set.name);
    }
}

/// A host may tell where mail goes only once it has accepted the domain.
fn mail_can_be_sent_and_received(name: &DomainName, records: &[RrSet]) {
    for rtype in [RrType::Mx, RrType::Txt] {
        let there = records.iter().any(|set| set.name == name.as_str() && set.rtype == rtype);
        assert!(there, "a mail domain wants {} at its name", rtype.as_str());
    }
}

async fn ownership_is_looked_for(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let (name, records) = opened(cast, maker, provider).await;
    let call = maker.call(&name, StepName::VerifyMailDomain);
    let early = cast.mail(provider).ensure_verified(&call).await;
    assert!(early.is_err(), "a domain is not verified before its records are published");
    publish(cast, maker, &name, &records).await;
    let verify = async || settled(&call, async |call| cast.mail(provider).ensure_verified(call).await).await;
    let wanted = verify().await;
    assert_eq!(wanted, verify().await, "the second call wants the same records");
    let wanted = if wanted.is_empty() { records } else { wanted };
    records_are_fit_to_publish(&name, &wanted);
    mail_can_be_sent_and_received(&name, &wanted);
}

async fn mail_is_signed_once_its_key_is_there(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let name = verified(cast, maker, provider).await;
    let call = maker.call(&name, StepName::SignMail);
    let sign = async |published: &[RrSet]| match cast.mail(provider).ensure_signed(&call, published).await {
        Err(Trouble::Refused(Refused::Ask(ActionReason::DkimNeedsEnabling))) => None,
        _ => Some(settled(&call, async |call| cast.mail(provider).ensure_signed(call, published).await).await),
    };
    let keys = sign(&[]).await.unwrap_or_else(|| vec![sent(&name)]);
    let below = |set: &RrSet| set.name.ends_with(&format!("._domainkey.{name}"));
    assert!(keys.iter().all(below), "keys stand below _domainkey: {keys:?}");
    publish(cast, maker, &name, &keys).await;
    for _ in 0..2 {
        let signed = sign(&keys).await.expect("nobody is asked for a key that is there");
        assert!(signed.iter().all(|key| keys.contains(key)), "what is published is enough");
    }
}

/// A key as somebody sends it.
fn sent(name: &DomainName) -> RrSet {
    let key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".to_owned();
    RrSet { name: format!("google._domainkey.{name}"), rtype: RrType::Txt, ttl: 300, values: vec![key] }
}

async fn mailboxes_are_made_once(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let name = verified(cast, maker, provider).await;
    let wanted = mailboxes(&name, 4);
    for wanted in [&wanted[..0], &wanted[..2], &wanted[..2], &wanted] {
        let made = filled(cast, maker, provider, &name, wanted).await;
        assert_eq!(sorted(made), addresses(wanted), "the answer lists the mailboxes that were asked for");
    }
}

async fn what_can_be_made_is_made(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let name = verified(cast, maker, provider).await;
    let mut wanted = mailboxes(&name, 2);
    wanted.insert(1, mailbox("jane@somebody-else.example.net"));
    let part = stopped(cast, maker, provider, &name, &wanted).await;
    wanted.remove(1);
    assert_eq!(sorted(part.done), addresses(&wanted), "one address that cannot be made does not stop the others");
}

async fn seats_are_counted(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let name = verified(cast, maker, provider).await;
    let free = async || cast.mail(provider).free_seats(maker.world()).await.expect("how many seats are free");
    let before = free().await;
    assert_eq!(before, free().await, "who looks changes nothing");
    filled(cast, maker, provider, &name, &mailboxes(&name, 2)).await;
    assert_eq!(free().await, before.map(|before| before - 2), "each mailbox takes a seat, where the host counts them");
}

/// The answer once nothing but the impossible stops it.
async fn stopped(
    cast: &Cast,
    maker: &Maker,
    provider: MailProvider,
    name: &DomainName,
    wanted: &[MailboxSpec],
) -> Part<String> {
    let call = maker.call(name, StepName::CreateInboxes);
    let attempt = async |call: &Call| {
        let part = cast.mail(provider).ensure_mailboxes(call, wanted).await;
        match part.trouble {
            Some(Trouble::Refused(_)) => Ok(part),
            Some(trouble) => Err(trouble),
            None => panic!("an address that cannot be made is not passed over in silence"),
        }
    };
    settled(&call, attempt).await
}

async fn a_domain_can_be_closed_again(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let bare = maker.name();
    closed(cast, maker, provider, &bare).await;
    let (name, records) = opened(cast, maker, provider).await;
    publish(cast, maker, &name, &records).await;
    let verify = async |what: &str| {
        let call = maker.later_call(&name, what);
        settled(&call, async |call| cast.mail(provider).ensure_verified(call).await).await;
    };
    verify("verify_mail_domain").await;
    let wanted = mailboxes(&name, 2);
    filled(cast, maker, provider, &name, &wanted).await;
    for _ in 0..2 {
        closed(cast, maker, provider, &name).await;
        let late = cast.mail(provider).ensure_mailboxes(&maker.later_call(&name, "fill_too_late"), &wanted).await;
        assert!(late.trouble.is_some(), "a domain that was closed takes no mailboxes");
    }
    let open = maker.later_call(&name, "open_mail_domain");
    let records = settled(&open, async |call| cast.mail(provider).ensure_domain(call).await).await;
    publish(cast, maker, &name, &records).await;
    verify("verify_mail_domain_again").await;
    let made = filled(cast, maker, provider, &name, &wanted).await;
    assert_eq!(sorted(made), addresses(&wanted), "a domain that was closed can be opened and filled again");
}
