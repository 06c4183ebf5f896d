//! Somebody who has followed a link.

use std::sync::Arc;

use model::action::Action;
use model::audit::Origin;
use model::clock::{Clock, MINUTE, Now, Time};
use model::consent::{Consent, ConsentStatus, is_shut};
use model::domain::Domain;
use model::id::{Id as _, Ids};
use model::inbox::{Inbox, InboxStatus, LinkStatus};
use model::order::SequencerProvider;
use model::world::Scope;
use store::{StoreError, actions, consents, inboxes, orders, partners};

use super::{Told, domain_of, standing};
use crate::actor::{Actor, By};
use crate::core::Core;

/// After how long, from the beginning of a round, nobody has to keep the page open, in microseconds.
const LONG: i64 = 3 * MINUTE;

/// Somebody without a key.
#[derive(Clone)]
pub struct Visitor {
    /// From where.
    pub origin: Origin,
    /// Server time.
    pub clock: Arc<dyn Clock>,
    /// Makes every id.
    pub ids: Ids,
}

impl Visitor {
    /// Acts for whoever an inbox belongs to, and only on its consent.
    pub(super) fn actor(self, inbox: &Inbox) -> Actor {
        Actor {
            by: By::Visitor,
            scope: Scope { partner: inbox.partner.clone(), world: inbox.world.clone() },
            environment: inbox.world.environment(),
            limited: true,
            presets: &[],
            origin: self.origin,
            clock: self.clock,
            ids: self.ids,
        }
    }

    pub(super) fn now(&self) -> Now {
        Now { server: self.clock.now(), offset: 0 }
    }
}

/// What a link is about, as it stands.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The inbox.
    pub inbox: Inbox,
    /// Its domain.
    pub domain: Domain,
    /// What its owner has consented to.
    pub consent: Option<Consent>,
    /// Who asks.
    pub asker: String,
    /// The question, open or not.
    action: Action,
    sequencer: Option<SequencerProvider>,
}

/// How it is with a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The owner is asked, and the last time came to this.
    Asked(ConsentStatus),
    /// There is nothing left to do.
    Done,
    /// What was given is being looked at.
    Checking,
    /// Nobody asks any more.
    Over,
}

impl Visit {
    /// How it stands.
    #[must_use]
    pub fn standing(&self, core: &Core) -> Standing {
        let status = standing(self.consent.as_ref()).shown(self.is_shut());
        match (&self.inbox, status) {
            (Inbox { status: InboxStatus::Deleted, .. }, _) => Standing::Over,
            (Inbox { link: LinkStatus::Linked, .. }, _) | (_, ConsentStatus::Granted) => Standing::Done,
            (_, ConsentStatus::Checking) => Standing::Checking,
            _ if self.is_asked(core) => Standing::Asked(status),
            _ => Standing::Over,
        }
    }

    /// The name of who gets in.
    #[must_use]
    pub const fn sequencer(&self) -> &'static str {
        match self.sequencer {
            Some(SequencerProvider::Smartlead) => "Smartlead",
            Some(SequencerProvider::Instantly) => "Instantly",
            Some(SequencerProvider::Csv | SequencerProvider::Webhook) | None => "the sequencer",
        }
    }

    /// Whether it takes longer than somebody waits for.
    #[must_use]
    pub fn is_checked_long(&self, now: Time) -> bool {
        self.consent.as_ref().is_some_and(|consent| now >= consent.begun_at().plus(LONG))
    }

    /// Whether the sequencer does not get in, whatever was consented to.
    pub(super) fn is_shut(&self) -> bool {
        is_shut(&self.inbox, self.action.reason)
    }

    /// Whether the question is open, and can be answered by consent.
    pub(super) fn is_asked(&self, core: &Core) -> bool {
        let is_it = self.action.open && self.action.reason.is_about_access();
        is_it && self.action.domain == self.inbox.domain && core.consents.are_taken(&self.domain)
    }
}

/// The page that somebody who has followed a link is sent to, without what is particular to them.
#[must_use]
pub fn page_of(core: &Core, visit: &Visit) -> Option<String> {
    let redirect_uri = core.consents.redirect_uri();
    core.consents.page(&visit.domain, Told { email: "", redirect_uri: &redirect_uri, state: "", challenge: "" })
}

/// What a link is about; `None` when we have not made it, or what it was about has gone.
///
/// # Errors
/// When it cannot be read.
pub async fn visit(core: &Core, link: &str) -> Result<Option<Visit>, StoreError> {
    let Some((inbox, action)) = consents::read_link(core.store.vault(), link) else { return Ok(None) };
    let mut db = core.store.read().await?;
    let Some(inbox) = inboxes::load(&mut db, &inbox).await? else { return Ok(None) };
    let scope = Scope { partner: inbox.partner.clone(), world: inbox.world.clone() };
    let action = match actions::get(&mut db, &scope, &action).await? {
        // It may be asked anew, for another reason: the link is good for that too.
        Some(over) if !over.open => {
            let anew = actions::open_of_domain(&mut db, &inbox.domain).await?;
            Some(anew.filter(|anew| anew.reason.is_about_access()).unwrap_or(over))
        }
        action => action,
    };
    let domain = domain_of(&mut db, &inbox).await?;
    let (Some(action), Some(domain)) = (action, domain) else { return Ok(None) };
    let consent = consents::get(&mut db, &inbox.id).await?;
    tracing::Span::current().record("domain", inbox.domain.as_str());
    let asker = partners::get(&mut db, &inbox.partner).await?.map(|partner| partner.name).unwrap_or_default();
    let sequencer = orders::load(&mut db, &inbox.order).await?.map(|order| order.sequencer.provider);
    Ok(Some(Visit { inbox, domain, consent, asker, action, sequencer }))
}
