//! What has to be done in the sandbox so that an event is told: calls of the API, as data.
//!
//! A `$name` in a path or body stands for a value: `$r` is drawn anew each time, so that names are free; `$domain`
//! is the name that the scenario chose; the others were kept from an earlier answer.

use model::event::EventKind;

/// One step of a scenario.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Chooses the name that later steps call `$domain`. Its beginning decides what the sandbox does.
    Domain(&'static str),
    /// A call, and what is kept of its answer: a name, and where it stands.
    Call { method: &'static str, path: &'static str, body: &'static str, keep: &'static [(&'static str, &'static str)] },
    /// Waits until this event of the scenario was told.
    Await(EventKind),
    /// Looks for the newest webhook endpoint that gets events; later steps call it `$endpoint`.
    Endpoint,
    /// Moves the partner's sandbox clock forward by so many seconds.
    Advance(i64),
}

const fn post(path: &'static str, body: &'static str) -> Step {
    Step::Call { method: "POST", path, body, keep: &[] }
}

const fn get(path: &'static str, keep: &'static [(&'static str, &'static str)]) -> Step {
    Step::Call { method: "GET", path, body: "", keep }
}

const fn domain(name: &'static str) -> Step {
    Step::Domain(name)
}

/// A name that everything works with.
const PLAIN: Step = domain("acme-$r.com");
const FAILING: Step = domain("fail-$r.com");
const ASKING: Step = domain("action-$r.com");
const IMPORTED: Step = domain("imported-$r.com");
const UNREGISTERED: Step = domain("unreg-$r.com");
const SHUT: Step = domain("mailbox-suspended-$r.com");
const LOSING: Step = domain("link-lost-$r.com");
const UNSIGNED: Step = domain("action-dkim-$r.com");
const DRIFTING: Step = domain("drift-$r.com");
const NEGLECTED: Step = domain("nons-$r.com");

/// An order for `$domain` with two Google inboxes.
const PLACE: Step = Step::Call {
    method: "POST",
    path: "/orders",
    body: r#"{
        "user": "trigger-$r@example.com",
        "google_licenses": 2,
        "sequencer": {
            "provider": "smartlead",
            "client_id": 366903,
            "login_email": "trigger@example.com",
            "login_password": "not-a-real-password"
        },
        "forwarding_url": "https://example.com",
        "domains": ["$domain"],
        "personas": [{ "first_name": "Alex", "last_name": "Rivera", "profile_picture_url": "" }]
    }"#,
    keep: &[("order", "/data/id")],
};

const COMPLETED: Step = Step::Await(EventKind::OrderCompleted);
const READ_ORDER: Step = get("/orders/$order", &[("id", "/data/domains/0/id")]);
const CANCEL: Step = post("/orders/$order/cancel", "{}");
const SCHEDULED: Step = Step::Await(EventKind::OrderCancelScheduled);
const UNDO: Step = Step::Call { method: "DELETE", path: "/orders/$order/cancel", body: "", keep: &[] };
/// Past the end of any month.
const A_MONTH: Step = Step::Advance(2_764_800);
/// Past the day, a month before it runs out, on which a bought name is renewed.
const ELEVEN_MONTHS: Step = Step::Advance(336 * 86_400);
const IMPORT: Step = Step::Call {
    method: "POST",
    path: "/domains/import",
    body: r#"{ "domains": ["$domain"] }"#,
    keep: &[("import", "/data/id")],
};
/// Past the first look at the nameservers of an import.
const A_LOOK: Step = Step::Advance(180);
/// Past the day after which somebody is asked about them.
const A_DAY: Step = Step::Advance(90_000);

/// Until a name that drifts has lost its nameservers, and somebody has looked.
const FORTY_DAYS: Step = Step::Advance(3_546_000);
/// Until it has them again.
const TWO_DAYS: Step = Step::Advance(180_000);

/// An order for `$domain` that does not wait for its mail to be signed.
const PLACE_UNSIGNED: Step = Step::Call {
    method: "POST",
    path: "/orders",
    body: r#"{
        "user": "trigger-$r@example.com",
        "google_licenses": 2,
        "dkim": "later",
        "sequencer": {
            "provider": "smartlead",
            "client_id": 366903,
            "login_email": "trigger@example.com",
            "login_password": "not-a-real-password"
        },
        "domains": ["$domain"],
        "personas": [{ "first_name": "Alex", "last_name": "Rivera", "profile_picture_url": "" }]
    }"#,
    keep: &[("order", "/data/id")],
};
const ASKED: Step = Step::Await(EventKind::DomainActionRequired);
const READ_ACTION: Step = get("/orders/pending?order_id=$order", &[("action", "/data/0/id")]);
const RESOLVE: Step = post("/orders/pending/$action/resolve", "{}");
/// Until mailboxes that are shut have been, and somebody has looked.
const A_MONTH_AND_A_DAY: Step = Step::Advance(31 * 86_400 + 3_600);
/// Until the sequencer's logins fail, and somebody has looked.
const THREE_WEEKS: Step = Step::Advance(22 * 86_400 + 3_600);

/// A standard swap of the order's domain.
const fn swap(body: &'static str) -> Step {
    Step::Call { method: "POST", path: "/swaps", body, keep: &[("swap", "/data/id")] }
}

const SWAP: Step = swap(r#"{ "type": "standard", "domain_id": "$id", "replacement_domain": "swapped-$r.com" }"#);
const FAILING_SWAP: Step =
    swap(r#"{ "type": "standard", "domain_id": "$id", "replacement_domain": "fail-new-$r.com" }"#);
const ASKING_SWAP: Step =
    swap(r#"{ "type": "standard", "domain_id": "$id", "replacement_domain": "taken-new-$r.com" }"#);
const CANCEL_SWAP: Step = post("/swaps/$swap/cancel", "");

const FORWARD: Step =
    post("/domains/forwarding", r#"{ "domains": ["$domain"], "forwarding_url": "https://new-$r.example.com" }"#);
const FORWARD_NOWHERE: Step = post(
    "/domains/forwarding",
    r#"{ "domains": ["$domain"], "forwarding_url": "https://unreachable-$r.example.com" }"#,
);
const TEST_ENDPOINT: Step = post("/webhook_endpoints/$endpoint/test", "");

/// The steps after which an event is told.
pub(super) const fn scenario(kind: EventKind) -> &'static [Step] {
    match kind {
        EventKind::OrderInProgress
        | EventKind::OrderCompleted
        | EventKind::DomainConnected
        | EventKind::InboxLinked => &[PLAIN, PLACE],
        EventKind::OrderFailed => &[FAILING, PLACE],
        EventKind::OrderActionRequired | EventKind::DomainActionRequired => &[ASKING, PLACE],
        EventKind::OrderCancelScheduled => &[PLAIN, PLACE, COMPLETED, CANCEL],
        EventKind::OrderCancelUndone => &[PLAIN, PLACE, COMPLETED, CANCEL, SCHEDULED, UNDO],
        EventKind::OrderCancelled => &[PLAIN, PLACE, COMPLETED, CANCEL, SCHEDULED, A_MONTH],
        EventKind::OrderRenewed => &[PLAIN, PLACE, COMPLETED, A_MONTH],
        EventKind::DomainRenewed => &[PLAIN, PLACE, COMPLETED, ELEVEN_MONTHS],
        EventKind::DomainForwardingUpdated => &[PLAIN, PLACE, COMPLETED, FORWARD],
        EventKind::DomainForwardingFailed => &[PLAIN, PLACE, COMPLETED, FORWARD_NOWHERE],
        EventKind::DomainImportCompleted => &[IMPORTED, IMPORT, A_LOOK],
        EventKind::DomainImportFailed => &[UNREGISTERED, IMPORT],
        EventKind::DomainImportActionRequired => &[NEGLECTED, IMPORT, A_DAY],
        EventKind::SwapCreated | EventKind::SwapInProgress | EventKind::SwapCompleted => {
            &[PLAIN, PLACE, COMPLETED, READ_ORDER, SWAP]
        }
        EventKind::SwapFailed => &[PLAIN, PLACE, COMPLETED, READ_ORDER, FAILING_SWAP],
        EventKind::SwapCancelled => &[PLAIN, PLACE, COMPLETED, READ_ORDER, ASKING_SWAP, CANCEL_SWAP],
        EventKind::SwapActionRequired => &[PLAIN, PLACE, COMPLETED, READ_ORDER, ASKING_SWAP],
        EventKind::WebhookTest => &[Step::Endpoint, TEST_ENDPOINT],
        EventKind::DomainDnsDrifted => &[DRIFTING, PLACE, COMPLETED, FORTY_DAYS],
        EventKind::InboxSuspended => &[SHUT, PLACE, COMPLETED, A_MONTH_AND_A_DAY],
        EventKind::InboxRestored => {
            &[SHUT, PLACE, COMPLETED, A_MONTH_AND_A_DAY, Step::Await(EventKind::InboxSuspended), TWO_DAYS]
        }
        EventKind::InboxDisconnected => &[LOSING, PLACE, COMPLETED, THREE_WEEKS],
        EventKind::DomainDkimEnabled => &[UNSIGNED, PLACE_UNSIGNED, COMPLETED, ASKED, READ_ACTION, RESOLVE],
        EventKind::DomainDnsRestored => {
            &[DRIFTING, PLACE, COMPLETED, FORTY_DAYS, Step::Await(EventKind::DomainDnsDrifted), TWO_DAYS]
        }
    }
}

/// By how many seconds an event's scenario moves the partner's sandbox clock.
pub(super) fn moved_by(kind: EventKind) -> i64 {
    let moves = scenario(kind).iter().map(|step| if let Step::Advance(seconds) = step { *seconds } else { 0 });
    moves.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_that_is_used_was_kept_before_and_every_body_is_json() {
        for kind in EventKind::ALL {
            let mut known = vec!["r"];
            let used = |text: &'static str, known: &[&str]| {
                for part in text.split('$').skip(1) {
                    let end = part.find(|letter: char| !letter.is_ascii_lowercase()).unwrap_or(part.len());
                    assert!(known.contains(&&part[..end]), "{}: ${}", kind.as_str(), &part[..end]);
                }
            };
            for step in scenario(*kind) {
                match step {
                    Step::Domain(name) => {
                        used(name, &known);
                        known.push("domain");
                    }
                    Step::Call { path, body, keep, .. } => {
                        used(path, &known);
                        used(body, &known);
                        assert!(body.is_empty() || serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body}");
                        known.extend(keep.iter().map(|(name, _)| *name));
                    }
                    Step::Await(awaited) => assert_ne!(awaited, kind),
                    Step::Endpoint => known.push("endpoint"),
                    Step::Advance(seconds) => assert!(*seconds > 0),
                }
            }
        }
    }
}
