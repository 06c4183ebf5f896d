//! What work is made of.

use model::action::ActionReason;
use model::by_hand::HandMade;
use model::delivery::{Attempt, Delivery, DeliveryStatus};
use model::dns::{HostedZone, Purpose, Records, RrSet, RrType};
use model::event::{Event, EventKind};
use model::evidence::{CheckName, Evidence, Summary, Verdict, Which};
use model::first_mail::{FirstMail, NotSent, Sending};
use model::forwarding::{Forwarding, ForwardingEntry, ForwardingReason, ForwardingState, ForwardingStatus};
use model::idempotency::{Remembered, Said};
use model::import::{Import, ImportReason, ImportRow, ImportRowStatus, ImportStatus};
use model::intent::{Intent, IntentKind, IntentState};
use model::notice::{Finding, Message, MessageKind, Notice, NoticeKind};
use model::pause::{Pause, Reach};
use model::run::{Memory, Mended, RefusedLogin, Run, RunKind, RunState, StepName, StepRecord, StepState, Who};
use model::secret::Secret;
use model::swap::{Swap, SwapEnd, SwapKind, SwapReason, SwapStatus};
use model::task::{Lane, Task};
use model::world::Environment;

use super::super::fill::{Fill, Values};
use super::persona;

pub(crate) fn run(fill: &Fill) -> Run {
    let (fixed, new) = fill.values();
    Run {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        kind: RunKind::Replace,
        order: Some(fixed.id()),
        domain: fixed.id(),
        job: Some(fixed.text()),
        state: new.pick(RunState::Failed, RunState::Done),
        step: new.pick(StepName::RenameInbox, StepName::RelinkInbox),
        memory: memory(&new),
        // Overdue, then parked: each column that is worked out changes with every change.
        steps: vec![StepRecord {
            step: new.pick(StepName::RenameInbox, StepName::RelinkInbox),
            state: new.pick(StepState::Waiting, StepState::Asking),
            started_at: new.time(),
            finished_at: Some(new.time()),
            attempts: new.number(),
            trouble: Some(new.text()),
            who: new.pick(None, Some(Who::Operator)),
            next_try_at: Some(new.time()),
        }],
        created_at: fixed.time(),
        finished_at: Some(new.time()),
        version: fill.version(),
    }
}

fn memory(new: &Values<'_>) -> Memory {
    Memory {
        login_sent: true,
        is_signed_later: true,
        may_mend: true,
        first_mail: Some(FirstMail {
            token: new.text(),
            from: new.text(),
            at: new.time(),
            number: new.number(),
            sending: new.pick(Sending::Taken, Sending::Not(NotSent::MailRefused)),
        }),
        mended: Some(Mended { at: new.time(), nudges: new.number() }),
        refused_login: Some(RefusedLogin { email: new.text(), sealed: new.text(), nudges: new.number() }),
        kept: vec![new.text()],
        replace_live_mail: true,
        target: Some(new.text()),
        address: Some(new.text()),
        old_address: Some(new.text()),
        persona: Some(new.small()),
        nudges: new.number(),
        late: new.number(),
        looks_for: Some(new.text()),
        renewal_cents: Some(new.number()),
        in_doubt: true,
        is_planned: true,
        verdict: Some(new.text()),
        nameservers: vec![new.text()],
        mail_records: vec![RrSet {
            name: new.text(),
            rtype: RrType::Aaaa,
            ttl: new.small(),
            values: vec![new.text(), new.text()],
        }],
        signing_keys: vec![RrSet { name: new.text(), rtype: RrType::Txt, ttl: new.small(), values: vec![new.text()] }],
        by_hand: Some(HandMade { records: vec![], made: true }),
    }
}

pub(crate) fn swap(fill: &Fill) -> Swap {
    let (fixed, new) = fill.values();
    Swap {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        kind: SwapKind::UserNames,
        order: fixed.id(),
        user: fixed.id(),
        domain: fixed.id(),
        replacement_name: Some(new.name()),
        replacement: Some(new.id()),
        inbox: Some(fixed.id()),
        persona: Some(persona(&new)),
        status: new.pick(SwapStatus::Failed, SwapStatus::Completed),
        reason: Some(new.pick(SwapReason::Waits(ActionReason::NameTaken), SwapReason::Ended(SwapEnd::DomainLeaves))),
        created_at: fixed.time(),
        finished_at: Some(new.time()),
        version: fill.version(),
    }
}

pub(crate) fn import(fill: &Fill) -> Import {
    let (fixed, new) = fill.values();
    Import {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        fingerprint: fixed.text(),
        newest: new.pick(true, false),
        replace_live_mail: true,
        status: new.pick(ImportStatus::ActionRequired, ImportStatus::Failed),
        domain_count: new.number(),
        completed_count: new.number(),
        failed_count: new.number(),
        last_event: Some(new.id()),
        created_at: fixed.time(),
        completed_at: Some(new.time()),
        version: fill.version(),
    }
}

pub(crate) fn import_row(fill: &Fill) -> ImportRow {
    let (fixed, new) = fill.values();
    ImportRow {
        import: fixed.id(),
        position: fixed.number(),
        partner: fixed.id(),
        world: fixed.world(),
        name: fixed.text(),
        domain: Some(fixed.id()),
        status: new.pick(ImportRowStatus::Connected, ImportRowStatus::Failed),
        reason: Some(new.pick(ImportReason::LiveMail, ImportReason::NotRoot)),
        nameservers: vec![new.text(), new.text()],
        asking: new.pick(true, false),
        version: fill.version(),
    }
}

pub(crate) fn forwarding(fill: &Fill) -> Forwarding {
    let (fixed, new) = fill.values();
    Forwarding {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        url: fixed.text(),
        status: new.pick(ForwardingStatus::PartialSuccess, ForwardingStatus::Failed),
        entries: vec![ForwardingEntry {
            name: new.text(),
            domain: Some(new.id()),
            state: ForwardingState::Done,
            reason: Some(ForwardingReason::NotActive),
        }],
        created_at: fixed.time(),
        completed_at: Some(new.time()),
        version: fill.version(),
    }
}

pub(crate) fn look(fill: &Fill) -> Evidence {
    let (fixed, _) = fill.values();
    Evidence {
        domain: fixed.id(),
        which: Which::Connected,
        partner: fixed.id(),
        world: fixed.world(),
        checked_at: fixed.time(),
        summary: vec![Summary { check: CheckName::Sequencer, verdict: Verdict::Unknown, reason: Some(fixed.text()) }],
        document: fixed.text(),
    }
}

pub(crate) fn event(fill: &Fill) -> Event {
    let (fixed, _) = fill.values();
    Event {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        kind: EventKind::DomainConnected,
        order: Some(fixed.id()),
        domain: Some(fixed.id()),
        created_at: fixed.time(),
        data: fixed.text(),
    }
}

pub(crate) fn delivery(fill: &Fill) -> Delivery {
    let (fixed, new) = fill.values();
    Delivery {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        event: fixed.id(),
        endpoint: fixed.id(),
        status: new.pick(DeliveryStatus::Delivered, DeliveryStatus::Failed),
        attempts: vec![Attempt {
            at: new.time(),
            status_code: Some(new.small()),
            duration_ms: new.number(),
            response: Some(new.text()),
            error: Some(new.text()),
        }],
        next_attempt_at: Some(new.time()),
        by_hand: new.pick(true, false),
        version: fill.version(),
    }
}

pub(crate) fn task(fill: &Fill) -> Task {
    let (fixed, _) = fill.values();
    Task {
        id: fixed.id(),
        lane: Lane::Timer,
        partner: fixed.id(),
        world: fixed.world(),
        bucket: fixed.text(),
        subject: fixed.text(),
        due_at: fixed.time(),
        lease: Some(fixed.text()),
        attempts: fixed.number(),
    }
}

pub(crate) fn remembered(fill: &Fill) -> Remembered {
    let (fixed, _) = fill.values();
    Remembered {
        partner: fixed.id(),
        world: fixed.world(),
        key: fixed.text(),
        fingerprint: fixed.text(),
        status: fixed.small(),
        said: Said::Sealed(Secret::plain(fixed.text())),
        created_at: fixed.time(),
        yields: false,
    }
}

pub(crate) fn notice(fill: &Fill) -> Notice {
    let (fixed, new) = fill.values();
    Notice {
        id: fixed.id(),
        finding: Finding {
            kind: NoticeKind::StepParked,
            subject: fixed.text(),
            partner: Some(fixed.id()),
            environment: Some(Environment::Live),
            message: new.text(),
            todo: new.text(),
        },
        opened_at: fixed.time(),
        seen_at: new.time(),
        told_at: new.time(),
        closed_at: Some(new.time()),
        version: fill.version(),
    }
}

pub(crate) fn message(fill: &Fill) -> Message {
    let (fixed, new) = fill.values();
    Message {
        id: fixed.id(),
        notice: fixed.id(),
        kind: MessageKind::Reminded,
        body: fixed.text(),
        attempts: new.number(),
        due_at: Some(new.time()),
        error: Some(new.text()),
        version: fill.version(),
    }
}

pub(crate) fn intent(fill: &Fill) -> Intent {
    let (fixed, new) = fill.values();
    Intent {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        kind: IntentKind::Renew,
        account: fixed.text(),
        name: fixed.text(),
        domain: fixed.id(),
        order: Some(fixed.id()),
        run: fixed.id(),
        reference: fixed.text(),
        most_cents: fixed.number(),
        opened_at: fixed.time(),
        state: new.pick(IntentState::Bought, IntentState::NotBought),
        asked_at: Some(new.time()),
        paid_until: Some(new.time()),
        vendor_id: Some(new.text()),
        paid_cents: Some(new.number()),
        closed_at: Some(new.time()),
        seats: Some(new.number()),
        ended_at: Some(new.time()),
        version: fill.version(),
    }
}

pub(crate) fn pause(fill: &Fill) -> Pause {
    let (fixed, new) = fill.values();
    Pause {
        id: fixed.id(),
        reach: Reach::Account(fixed.text()),
        renewals: new.pick(true, false),
        by: fixed.text(),
        began_at: fixed.time(),
        lifted_at: Some(new.time()),
        version: fill.version(),
    }
}

pub(crate) fn zone(fill: &Fill) -> HostedZone {
    let (fixed, new) = fill.values();
    let set = RrSet { name: new.text(), rtype: RrType::Caa, ttl: new.small(), values: vec![new.text()] };
    HostedZone {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        domain: fixed.id(),
        name: fixed.name(),
        account: Some(new.text()),
        nameservers: vec![new.text()],
        records: vec![Records { purpose: Purpose::Customer, set }],
        redirects_to: Some(new.text()),
        redirect_account: Some(new.text()),
        serial: new.number(),
        published_serial: Some(new.number()),
        created_at: fixed.time(),
        removed_at: Some(new.time()),
        version: fill.version(),
    }
}
