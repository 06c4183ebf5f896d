//! Placing an order: facts in, every row of it out.

use super::booking::{charged, domain_of, keep};
use super::check::look_up_names;
use super::facts::{NameRow, Submitted};
use super::price::price_faults;
use super::quoted::as_quoted;
use super::{Dkim, Need, Order, OrderStatus, Priced, Sequencer, Tariff, UserRef, assign, check_records};
use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Domain, MailProvider};
use crate::event::{Event, EventKind};
use crate::id::{Ids, OrderId};
use crate::ledger::{Line, PaidFor};
use crate::refusal::{Code, Fault, Refusal};
use crate::run::{Run, RunKind};
use crate::user::{self, Asked, User};
use crate::view;

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
pub fn place(submitted: &Submitted<'_>, ids: &Ids) -> Result<Placed, Refusal> {
    let Submitted { placing, facts, rules, now, .. } = *submitted;
    let need = check_records(placing, facts, &rules.sizing)?;
    let tariff = Tariff::of(rules.book, facts.quote.as_ref(), now);
    let (rows, priced) = check_names_and_price(submitted, need, &tariff)?;
    let providers = assign(&as_quoted(&rows, facts.quote.as_ref()), need)?;

    let mut change = Change::default();
    let user = user_for(submitted, ids, &mut change)?;
    let mut order = order_row(submitted, &user, need, priced, ids)?;
    order.api_key.clone_from(&facts.placed_with);
    let shares = shares(&providers, need, rules.sizing.microsoft_inboxes_per_domain);
    let domains = domains_of(&order, &rows, shares, &tariff, now, ids);
    let month = PaidFor { start: now.partner(), end: order.renews_at };
    let lines: Vec<_> = domains.iter().flat_map(|domain| charged(&order, domain, &tariff, month, now, ids)).collect();
    for (row, domain) in rows.iter().zip(&domains) {
        keep(row, domain.clone(), &mut change);
        change.begin(Run::new(ids.next(), RunKind::Provision, domain, now), now.server, ids);
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
    submitted: &Submitted<'_>,
    need: Need,
    tariff: &Tariff<'_>,
) -> Result<(Vec<NameRow>, Priced), Refusal> {
    let Submitted { scope, placing, facts, answers, now, .. } = *submitted;
    let (rows, unavailable) = look_up_names(&scope.partner, placing, &facts.held, answers);
    let priced = Priced::of(&rows, need, tariff);
    let (quote, complete) = (facts.quote.as_ref(), unavailable.is_none());
    let price = price_faults(placing, quote, &facts.allowances, priced.total(), complete, now);
    Refusal::unless_empty(unavailable.into_iter().chain(price).collect())?;
    Ok((rows, priced))
}

fn tell_accepted(order: &mut Order, domains: &[Domain], lines: &[Line], now: Now, ids: &Ids, change: &mut Change) {
    let data = view::text(&view::Order::of(order, domains, lines));
    change.events.push(Event::of_order(order, EventKind::OrderInProgress, None, data, now, ids));
}

fn user_for(submitted: &Submitted<'_>, ids: &Ids, change: &mut Change) -> Result<User, Refusal> {
    let Submitted { scope, placing, facts, now, .. } = *submitted;
    if let Some(user) = &facts.user {
        return Ok(user.clone());
    }
    let Some(UserRef::Email(email)) = &placing.user else { return Err(missing("user")) };
    let asked = Asked {
        email: email.clone(),
        first_name: None,
        last_name: None,
        client_id: placing.sequencer.as_ref().and_then(|sequencer| sequencer.client_id),
        sequencer_key: None,
    };
    let made = user::create(scope, asked, None, now, ids)?;
    change.append(made.change);
    Ok(made.user)
}

fn missing(field: &str) -> Refusal {
    Fault::new(Code::InvalidRequest, format!("An order needs {field}.")).at(field).into()
}

fn order_row(submitted: &Submitted<'_>, user: &User, need: Need, priced: Priced, ids: &Ids) -> Result<Order, Refusal> {
    let Submitted { scope, placing, facts, now, .. } = *submitted;
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
            provider: login.provider,
            client_id: login.client_id,
            login_email: login.login_email.clone(),
            login_password: login.login_password.clone(),
            api_key: login.api_key.clone(),
        },
        dkim: placing.dkim.or(facts.dkim).unwrap_or(Dkim::Required),
        api_key: None,
        cancel_scheduled_at: None,
        cancels_at: None,
        timed: false,
        completed_at: None,
        last_event: None,
        trace: facts.trace,
        created_at: now.partner(),
        version: 1,
    })
}

/// What of an order's size falls to one of its names.
struct Share {
    provider: MailProvider,
    licenses: i64,
    inboxes: i64,
    inboxes_before: i64,
}

/// The shares of the names, in their order: as many licences on each Google domain as go, until there are none left.
fn shares(providers: &[MailProvider], need: Need, microsoft_inboxes: i64) -> Vec<Share> {
    let (mut google_left, mut inboxes_before) = (need.google_licenses, 0);
    let mut shares = vec![];
    for provider in providers.iter().copied() {
        let (licenses, inboxes) = match provider {
            MailProvider::Google => {
                let licenses = need.google_inboxes_per_domain.min(google_left);
                google_left -= licenses;
                (licenses, licenses)
            }
            MailProvider::Microsoft => (1, microsoft_inboxes),
        };
        shares.push(Share { provider, licenses, inboxes, inboxes_before });
        inboxes_before += inboxes;
    }
    shares
}

fn domains_of(
    order: &Order,
    rows: &[NameRow],
    shares: Vec<Share>,
    tariff: &Tariff<'_>,
    now: Now,
    ids: &Ids,
) -> Vec<Domain> {
    let placed = rows.iter().zip(shares).zip(0..);
    let domain = |((row, share), position): ((&NameRow, Share), i64)| Domain {
        provider: Some(share.provider),
        position,
        licenses: share.licenses,
        inboxes_planned: share.inboxes,
        persona_offset: share.inboxes_before,
        forwarding_url: row.wanted.forwarding_url.clone().or_else(|| order.forwarding_url.clone()),
        ..domain_of(order, row, tariff, now, ids)
    };
    placed.map(domain).collect()
}
