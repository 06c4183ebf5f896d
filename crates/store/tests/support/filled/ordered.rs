//! What belongs to an order.

use model::action::{Action, ActionReason, Answered};
use model::dns::{DnsHealth, Health};
use model::domain::Assigned;
use model::domain::{Domain, DomainStatus, MailProvider, Source, Stop};
use model::inbox::{Inbox, InboxStatus, LinkStatus};
use model::ledger::{Line, LineKind, PaidFor};
use model::order::{Dkim, Order, OrderStatus, Sequencer};
use model::secret::Secret;
use model::trace::TraceParent;
use std::collections::BTreeMap;

use super::super::fill::Fill;
use super::persona;

pub(crate) fn order(fill: &Fill) -> Order {
    let (fixed, new) = fill.values();
    Order {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        user: fixed.id(),
        email: fixed.text(),
        bundle: Some(fixed.id()),
        status: new.pick(OrderStatus::CancelScheduled, OrderStatus::Cancelled),
        domain_count: new.number(),
        total_cents: new.number(),
        anchor_day: fixed.small(),
        renews_at: new.time(),
        reference: Some(fixed.text()),
        forwarding_url: Some(fixed.text()),
        personas: vec![persona(&fixed)],
        metadata: BTreeMap::from([(fixed.text(), fixed.text())]),
        sequencer: Sequencer {
            client_id: Some(new.number()),
            login_email: Some(new.text()),
            provider: new.pick(model::order::SequencerProvider::Instantly, model::order::SequencerProvider::Csv),
            login_password: Some(Secret::plain(new.text())),
            api_key: Some(Secret::plain(new.text())),
        },
        api_key: Some(new.id()),
        dkim: new.pick(Dkim::Later, Dkim::Required),
        cancel_scheduled_at: Some(new.time()),
        cancels_at: Some(new.time()),
        timed: new.pick(true, false),
        completed_at: Some(new.time()),
        last_event: Some(new.id()),
        trace: TraceParent::new(fixed.small(), fixed.small(), true),
        created_at: fixed.time(),
        version: fill.version(),
    }
}

pub(crate) fn domain(fill: &Fill) -> Domain {
    let (fixed, new) = fill.values();
    Domain {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        name: fixed.name(),
        status: new.pick(DomainStatus::Retiring, DomainStatus::Releasing),
        source: Source::Imported,
        held: new.pick(true, false),
        order: new.pick(Some(new.id()), None),
        position: new.number(),
        user: Some(new.id()),
        usable_for: vec![new.pick(MailProvider::Google, MailProvider::Microsoft)],
        provider: Some(new.pick(MailProvider::Microsoft, MailProvider::Google)),
        licenses: new.number(),
        inboxes_planned: new.number(),
        inboxes_made: new.number(),
        persona_offset: new.number(),
        forwarding_url: Some(new.text()),
        price_cents: new.number(),
        cost_cents: new.number(),
        renewal_price_cents: new.number(),
        renewal_cost_cents: new.number(),
        dns: Some(DnsHealth {
            spf: Health::Ok,
            dkim: Health::Missing,
            dmarc: Health::Wrong,
            mx: Health::Unknown,
            checked_at: new.time(),
        }),
        expires_at: Some(new.time()),
        connected_at: Some(new.time()),
        cancels_at: Some(new.time()),
        left_at: Some(new.time()),
        stop: Some(new.pick(Stop::GivenUp, Stop::Replaced)),
        swap: Some(new.id()),
        personas: Some(vec![persona(&new)]),
        accounts: Assigned {
            registrar: Some(new.text()),
            dns: Some(new.text()),
            redirect: Some(new.text()),
            mail: Some(new.text()),
            sequencer: Some(new.text()),
        },
        mail_logins: Some(Secret::plain(format!(r#"{{"a@acme.com":"{}"}}"#, new.text()))),
        created_at: fixed.time(),
        version: fill.version(),
    }
}

pub(crate) fn inbox(fill: &Fill) -> Inbox {
    let (fixed, new) = fill.values();
    Inbox {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        domain: fixed.id(),
        order: fixed.id(),
        user: fixed.id(),
        email: new.text(),
        first_name: new.text(),
        last_name: new.text(),
        provider: MailProvider::Microsoft,
        status: new.pick(InboxStatus::Suspended, InboxStatus::Active),
        link: new.pick(LinkStatus::Linked, LinkStatus::Failed),
        account_id: Some(new.text()),
        created_at: fixed.time(),
        version: fill.version(),
    }
}

pub(crate) fn action(fill: &Fill) -> Action {
    let (fixed, new) = fill.values();
    Action {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        reason: ActionReason::LicenceCapacity,
        open: new.pick(true, false),
        order: Some(fixed.id()),
        domain: fixed.id(),
        domain_name: fixed.text(),
        user: Some(fixed.id()),
        persona: Some(fixed.number()),
        message: fixed.text(),
        created_at: fixed.time(),
        run: Some(fixed.id()),
        resolved_at: Some(new.time()),
        answered: Some(Answered { with: new.text(), hash: new.text() }),
        version: fill.version(),
    }
}

pub(crate) fn line(fill: &Fill) -> Line {
    let (fixed, _) = fill.values();
    Line {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        order: fixed.id(),
        domain: fixed.id(),
        user: Some(fixed.id()),
        kind: LineKind::Credit,
        period: fixed.text(),
        paid_for: Some(PaidFor { start: fixed.time(), end: fixed.time() }),
        reverses: Some(fixed.id()),
        quantity: fixed.number(),
        unit_cents: fixed.number(),
        amount_cents: fixed.number(),
        created_at: fixed.time(),
    }
}
