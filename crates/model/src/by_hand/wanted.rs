//! What somebody is asked to make by hand.

use serde::Serialize;
use utoipa::ToSchema;

use super::Purpose;
use crate::action::{Action, ActionReason};
use crate::domain::{Domain, MailProvider};
use crate::inbox::plan;
use crate::persona::Persona;
use crate::run::{Run, RunKind};

/// What somebody is to make by hand at the mail provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MailboxesToMake)]
pub struct ToMake {
    /// Where they are made.
    pub provider: MailProvider,
    /// The mailboxes.
    pub make: Vec<Mailbox>,
    /// The records that the provider wants and nobody has sent yet.
    pub records: Vec<RecordWanted>,
}

/// A mailbox that is to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MailboxToMake)]
pub struct Mailbox {
    /// Its address.
    #[schema(example = "alex.rivera@acme-mail.com")]
    pub email: String,
    /// Given name.
    #[schema(example = "Alex")]
    pub first_name: String,
    /// Family name; empty for people with one name.
    #[schema(example = "Rivera")]
    pub last_name: String,
    /// The address of a picture.
    #[schema(required, example = "https://acme.com/alex.jpg")]
    pub profile_picture_url: Option<String>,
    /// The mailbox that gets this name and address, when one is renamed; null for a new one.
    #[schema(required, example = "sam.lee@acme-mail.com")]
    pub in_place_of: Option<String>,
}

/// A record that the provider's console shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordWanted {
    /// What it is for.
    pub purpose: Purpose,
    /// Its name, as far as it is known; a key has a selector before it.
    #[schema(example = "acme-mail.com")]
    pub name: String,
}

/// What an action asks for: `None` of one that asks for something else, and of one that is over. `people` are those whose
/// names the domain's inboxes carry. `runs` are those that wait for the answer: the one that makes the domain, or those that
/// rename a mailbox each, with who it is to be.
#[must_use]
pub fn to_make(
    action: &Action,
    runs: &[(Run, Option<Persona>)],
    domain: &Domain,
    people: &[Persona],
) -> Option<ToMake> {
    if action.reason != ActionReason::MailboxesByHand || !action.open {
        return None;
    }
    let provider = domain.provider?;
    let Some((run, _)) = runs.iter().find(|(run, _)| run.kind == RunKind::Provision) else {
        let make = runs.iter().filter_map(|(run, who)| renamed(run, who.as_ref(), people));
        return Some(ToMake { provider, make: make.collect(), records: vec![] });
    };
    let kept = &run.memory.kept;
    let make = plan(&domain.name, people, domain.inboxes_planned, domain.persona_offset, kept).into_iter();
    let make = make.filter_map(|one| {
        let persona = people.get(one.persona)?;
        Some(Mailbox::of(one.email, persona, persona.picture()))
    });
    Some(ToMake { provider, make: make.collect(), records: records(run, domain) })
}

/// The mailbox that gets another name: names are the swap's, the picture is the domain's.
fn renamed(run: &Run, who: Option<&Persona>, people: &[Persona]) -> Option<Mailbox> {
    let old = run.memory.old_address.clone()?;
    let email = run.memory.address.clone().unwrap_or_else(|| old.clone());
    let place = people.get(run.memory.persona.unwrap_or(0));
    let mailbox = Mailbox::of(email, who.or(place)?, place.and_then(Persona::picture));
    Some(Mailbox { in_place_of: Some(old), ..mailbox })
}

impl Mailbox {
    fn of(email: String, persona: &Persona, picture: Option<&str>) -> Self {
        let Persona { first_name, last_name, .. } = persona.clone();
        Self { email, first_name, last_name, profile_picture_url: picture.map(str::to_owned), in_place_of: None }
    }
}

/// The records that nobody has sent.
fn records(run: &Run, domain: &Domain) -> Vec<RecordWanted> {
    let name = domain.name.as_str();
    let row = |purpose: Purpose| RecordWanted {
        purpose,
        name: if purpose == Purpose::Dkim { format!("_domainkey.{name}") } else { name.to_owned() },
    };
    match &run.memory.by_hand {
        Some(known) if !known.records.is_empty() => {
            Purpose::missing(&known.records, &domain.name).into_iter().map(row).collect()
        }
        _ => Purpose::ALL.iter().copied().map(row).collect(),
    }
}
