//! The audit trail: who did what to what, from where, when. It is only ever added to.

use std::net::IpAddr;

use serde::Serialize;

use crate::clock::Time;
use crate::id::{AuditId, Id as _, KeyId, PartnerId, RequestId};
use crate::named::named;
use crate::world::Environment;

named! {
    /// What was done. Append-only.
    #[expect(missing_docs, reason = "the names say it")]
    pub enum Act {
        UserCreate "user.create",
        UserChange "user.change",
        UserRemove "user.remove",
        BundleCreate "bundle.create",
        BundleChange "bundle.change",
        BundleRemove "bundle.remove",
        OrderQuote "order.quote",
        OrderPlace "order.place",
        OrderCancel "order.cancel",
        OrderUndoCancel "order.undo_cancel",
        ActionResolve "action.resolve",
        ImportStart "import.start",
        ForwardingStart "forwarding.start",
        SwapBegin "swap.begin",
        SwapRename "swap.rename",
        SwapCancel "swap.cancel",
        EndpointCreate "endpoint.create",
        EndpointChange "endpoint.change",
        EndpointRemove "endpoint.remove",
        EndpointRotateSecret "endpoint.rotate_secret",
        EndpointTest "endpoint.test",
        EndpointReplay "endpoint.replay",
        EndpointSet "endpoint.set",
        DeliveryRedeliver "delivery.redeliver",
        SandboxAdvanceClock "sandbox.advance_clock",
        SandboxReset "sandbox.reset",
        PartnerCreate "partner.create",
        PartnerChange "partner.change",
        KeyCreate "key.create",
        KeyChange "key.change",
        KeyRevoke "key.revoke",
        DatabaseBackup "database.backup",
        DatabaseRestore "database.restore",
        NameAdopt "name.adopt",
        NameExpiry "name.expiry",
        BuyingPause "buying.pause",
        BuyingResume "buying.resume",
        LoginsHandOut "logins.hand_out",
        ConsentBegin "consent.begin",
        ConsentAnswer "consent.answer",
    }
}

named! {
    /// What kind of somebody acted.
    pub enum Who {
        /// Whoever has an API key.
        Key "key",
        /// Whoever can read the data folder: a command.
        Operator "operator",
        /// Whoever holds a link of ours: the owner of an inbox.
        Visitor "visitor",
    }
}

/// Where an act came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The request, when it was one.
    pub request: Option<RequestId>,
    /// The address that it came from.
    pub address: Option<IpAddr>,
    /// The command, when it was one: its name, without what stands behind it.
    pub command: Option<String>,
    /// Who ran the command, as the system knows them.
    pub system_user: Option<String>,
}

/// One act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: AuditId,
    /// When, server time.
    pub at: Time,
    /// What.
    pub act: Act,
    /// What kind of somebody.
    pub who: Who,
    /// The key that it was done with.
    pub key: Option<KeyId>,
    /// Whose records it was about.
    pub partner: Option<PartnerId>,
    /// In which environment.
    pub environment: Option<Environment>,
    /// The id of what it was about.
    pub subject: Option<String>,
    /// From where.
    pub origin: Origin,
}

impl Entry {
    /// Everything that it says, in one unmistakable text: what its keyed hash is made of.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(&self.view()).unwrap_or_default()
    }

    /// As the operator sees it.
    #[must_use]
    pub fn view(&self) -> Shown<'_> {
        Shown {
            id: self.id.as_str(),
            at: self.at.0,
            act: self.act.as_str(),
            who: self.who.as_str(),
            key: self.key.as_ref().map(KeyId::as_str),
            partner: self.partner.as_ref().map(PartnerId::as_str),
            environment: self.environment.map(Environment::as_str),
            subject: self.subject.as_deref(),
            request: self.origin.request.as_ref().map(RequestId::as_str),
            address: self.origin.address.map(|address| address.to_string()),
            command: self.origin.command.as_deref(),
            system_user: self.origin.system_user.as_deref(),
        }
    }
}

/// An entry as it is hashed. The order of the fields, and what they hold, must never change: old entries would not fit
/// their hashes any more.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "see `Entry`")]
pub struct Shown<'a> {
    pub id: &'a str,
    /// Microseconds of Unix time.
    pub at: i64,
    pub act: &'a str,
    pub who: &'a str,
    pub key: Option<&'a str>,
    pub partner: Option<&'a str>,
    pub environment: Option<&'a str>,
    pub subject: Option<&'a str>,
    pub request: Option<&'a str>,
    pub address: Option<String>,
    pub command: Option<&'a str>,
    pub system_user: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hashed_stays_as_it_is() {
        let entry = Entry {
            id: AuditId::opaque("aud_1"),
            at: Time(5),
            act: Act::KeyCreate,
            who: Who::Operator,
            key: None,
            partner: Some(PartnerId::opaque("org_1")),
            environment: Some(Environment::Test),
            subject: Some("key_1".into()),
            origin: Origin { command: Some("keys create".into()), ..Origin::default() },
        };
        let text = r#"{"id":"aud_1","at":5,"act":"key.create","who":"operator","key":null,"partner":"org_1","environment":"test","subject":"key_1","request":null,"address":null,"command":"keys create","system_user":null}"#;
        assert_eq!(entry.text(), text);
    }
}
