//! What an order's body says once it has been read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Dkim, SequencerProvider};
use crate::bundle::{Bundle, Sizing};
use crate::domain::{DomainName, MailProvider};
use crate::id::{BundleId, QuoteId, UserId};
use crate::money::Cents;
use crate::persona::Persona;
use crate::secret::Secret;

/// A well-formed order body. A quote may leave out what does not change the price.
#[derive(Clone, Debug)]
pub struct Placing {
    /// Whose order; `None` only in a quote.
    pub user: Option<UserRef>,
    /// How big.
    pub size: Size,
    /// Where to link; `None` only in a quote.
    pub sequencer: Option<SequencerLogin>,
    /// The names, in the order sent.
    pub domains: Vec<Wanted>,
    /// Whose names the inboxes carry.
    pub personas: Vec<Persona>,
    /// The default redirect.
    pub forwarding_url: Option<String>,
    /// The most the order may cost.
    pub max_total_cents: Option<Cents>,
    /// The quote whose names, assignment and prices it is to have.
    pub quote_id: Option<QuoteId>,
    /// The partner's own order number.
    pub reference: Option<String>,
    /// The partner's own notes.
    pub metadata: BTreeMap<String, String>,
    /// Whether it waits for mail to be signed; `None` leaves it to the partner's setting.
    pub dkim: Option<Dkim>,
}

/// How the body names the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserRef {
    /// By address: reused, or made.
    Email(String),
    /// By id.
    Id(UserId),
}

/// How the body says how big the order is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Size {
    /// By a saved bundle.
    Bundle(BundleId),
    /// By licence counts; at least one licence in all.
    Licenses {
        /// One licence is one inbox.
        google: i64,
        /// One licence is one domain.
        microsoft: i64,
        /// 2 or 3.
        google_inboxes_per_domain: i64,
    },
}

/// The sequencer part of the body.
#[derive(Clone, Debug)]
pub struct SequencerLogin {
    /// Which one.
    pub provider: SequencerProvider,
    /// Routing; `None` is the partner's default.
    pub client_id: Option<i64>,
    /// Login e-mail; together with the password, or not at all beside a key.
    pub login_email: Option<String>,
    /// Login password.
    pub login_password: Option<Secret>,
    /// API key.
    pub api_key: Option<Secret>,
}

/// One entry of `domains`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The name.
    pub name: DomainName,
    /// Its own redirect.
    pub forwarding_url: Option<String>,
    /// The provider it is pinned to.
    pub provider: Option<MailProvider>,
}

/// What a size comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// Google licences, one per inbox.
    pub google_licenses: i64,
    /// Domains for Google; the last one may be short of inboxes.
    pub google_domains: i64,
    /// Domains for Microsoft, one licence each.
    pub microsoft_domains: i64,
    /// Inboxes on a full Google domain.
    pub google_inboxes_per_domain: i64,
}

impl Need {
    /// What a size comes to; the bundle must be there when the size names one.
    #[must_use]
    pub fn of(size: &Size, bundle: Option<&Bundle>, sizing: &Sizing) -> Option<Self> {
        match size {
            Size::Licenses { google, microsoft, google_inboxes_per_domain: each } => Some(Self {
                google_licenses: *google,
                google_domains: (google + each - 1) / each,
                microsoft_domains: *microsoft,
                google_inboxes_per_domain: *each,
            }),
            Size::Bundle(_) => bundle.map(|bundle| {
                let required = bundle.terms.required(sizing);
                let each = bundle.terms.google_inboxes_per_domain;
                Self {
                    google_licenses: required.google * each,
                    google_domains: required.google,
                    microsoft_domains: required.microsoft,
                    google_inboxes_per_domain: each,
                }
            }),
        }
    }

    /// Domains in all.
    #[must_use]
    pub const fn domains(&self) -> i64 {
        self.google_domains + self.microsoft_domains
    }
}
