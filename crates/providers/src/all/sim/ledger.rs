//! The ledger of effects: what the vendors really did, so that anyone can count.

use model::clock::Time;
use model::money::Cents;
use serde::Serialize;

use crate::descriptor::Role;

/// What a vendor can do that somebody would notice. Append-only: the names have left the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Registered,
    NameserversSet,
    ZoneCreated,
    RecordsWritten,
    RedirectSet,
    RedirectRemoved,
    DomainOpened,
    DomainVerified,
    MailboxCreated,
    MailboxChanged,
    AccountLinked,
    Renewed,
    ZoneRemoved,
    DomainClosed,
    MailboxRenamed,
    MailboxDeleted,
    AccountUnlinked,
}

impl Deed {
    const fn row(self) -> (Role, &'static str) {
        match self {
            Self::Registered => (Role::Registrar, "registered"),
            Self::NameserversSet => (Role::Registrar, "nameservers_set"),
            Self::ZoneCreated => (Role::Dns, "zone_created"),
            Self::RecordsWritten => (Role::Dns, "records_written"),
            Self::RedirectSet => (Role::Dns, "redirect_set"),
            Self::RedirectRemoved => (Role::Dns, "redirect_removed"),
            Self::DomainOpened => (Role::Mail, "domain_opened"),
            Self::DomainVerified => (Role::Mail, "domain_verified"),
            Self::MailboxCreated => (Role::Mail, "mailbox_created"),
            Self::MailboxChanged => (Role::Mail, "mailbox_changed"),
            Self::AccountLinked => (Role::Sequencer, "account_linked"),
            Self::Renewed => (Role::Registrar, "renewed"),
            Self::ZoneRemoved => (Role::Dns, "zone_removed"),
            Self::DomainClosed => (Role::Mail, "domain_closed"),
            Self::MailboxRenamed => (Role::Mail, "mailbox_renamed"),
            Self::MailboxDeleted => (Role::Mail, "mailbox_deleted"),
            Self::AccountUnlinked => (Role::Sequencer, "account_unlinked"),
        }
    }

    /// Who did it.
    pub(super) const fn role(self) -> &'static str {
        self.row().0.as_str()
    }

    /// The name in the ledger.
    pub(super) const fn as_str(self) -> &'static str {
        self.row().1
    }
}

/// A deed on its way into the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// What was done.
    pub(super) deed: Deed,
    /// To which name or address.
    pub(super) subject: String,
    /// What the vendor took for it, in cents; `None` for what costs nothing.
    pub(super) price: Option<Cents>,
}

/// One row of the ledger. A repeated call adds none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// When, in server time.
    pub at: Time,
    /// When, in the partner's time; `None` for what an older version wrote down.
    pub partner_at: Option<Time>,
    /// In which world; scripts ask for one world at a time, so it is not printed.
    #[serde(skip)]
    pub world: String,
    /// Who did it: `registrar`, `dns`, `mail` or `sequencer`.
    pub role: String,
    /// What was done, such as `registered` or `mailbox_created`.
    pub effect: String,
    /// The name or address it was done to.
    pub subject: String,
    /// What the vendor took for it, in cents; `None` for what costs nothing, and for what an older version wrote down.
    pub price_cents: Option<Cents>,
    /// The reference of the call that did it.
    pub reference: String,
}
