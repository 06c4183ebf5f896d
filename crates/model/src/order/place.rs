//! Placing an order: facts in, every row of it out.

use super::check::NameRow;
use super::check::look_up_names;
use super::price::price_faults;
use super::quoted::as_quoted;
use super::{Facts, Need, Order, OrderStatus, Placing, Priced, Sequencer, Tariff, UserRef, assign, check_records};
use crate::bundle::Sizing;
use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Domain, DomainStatus, MailProvider, NameAnswer, Source};
use crate::event::{Event, EventKind};
use crate::id::{Ids, OrderId, UserId};
use crate::ledger::{Charge, Line, LineKind, PaidFor};
use crate::money::PriceBook;
use crate::refusal::{Code, Fault, Refusal};
use crate::run::{Run, RunKind};
use crate::task::Task;
use crate::user::{User, UserStatus, fold};
use crate::view;
use crate::world::Scope;

/// What the operator's configuration says about orders.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// How much inboxes and domains carry.
    pub sizing: Sizing,
    /// What things cost.
    pub book: PriceBook,
}

/// An accepted order.
#[derive(Debug)]
pub struct Placed {
    /// Everything to write.
    pub change: Change,
    /// The body of the answer, as replays repeat it.
    pub answer: String,
}

/// Decides an order: every check in the stated order, then every row at once.
///
/// # Errors
/// Every fault of the first stage that has one; nothing is to be written then.
pub fn place(
    scope: &Scope,
    placing: &Placing,
    facts: &Facts,
    answers: &[NameAnswer],
    rules: &Rules,
    now: Now,
    ids: &Ids,
) -> Result<Placed, Refusal> {
    let need = check_records(placing, facts, &rules.sizing)?;
    let tariff = Tariff::of(rules.book, facts.quote.as_ref(), now);
    let (rows, priced) = check_names_and_price(scope, placing, facts, answers, need, &tariff, now)?;
    let providers = assign(&as_quoted(&rows, facts.quote.as_ref()), need)?;

    let mut change = Change::default();
    let user = user_for(scope, placing, facts, now, ids, &mut change)?;
    let mut order = order_row(scope, placing, &user, need, priced, now, ids)?;
    order.api_key.clone_from(&facts.placed_with);
    let each = rules.sizing.microsoft_inboxes_per_domain;
    let domains = domain_rows(&order, &rows, &providers, need, each, &tariff, now, ids, &mut change);
    let lines = lines_for(&order, &domains, &tariff, now, ids);
    for domain in &domains {
        let run = Run::new(ids.next(), RunKind::Provision, domain, now);
        change.tasks.push(Task::for_run(ids.next(), &run.id, &scope.partner, &scope.world, now.server));
        change.runs.insert.push(run);
    }
    tell_accepted(&mut order, &domains, &lines, now, ids, &mut change);
    let answer = format!(r#"{{"data":{}}}"#, view::text(&view::Receipt::of(&order)));
    change.lines.extend(lines);
    change.orders.insert.push(order);
    Ok(Placed { change, answer })
}

/// Availability and price are one stage: what the names that can be had cost already is the least that
/// the order would.
fn check_names_and_price(
    scope: &Scope,
    placing: &Placing,
    facts: &Facts,
    answers: &[NameAnswer],
    need: Need,
    tariff: &Tariff<'_>,
    now: Now,
) -> Result<(Vec<NameRow>, Priced), Refusal> {
    let (rows, unavailable) = look_up_names(&scope.partner, placing, &facts.held, answers);
    let priced = Priced::of(&rows, need, tariff);
    let (quote, complete) = (facts.quote.as_ref(), unavailable.is_none());
    let price = price_faults(placing, quote, &facts.allowances, priced.total(), complete, now);
    Refusal::unless_empty(unavailable.into_iter().chain(price).collect())?;
    Ok((rows, priced))
}

fn tell_accepted(order: &mut Order, domains: &[Domain], lines: &[Line], now: Now, ids: &Ids, change: &mut Change) {
    let id = ids.above(order.last_event.as_ref());
    order.last_event = Some(id);
    change.events.push(Event {
        id: order.last_event.clone().unwrap_or_else(|| ids.next()),
        partner: order.partner.clone(),
        world: order.world.clone(),
        kind: EventKind::OrderInProgress,
        order: Some(order.id.clone()),
        domain: None,
        created_at: now.partner(),
        data: view::text(&view::Order::of(order, domains, lines)),
    });
}

fn user_for(
    scope: &Scope,
    placing: &Placing,
    facts: &Facts,
    now: Now,
    ids: &Ids,
    change: &mut Change,
) -> Result<User, Refusal> {
    if let Some(user) = &facts.user {
        return Ok(user.clone());
    }
    let Some(UserRef::Email(email)) = &placing.user else { return Err(missing("user")) };
    let user = User {
        id: ids.next::<UserId>(),
        partner: scope.partner.clone(),
        world: scope.world.clone(),
        email: email.clone(),
        email_folded: fold(email),
        first_name: None,
        last_name: None,
        client_id: placing.sequencer.as_ref().and_then(|sequencer| sequencer.client_id),
        status: UserStatus::Active,
        created_at: now.partner(),
        version: 1,
    };
    change.users.insert.push(user.clone());
    Ok(user)
}

fn missing(field: &str) -> Refusal {
    Fault::new(Code::InvalidRequest, format!("An order needs {field}.")).at(field).into()
}

fn order_row(
    scope: &Scope,
    placing: &Placing,
    user: &User,
    need: Need,
    priced: Priced,
    now: Now,
    ids: &Ids,
) -> Result<Order, Refusal> {
    let login = placing.sequencer.as_ref().ok_or_else(|| missing("sequencer"))?;
    let anchor_day = now.partner().day_of_month();
    Ok(Order {
        id: ids.next::<OrderId>(),
        partner: scope.partner.clone(),
        world: scope.world.clone(),
        user: user.id.clone(),
        email: user.email.clone(),
        bundle: match &placing.size {
            super::Size::Bundle(id) => Some(id.clone()),
            super::Size::Licenses { .. } => None,
        },
        status: OrderStatus::InProgress,
        domain_count: need.domains(),
        total_cents: priced.total(),
        anchor_day,
        renews_at: now.partner().next_month(anchor_day),
        reference: placing.reference.clone(),
        forwarding_url: placing.forwarding_url.clone(),
        personas: placing.personas.clone(),
        metadata: placing.metadata.clone(),
        sequencer: Sequencer {
            client_id: login.client_id,
            login_email: login.login_email.clone(),
            login_password: login.login_password.clone(),
            api_key: login.api_key.clone(),
        },
        api_key: None,
        cancel_scheduled_at: None,
        cancels_at: None,
        timed: false,
        completed_at: None,
        last_event: None,
        created_at: now.partner(),
        version: 1,
    })
}

#[expect(clippy::too_many_arguments, reason = "private; the parts of one decision")]
fn domain_rows(
    order: &Order,
    rows: &[NameRow],
    providers: &[MailProvider],
    need: Need,
    microsoft_inboxes: i64,
    tariff: &Tariff<'_>,
    now: Now,
    ids: &Ids,
    change: &mut Change,
) -> Vec<Domain> {
    let (mut domains, mut google_left, mut inboxes_before) = (vec![], need.google_licenses, 0);
    for (position, (row, provider)) in rows.iter().zip(providers).enumerate() {
        let licenses = match provider {
            MailProvider::Google => need.google_inboxes_per_domain.min(google_left),
            MailProvider::Microsoft => 1,
        };
        let inboxes = match provider {
            MailProvider::Google => licenses,
            MailProvider::Microsoft => microsoft_inboxes,
        };
        if *provider == MailProvider::Google {
            google_left -= licenses;
        }
        let mut domain = blank_domain(order, row, tariff, now, ids);
        domain.provider = Some(*provider);
        domain.position = i64::try_from(position).unwrap_or(i64::MAX);
        domain.licenses = licenses;
        domain.inboxes_planned = inboxes;
        domain.persona_offset = inboxes_before;
        inboxes_before += inboxes;
        let rows = if row.inventory.is_some() { &mut change.domains.update } else { &mut change.domains.insert };
        rows.push(domain.clone());
        domains.push(domain);
    }
    domains
}

fn blank_domain(order: &Order, row: &NameRow, tariff: &Tariff<'_>, now: Now, ids: &Ids) -> Domain {
    let base = row.inventory.clone().unwrap_or_else(|| {
        let scope = Scope { partner: order.partner.clone(), world: order.world.clone() };
        let new = Domain::new(ids.next(), &scope, row.wanted.name.clone(), Source::Registrar, now.partner());
        Domain {
            usable_for: row.usable_for.clone(),
            price_cents: tariff.name(row),
            cost_cents: tariff.most_to_pay(row),
            renewal_price_cents: tariff.renewal(row),
            renewal_cost_cents: tariff.most_to_pay_again(row),
            ..new
        }
    });
    Domain {
        status: DomainStatus::Pending,
        order: Some(order.id.clone()),
        user: Some(order.user.clone()),
        inboxes_made: 0,
        dns: None,
        forwarding_url: row.wanted.forwarding_url.clone().or_else(|| order.forwarding_url.clone()),
        ..base
    }
}

fn lines_for(order: &Order, domains: &[Domain], tariff: &Tariff<'_>, now: Now, ids: &Ids) -> Vec<Line> {
    let month = PaidFor { start: now.partner(), end: order.renews_at };
    let mut lines = vec![];
    for domain in domains {
        let name = (!domain.held).then(|| Charge::once(LineKind::DomainRegistration, domain.price_cents));
        let licenses = domain
            .provider
            .map(|provider| Charge::licenses(provider, domain.licenses, tariff.license(provider), month));
        let charges = name.into_iter().chain(licenses);
        lines.extend(charges.map(|charge| Line::of(order, &domain.id, charge, now, ids)));
    }
    lines
}
