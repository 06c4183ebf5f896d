//! What names and addresses do in the sandbox, in words: the tables of its documentation are made of these.

use model::clock::{DAY, HOUR, MINUTE, SECOND};
use model::domain::MailProvider;
use model::import::ImportReason;
use model::money::dollars;

use super::behaviour::{Behaviour, Manner, Moment, Shelf, TABLE};
use super::mail_host::{KEY_TAKES, SHUT_AFTER, SHUT_FOR};
use super::mailboxes::FOUND_AFTER;
use super::observer::{DRIFTS_AFTER, DRIFTS_FOR, HELD_AFTER, SLOW_OWNER, TARGETS};
use super::registrar::{JUMPED_RENEWAL, PRICE, REGISTRY_TAKES, RENEWAL, RISE};
use super::scene::{FAILURES, SLOW};
use super::sequencer::LINKS_LAST;

/// The beginning of a name's first label, or of an address's host, and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// What it begins with.
    pub begins: &'static str,
    /// What happens then, in Markdown.
    pub effect: String,
}

/// What names can begin with; the longest beginning that fits decides.
#[must_use]
pub fn names() -> Vec<Prefix> {
    TABLE.iter().map(|(begins, behaviour)| Prefix { begins, effect: effect(behaviour) }).collect()
}

/// What all other names do.
#[must_use]
pub fn ordinary_name() -> String {
    format!("works: {} for the first year, {} for every further one", dollars(PRICE), dollars(RENEWAL))
}

/// What the hosts of addresses can begin with.
#[must_use]
pub fn targets() -> Vec<Prefix> {
    let effect = |reason| format!("`{reason}`");
    TARGETS.iter().map(|(begins, fault)| Prefix { begins, effect: effect(fault.reason().as_str()) }).collect()
}

fn effect(behaviour: &Behaviour) -> String {
    let parts = [on_the_shelf(behaviour.shelf), in_its_manner(behaviour.manner)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn on_the_shelf(shelf: Shelf) -> Option<String> {
    match shelf {
        Shelf::Free(usable_for) => only(usable_for),
        Shelf::Not(why) => Some(format!("not available: `{}`", why.as_str())),
        Shelf::GoneAtTheTill(_) => {
            Some("available when asked, gone at the fresh check of the order: `domain_unavailable`".into())
        }
    }
}

fn only(usable_for: &[MailProvider]) -> Option<String> {
    match usable_for {
        [MailProvider::Google] => Some("usable for Google only".into()),
        [MailProvider::Microsoft] => Some("usable for Microsoft only".into()),
        _ => None,
    }
}

fn in_its_manner(manner: Manner) -> Option<String> {
    let refused = |reason: ImportReason| format!("cannot be imported: `{}`", reason.as_str());
    Some(match manner {
        Manner::Smooth => return None,
        Manner::Slow => format!("each step takes {} seconds of the sandbox's clock", SLOW / SECOND),
        Manner::Flaky => format!("the first {FAILURES} calls of each step fail, then it works"),
        Manner::Lossy => {
            "the answer of the first writing call of each step is lost; the next try finds what it made".into()
        }
        Manner::Hopeless => "fails for good when its mail domain is opened, after the purchase: the name goes to the \
                             inventory, its licences are credited"
            .into(),
        Manner::Unregistered => refused(ImportReason::NotRegistered),
        Manner::Signed => refused(ImportReason::Signed),
        Manner::Locked => refused(ImportReason::Locked),
        Manner::Suspended => refused(ImportReason::Suspended),
        Manner::LiveMail => refused(ImportReason::LiveMail) + ", unless `replace_live_mail` is sent",
        Manner::ZoneRefused => refused(ImportReason::ZoneRefused),
        Manner::Drifting => format!(
            "works; {} days later its nameservers are gone until `resolve`, or for {} days of the sandbox's clock",
            DRIFTS_AFTER / DAY,
            DRIFTS_FOR / DAY
        ),
        Manner::Unverified => format!(
            "works; {} days later its registrant has not confirmed the address, and its registry puts the name on hold: asks \
             `name_on_hold`, until `resolve`",
            HELD_AFTER / DAY
        ),
        Manner::ShuttingMailboxes => format!(
            "works; {} days later its mail host shuts its mailboxes, for {} days of the sandbox's clock: `inbox.suspended`, and \
             `inbox.restored`",
            SHUT_AFTER / DAY,
            SHUT_FOR / DAY
        ),
        Manner::LosingLinks => format!(
            "works; {} days later the sequencer's logins to its inboxes fail: asks `inbox_login_fails`, until `resolve`",
            LINKS_LAST / DAY
        ),
        Manner::Neglected => format!(
            "imported: its nameservers arrive only after `resolve`, or {} hours of the sandbox's clock",
            SLOW_OWNER / HOUR
        ),
        Manner::DearerToRenew => format!(
            "works; asks `price_changed` when it is renewed: another year costs {} by then, until `max_total_cents` \
             allows that or it is cancelled",
            dollars(JUMPED_RENEWAL)
        ),
        Manner::LateMailboxes => {
            format!("its inboxes are made, and found {} minutes of the sandbox's clock later", FOUND_AFTER / MINUTE)
        }
        Manner::Reserved => {
            "the address that each person would have first is kept for somebody who was deleted: the inboxes get the next of their pattern"
                .into()
        }
        Manner::SlowKey => format!(
            "its DKIM key can be had {} hours of the sandbox's clock after its mail domain was opened",
            KEY_TAKES / HOUR
        ),
        Manner::PendingHours => format!(
            "its registration takes {} hours of the sandbox's clock after it was ordered at the registrar",
            REGISTRY_TAKES / HOUR
        ),
        Manner::Snatched => {
            "asks `name_taken` when the name is bought, until a replacement is sent or it is given up".into()
        }
        Manner::Dearer => format!(
            "asks `price_changed` when the name is bought: it costs {} more, until `max_total_cents` allows that, a \
             replacement is sent or it is given up",
            dollars(RISE)
        ),
        Manner::Asking(moment, reason) => format!("asks `{}` {}", reason.as_str(), when(moment)),
    })
}

const fn when(moment: Moment) -> &'static str {
    match moment {
        Moment::Registering => "when the name is bought",
        Moment::OpeningMail => "when its mail domain is opened",
        Moment::Signing => "when its mail is to be signed",
        Moment::MakingMailboxes => "before its inboxes are made",
        Moment::HalfOfMailboxes => "when half of its inboxes are made",
        Moment::Linking => "when its inboxes are linked to the sequencer",
        Moment::Renewing => "when the registrar is to renew it",
        Moment::FetchingTarget => "when the address that it is to forward to is looked at",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_prefix_says_something_of_its_own() {
        let rows = names();
        let effects: HashSet<_> = rows.iter().map(|row| &row.effect).collect();
        assert_eq!(effects.len(), rows.len());
        assert!(rows.iter().all(|row| !row.effect.is_empty() && row.begins.ends_with('-')));
    }
}
