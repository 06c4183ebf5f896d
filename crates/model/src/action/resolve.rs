//! Answers to pending actions: what a person has done or decided, and what follows.
//!
//! The answer itself closes nothing: the step looks again, at once, and closes the action when it gets on.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::answer::{asked_renewal_price, check_fit};
use super::helped::{look_again, own};
use super::in_time::{being_looked_at, is_repeated, may_be_overlooked, refuse_late};
use super::made::made;
use super::{Action, Answer, Answered, Look};
use crate::by_hand::{Enterable, Logins, Record, signing_key};
use crate::change::Change;
use crate::clock::Now;
use crate::consent::{self, Consent, ConsentStatus};
use crate::domain::{Domain, DomainName, NameAnswer, Stop, Verdict};
use crate::id::{DomainId, Ids, InboxId};
use crate::inbox::{Inbox, LinkStatus};
use crate::ledger::{Charge, Line, LineKind};
use crate::money::Cents;
use crate::order::{NameRow, Order, Rules, Wanted, book_replacement, look_up_one};
use crate::redirect::Site;
use crate::refusal::{Code, Fault, Refusal};
use crate::run::Run;
use crate::secret::Secret;
use crate::spend::{self, Allowance};

/// What an answer meets: all of it as it stands, locked.
#[derive(Clone, Debug)]
pub struct Resolving {
    /// The action.
    pub action: Action,
    /// The order that it holds up; an import has none.
    pub order: Option<Order>,
    /// The domain that it holds up.
    pub domain: Domain,
    /// The order's runs, or the domain's when there is no order.
    pub runs: Vec<Run>,
    /// What else the order waits for.
    pub open: Vec<Action>,
    /// The order's domains whose inboxes do not carry the names of the order's people; asked for when a picture is sent.
    pub with_own_people: Vec<DomainId>,
    /// Where the last look of whoever asked stands.
    pub look: Look,
    /// How the answer is recognised when it is sent again; `None` when it only has it looked at again.
    pub answered: Option<Answered>,
    /// Who holds the replacement name.
    pub held: Vec<Domain>,
    /// What the registrar says about the name in question.
    pub answers: Vec<NameAnswer>,
    /// The domain's inboxes and what lets somebody in; asked for when their logins are sent.
    pub access: Access,
    /// How far the limits are used that what is booked counts against.
    pub allowances: Vec<Allowance>,
}

/// What is known of the ways into a domain's inboxes.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The inboxes.
    pub inboxes: Vec<Inbox>,
    /// What their owners have consented to.
    pub consents: Vec<Consent>,
    /// The passwords that were sent before, by address.
    pub logins: BTreeMap<String, SecretString>,
}

/// Decides what an answer changes.
///
/// # Errors
/// `invalid_request` when the answer does not fit the action; `conflict`, `domain_unavailable`,
/// `domain_provider_mismatch`, `price_changed` and `spend_limit_exceeded` when it cannot be.
pub fn resolve(facts: &Resolving, answer: &Answer, rules: &Rules, now: Now, ids: &Ids) -> Result<Change, Refusal> {
    if !facts.action.open {
        return refuse_late(facts, answer).map(|()| Change::default());
    }
    if is_booked(facts, answer) {
        return Ok(Change::default());
    }
    check_fit(facts, answer)?;
    let mut change = Change::default();
    if !may_be_overlooked(facts, answer) {
        change = decide(facts, answer, rules, now, ids)?;
    } else if !is_repeated(facts) {
        return Err(being_looked_at(facts, answer));
    }
    look_again(facts, answer, &mut change);
    Ok(change)
}

/// Whether the same replacement was answered before: the first answer may have been lost.
fn is_booked(facts: &Resolving, answer: &Answer) -> bool {
    let Answer::Replacement(name) = answer else { return false };
    let old = &facts.domain;
    let takes_its_place = |one: &Domain| one.name == *name && one.order == old.order && one.position == old.position;
    old.stop == Some(Stop::Replaced) && facts.held.iter().any(takes_its_place)
}

fn decide(facts: &Resolving, answer: &Answer, rules: &Rules, now: Now, ids: &Ids) -> Result<Change, Refusal> {
    let change = match answer {
        Answer::Again => Change::default(),
        Answer::GiveUp => stopped(&facts.domain, Stop::GivenUp),
        Answer::Picture(url) => picture(facts, url),
        Answer::Login { email, password } => login(facts, email, password),
        Answer::ApiKey(key) => keyed_login(facts, key),
        Answer::MaxTotal(most) => match asked_renewal_price(facts) {
            Some(cents) => raise_renewal(facts, *most, cents, rules)?,
            None => raise(facts, *most, rules, now, ids)?,
        },
        Answer::Replacement(name) => replace(facts, name, rules, now, ids)?,
        Answer::Target(url) => target(&facts.domain, url)?,
        Answer::Mailboxes(handed) => made(facts, handed)?,
        Answer::SigningKey(record) => keyed(facts, record)?,
        Answer::Logins(logins) => let_in(facts, logins, now)?,
    };
    let cost: Cents = change.lines.iter().map(|line| line.amount_cents).sum();
    Refusal::unless_empty(spend::faults(&facts.allowances, cost, now.partner()))?;
    Ok(change)
}

fn target(domain: &Domain, url: &str) -> Result<Change, Refusal> {
    if Site::leads_to_itself(domain.name.as_str(), url) {
        let message = format!("The web address of {} would lead to itself. Send another address.", domain.name);
        return Err(Fault::invalid("forwarding_url", message).into());
    }
    let mut change = Change::default();
    change.domains.update.push(Domain { forwarding_url: Some(url.to_owned()), ..domain.clone() });
    Ok(change)
}

/// Remembers the key with the run that asked, which publishes it: a new one of the same name takes its place.
fn keyed(facts: &Resolving, record: &Record) -> Result<Change, Refusal> {
    let key = signing_key(record, &facts.domain.name)?;
    let mut change = Change::default();
    for run in own(facts) {
        let mut answered = run.clone();
        answered.memory.signing_keys.retain(|one| one.name != key.name);
        answered.memory.signing_keys.push(key.clone());
        change.runs.update.push(answered);
    }
    Ok(change)
}

fn stopped(domain: &Domain, why: Stop) -> Change {
    let mut change = Change::default();
    change.domains.update.push(Domain { stop: Some(why), ..domain.clone() });
    change
}

fn picture(facts: &Resolving, url: &str) -> Change {
    let mut change = Change::default();
    let persona = facts.action.persona.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let replaced = |personas: &[crate::persona::Persona]| {
        let mut personas = personas.to_vec();
        if let Some(persona) = personas.get_mut(persona) {
            persona.profile_picture_url = Some(url.to_owned());
        }
        personas
    };
    match (&facts.domain.personas, &facts.order) {
        (Some(own), _) => {
            change.domains.update.push(Domain { personas: Some(replaced(own)), ..facts.domain.clone() });
        }
        (None, Some(order)) => {
            change.orders.update.push(Order { personas: replaced(&order.personas), ..order.clone() });
        }
        (None, None) => {}
    }
    change
}

fn login(facts: &Resolving, email: &str, password: &Secret) -> Change {
    let mut change = Change::default();
    if let Some(order) = &facts.order {
        let mut order = order.clone();
        order.sequencer.login_email = Some(email.to_owned());
        order.sequencer.login_password = Some(password.clone());
        // The key was one of the login before.
        order.sequencer.api_key = None;
        change.orders.update.push(order);
    }
    // Nor is it the customer's or the partner's key that is to be used: it may be the one that was refused.
    for run in own(facts) {
        let mut answered = run.clone();
        answered.memory.login_sent = true;
        change.runs.update.push(answered);
    }
    change
}

/// Seals the logins with the domain, with those that were sent before. What an inbox's owner had consented to before is given up:
/// what was sent last counts.
fn let_in(facts: &Resolving, logins: &Logins, now: Now) -> Result<Change, Refusal> {
    let access = &facts.access;
    let enterable = |inbox: &Inbox| Enterable { email: inbox.email.clone(), is_needed: needs_login(facts, inbox) };
    logins.check(&access.inboxes.iter().map(enterable).collect::<Vec<_>>())?;
    let mut change = Change::default();
    let mail_logins = Some(logins.sealable(&access.logins));
    change.domains.update.push(Domain { mail_logins, ..facts.domain.clone() });
    let is_sent = |id: &InboxId| access.inboxes.iter().any(|inbox| inbox.id == *id && logins.are_of(&inbox.email));
    change.consents = consent::give_up(&access.consents, now.server, |consent| is_sent(&consent.inbox));
    Ok(change)
}

/// One that is linked, or that its owner has let somebody into, does not.
fn needs_login(facts: &Resolving, inbox: &Inbox) -> bool {
    let granted = |consent: &Consent| consent.inbox == inbox.id && consent.status == ConsentStatus::Granted;
    let is_let_in = facts.access.consents.iter().any(granted) && !consent::is_shut(inbox, facts.action.reason);
    inbox.link != LinkStatus::Linked && !is_let_in
}

fn keyed_login(facts: &Resolving, key: &Secret) -> Change {
    let mut change = Change::default();
    if let Some(order) = &facts.order {
        let mut order = order.clone();
        order.sequencer.api_key = Some(key.clone());
        change.orders.update.push(order);
    }
    change
}

/// Allows a higher price for the name: what it costs more now is booked on top.
fn raise(facts: &Resolving, most: Cents, rules: &Rules, now: Now, ids: &Ids) -> Result<Change, Refusal> {
    let mut change = Change::default();
    let (Some(order), Some(answer)) = (&facts.order, facts.answers.first()) else { return Ok(change) };
    let Verdict::Buyable { price_cents, renewal_price_cents, .. } = &answer.verdict else { return Ok(change) };
    let (mut order, mut domain) = (order.clone(), facts.domain.clone());
    let price = rules.book.name(*price_cents);
    let more = (price - domain.price_cents).max(0);
    if order.total_cents + more > most {
        let message = format!(
            "With this name at its price of now the order costs {} cents, over your max_total_cents of {most}. Raise it, or give the name up.",
            order.total_cents + more
        );
        let fault = Fault::new(Code::PriceChanged, message).at("max_total_cents");
        return Err(fault.with("expected_cents", most).with("actual_cents", order.total_cents + more).into());
    }
    if more > 0 {
        // The total is what was booked at placing: a swap came later.
        if domain.swap.is_none() {
            order.total_cents += more;
        }
        change.lines.push(raised(&order, &domain, more, now, ids));
        domain.price_cents = price;
        change.orders.update.push(order);
    }
    // The registrar may be dearer although the order is not, when the margin has become smaller.
    domain.cost_cents = *price_cents;
    domain.renewal_price_cents = rules.book.name(*renewal_price_cents);
    domain.renewal_cost_cents = *renewal_price_cents;
    if domain != facts.domain {
        change.domains.update.push(domain);
    }
    Ok(change)
}

/// Allows a higher price for another year. It is booked when the name is renewed, at what it costs then.
fn raise_renewal(facts: &Resolving, most: Cents, cost: Cents, rules: &Rules) -> Result<Change, Refusal> {
    let price = rules.book.name(cost);
    if price > most {
        let message = format!(
            "Another year of this name costs {price} cents, over your max_total_cents of {most}. Raise it, or cancel the domain."
        );
        let fault = Fault::new(Code::PriceChanged, message).at("max_total_cents");
        return Err(fault.with("expected_cents", most).with("actual_cents", price).into());
    }
    let mut change = Change::default();
    let agreed = Domain { renewal_price_cents: price, renewal_cost_cents: cost, ..facts.domain.clone() };
    if agreed != facts.domain {
        change.domains.update.push(agreed);
    }
    Ok(change)
}

/// The period is the moment: a name can become dearer more than once.
fn raised(order: &Order, domain: &Domain, more: Cents, now: Now, ids: &Ids) -> Line {
    let charge = Charge { period: now.partner().to_string(), ..Charge::once(LineKind::DomainRegistration, more) };
    Line::of(order, &domain.id, charge, now, ids)
}

/// Puts another name in the place of one that cannot be had: booked at once, while the old one's part is
/// credited when its step has looked that it was not bought after all.
fn replace(facts: &Resolving, name: &DomainName, rules: &Rules, now: Now, ids: &Ids) -> Result<Change, Refusal> {
    let Some(order) = &facts.order else { return Ok(Change::default()) };
    let wanted = Wanted { name: name.clone(), forwarding_url: facts.domain.forwarding_url.clone(), provider: None };
    let row: NameRow = look_up_one(&order.partner, &wanted, &facts.held, &facts.answers)?;
    if facts.domain.provider.is_some_and(|provider| !row.usable_for.contains(&provider)) {
        let provider = facts.domain.provider.map_or("", crate::domain::MailProvider::as_str);
        let message = format!("{name} cannot be used for {provider}. Choose a name that can.");
        let fault = Fault::new(Code::DomainProviderMismatch, message).at("replacement_domain");
        return Err(fault.with("provider", provider).into());
    }
    let mut change = stopped(&facts.domain, Stop::Replaced);
    change.append(book_replacement(order, &facts.domain, &row, rules, now, ids));
    Ok(change)
}
