//! Owners of inboxes consent: they follow a link of ours, are sent to their mail host, and come back with a code. Whoever holds a link
//! needs no API key. Nobody outside is asked here: the step that asked for the consent turns the code into a grant.

mod answered;
mod begun;
mod visit;

use std::sync::Arc;

use model::action::Action;
use model::consent::{Consent, ConsentStatus, is_shut};
use model::domain::{Domain, MailProvider};
use model::inbox::{Inbox, LinkStatus};
use model::view::ConsentLink;
use store::{Db, StoreError, consents, domains, inboxes};

pub use answered::{Back, answer};
pub use begun::begin;
pub use visit::{Standing, Visit, Visitor, page_of, visit};

/// Where links lead.
const PATH: &str = "/consent";

/// What a mail host's page is told.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "RFC 6749, section 4.1.1, and RFC 7636 have them")]
pub struct Told<'a> {
    pub email: &'a str,
    pub redirect_uri: &'a str,
    pub state: &'a str,
    pub challenge: &'a str,
}

/// Where owners consent. The server fills it in with the mail hosts; it asks nobody.
pub trait ConsentSource: Send + Sync {
    /// The page; `None` where the domain's mail host has no application, or its sequencer is not let in by consent.
    fn page(&self, domain: &Domain, provider: MailProvider, told: Told<'_>) -> Option<String>;
}

/// The links that owners follow, and the pages that they come to. Cheap to clone.
#[derive(Clone)]
pub struct Consents {
    source: Arc<dyn ConsentSource>,
    public_url: String,
}

impl Consents {
    /// Links that begin with this scheme and authority.
    #[must_use]
    pub fn new(source: Arc<dyn ConsentSource>, public_url: &str) -> Self {
        Self { source, public_url: public_url.trim_end_matches('/').to_owned() }
    }

    /// Where mail hosts send owners back to: what an application has to be registered with.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        format!("{}{PATH}/callback", self.public_url)
    }

    /// The address of a link.
    #[must_use]
    pub fn address(&self, link: &str) -> String {
        format!("{}{PATH}/{link}", self.public_url)
    }

    /// Whether the owners of a domain's inboxes can let its sequencer in by consent.
    #[must_use]
    pub fn are_taken(&self, domain: &Domain) -> bool {
        self.page(domain, Told { email: "", redirect_uri: &self.redirect_uri(), state: "", challenge: "" }).is_some()
    }

    fn page(&self, domain: &Domain, told: Told<'_>) -> Option<String> {
        self.source.page(domain, domain.provider?, told)
    }

    /// The links that a question asks somebody to follow: one for each inbox of the domain that is not linked yet; `None` where nobody
    /// can consent.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn links(
        &self,
        db: &mut Db,
        action: &Action,
        domain: &Domain,
    ) -> Result<Option<Vec<ConsentLink>>, StoreError> {
        if !action.open || !action.reason.is_about_access() || !self.are_taken(domain) {
            return Ok(None);
        }
        let known = consents::of_domain(db, &domain.id).await?;
        let waiting = inboxes::of_domain(db, &domain.id).await?;
        let waiting = waiting.iter().filter(|inbox| inbox.link != LinkStatus::Linked);
        let vault = db.vault();
        let link = |inbox: &Inbox| ConsentLink {
            inbox_id: inbox.id.to_string(),
            email: inbox.email.clone(),
            url: self.address(&consents::link(&vault, &inbox.id, &action.id)),
            status: standing(known.iter().find(|consent| consent.inbox == inbox.id))
                .shown(is_shut(inbox, action.reason)),
        };
        Ok(Some(waiting.map(link).collect()))
    }
}

/// Whether the domain of an action has to be known for its links.
#[must_use]
pub fn may_have_links(action: &Action) -> bool {
    action.open && action.reason.is_about_access()
}

fn standing(consent: Option<&Consent>) -> ConsentStatus {
    consent.map_or(ConsentStatus::Waiting, |consent| consent.status)
}

/// The domain of an inbox, which has one.
async fn domain_of(db: &mut Db, inbox: &Inbox) -> Result<Option<Domain>, StoreError> {
    domains::load(db, &inbox.domain).await
}
