//! What the database knows, which every process sees.

use model::caps::Caps;
use model::certificate::Certificate;
use model::clock::{DAY, MINUTE, SECOND, Time};
use model::delivery::DisabledReason;
use model::id::Id as _;
use model::money::dollars;
use model::notice::{Finding, MOST, NoticeKind, Reach};
use model::pause;
use model::run::Run;
use model::task::Lane;
use model::world::Environment;
use store::trouble::{self, Stuck, Suspended, SwitchedOff};
use store::{Backend, Db, StoreError, acme, feed, figures, intents, mendings, notices, partners, pauses, tasks};

use super::board::Look;

/// Work that has been due for so long, in microseconds, is told of.
const STUCK: i64 = 5 * MINUTE;
/// How long one transaction may hold the event feed up before the operator hears of it, in microseconds.
const FEED: i64 = 5 * SECOND;
/// A backup older than this is too old, in microseconds.
const OLD: i64 = 7 * DAY;
/// A purchase of which so long nothing is known for certain is told of, in microseconds: registries take hours.
const UNCLEAR: i64 = DAY;
/// A certificate that could not be had so many times in a row is told of: by then hours have passed.
const FAILURES: u32 = 5;
/// So many runs that may be overdue are looked at: sandboxes with fast clocks may be among them.
const CANDIDATES: i64 = 1_000;
/// One more than may be open, to see whether there are more.
const SOME: i64 = MOST as i64 + 1;

/// Looks at all of it, at a server time.
pub(super) async fn look(db: &mut Db, now: Time, caps: &Caps, has_webhook: bool) -> Result<Vec<Look>, StoreError> {
    let mut looks = vec![parked(db, now).await?, overdue(db, now).await?, endpoints(db, now).await?];
    looks.extend([work(db, now).await?, waiting_feed(db, now).await?, backup(db, now).await?]);
    looks.extend([paused(db, now).await?, unclear(db, now).await?]);
    looks.extend([near_caps(db, caps, now).await?, uncertified(db, now).await?]);
    looks.extend([suspended(db, now).await?, held_mending(db, now).await?]);
    looks.push(own_webhook(db, has_webhook, now).await?);
    Ok(looks)
}

fn plain(kind: NoticeKind, subject: impl Into<String>, message: String, todo: impl Into<String>) -> Finding {
    Finding { kind, subject: subject.into(), partner: None, environment: None, message, todo: todo.into() }
}

fn whole(kind: NoticeKind, found: Vec<Finding>, now: Time) -> Look {
    Look { kind, reach: Reach::Whole, found: found.into_iter().map(|finding| (finding, now)).collect() }
}

/// So many at most, in the order of their subjects; one says that there are more.
fn bounded(kind: NoticeKind, mut found: Vec<Finding>, now: Time, more: &str, todo: &str) -> Look {
    if found.len() <= MOST {
        return whole(kind, found, now);
    }
    found.truncate(MOST);
    let last = found.last().map(|finding| finding.subject.clone()).unwrap_or_default();
    found.push(plain(kind, "more", format!("More than {MOST} {more}."), todo));
    Look { reach: Reach::UpTo(last), ..whole(kind, found, now) }
}

async fn parked(db: &mut Db, now: Time) -> Result<Look, StoreError> {
    let kind = NoticeKind::StepParked;
    let found = trouble::parked(db, SOME).await?;
    let found = found.iter().map(|stuck| {
        let message = format!("{} waits for you: {}", place(stuck), words(&stuck.run));
        stuck_run(
            kind,
            stuck,
            message,
            format!("Mend what it says; it is tried again every few minutes. {}", see(stuck)),
        )
    });
    Ok(bounded(kind, found.collect(), now, "steps wait for you", "`mailwright orders list` shows the orders."))
}

async fn overdue(db: &mut Db, now: Time) -> Result<Look, StoreError> {
    let kind = NoticeKind::StepOverdue;
    let (mut found, more) = trouble::overdue(db, now, CANDIDATES).await?;
    found.sort_by(|one, other| one.run.id.cmp(&other.run.id));
    let found = found.iter().map(|stuck| {
        let since = stuck.run.record().map(|record| record.started_at.to_string()).unwrap_or_default();
        let message = format!("{} has waited since {since}, longer than usual: {}", place(stuck), words(&stuck.run));
        stuck_run(kind, stuck, message, format!("Nothing has to be done if that is as it should be. {}", see(stuck)))
    });
    let look = bounded(
        kind,
        found.collect(),
        now,
        "steps wait for longer than usual",
        "`mailwright orders list` shows the orders.",
    );
    // What was not looked at may be overdue still.
    Ok(if more { Look { reach: Reach::Nothing, ..look } } else { look })
}

fn stuck_run(kind: NoticeKind, stuck: &Stuck, message: String, todo: String) -> Finding {
    let run = &stuck.run;
    let (partner, environment) = (Some(run.partner.clone()), Some(run.world.environment()));
    Finding { partner, environment, ..plain(kind, run.id.as_str(), message, todo) }
}

fn place(stuck: &Stuck) -> String {
    let name = stuck.name.as_ref().map(|name| format!(" for {name}")).unwrap_or_default();
    let order = stuck.run.order.as_ref().map(|order| format!(" of order {order}")).unwrap_or_default();
    format!("The step `{}`{name}{order}", stuck.run.step.as_str())
}

fn words(run: &Run) -> &str {
    run.record().and_then(|record| record.trouble.as_deref()).unwrap_or("It does not say why.")
}

fn see(stuck: &Stuck) -> String {
    let order = stuck.run.order.as_ref();
    order.map(|order| format!("`mailwright orders show {order}` shows it.")).unwrap_or_default()
}

async fn suspended(db: &mut Db, now: Time) -> Result<Look, StoreError> {
    let kind = NoticeKind::InboxesSuspended;
    let found = trouble::suspended(db, SOME).await?;
    let found = found.into_iter().map(|Suspended { domain, name, partner, inboxes }| {
        let message = format!("{inboxes} mailboxes of {name} cannot be used at their mail host.");
        let todo = format!(
            "`GET /domains/{domain}/evidence` names them and says how they are. Look at them in the tenant's console; they are looked at again every day."
        );
        Finding {
            partner: Some(partner),
            environment: Some(Environment::Live),
            ..plain(kind, domain.as_str(), message, todo)
        }
    });
    Ok(bounded(
        kind,
        found.collect(),
        now,
        "domains have mailboxes that cannot be used",
        "`mailwright orders show --evidence` shows an order's.",
    ))
}

async fn held_mending(db: &mut Db, now: Time) -> Result<Look, StoreError> {
    let kind = NoticeKind::MendingHeld;
    let found = mendings::used_up(db, now).await?.into_iter().map(|(partner, taken)| {
        let message = format!("{taken} domains of a partner were found to be wrong in this hour and were put right; others wait.");
        let todo = "See whether the domains are wrong, or whoever we ask. They go on in the next hour; `engine.most_mended_percent` says how many.";
        let whose = (Some(partner.clone()), Some(Environment::Live));
        let (partner, environment) = whose;
        let subject = partner.as_ref().map(ToString::to_string).unwrap_or_default();
        Finding { partner, environment, ..plain(kind, subject, message, todo) }
    });
    Ok(whole(kind, found.collect(), now))
}

async fn endpoints(db: &mut Db, now: Time) -> Result<Look, StoreError> {
    let kind = NoticeKind::EndpointDisabled;
    let found = trouble::switched_off(db, SOME).await?;
    let found = found.into_iter().map(|SwitchedOff { id, partner, environment, reason }| {
        let why = match reason {
            DisabledReason::Gone => "it answered 410 Gone",
            DisabledReason::Failing | DisabledReason::ByYou => "every attempt had failed for three days",
        };
        let message = format!("Nothing is sent to the endpoint {id} any more: {why}.");
        let todo =
            "Tell the partner; when the address is mended they enable it again, and replay what they have missed.";
        Finding { partner: Some(partner), environment: Some(environment), ..plain(kind, id.as_str(), message, todo) }
    });
    let todo = "`mailwright webhooks list` shows them.";
    Ok(bounded(kind, found.collect(), now, "endpoints are switched off", todo))
}

async fn work(db: &mut Db, now: Time) -> Result<Look, StoreError> {
    let mut found = vec![];
    for &lane in Lane::ALL {
        let oldest = tasks::due_buckets(db, lane, now).await?.first().map(|share| share.due_at);
        let waited = oldest.map_or(0, |since| now.0 - since.0);
        if waited > STUCK {
            let (name, minutes) = (lane.as_str(), waited / MINUTE);
            let message = format!("In the lane `{name}` something has been due for {minutes} minutes and is not done.");
            let todo = "See whether a server with workers runs, and what its log says of steps and deliveries.";
            found.push(plain(NoticeKind::WorkWaits, name, message, todo));
        }
    }
    Ok(whole(NoticeKind::WorkWaits, found, now))
}

async fn waiting_feed(db: &mut Db, now: Time) -> Result<Look, StoreError> {
    let waits = feed::waits(db, FEED).await?;
    let found = waits.map(|wait| {
        let message = format!(
            "The event feed waits for connection {} ({}, database {}), whose transaction has been open for {} seconds.",
            wait.pid,
            wait.application,
            wait.database,
            wait.micros / SECOND
        );
        let todo =
            "See what that connection waits for (pg_blocking_pids), and end what holds it up (pg_terminate_backend).";
        plain(NoticeKind::FeedWaits, "feed", message, todo)
    });
    Ok(whole(NoticeKind::FeedWaits, found.into_iter().collect(), now))
}

async fn backup(db: &mut Db, now: Time) -> Result<Look, StoreError> {
    let kind = NoticeKind::BackupOld;
    // PostgreSQL has its own means, which are not seen from here.
    if db.backend() == Backend::Postgres {
        return Ok(whole(kind, vec![], now));
    }
    let made = figures::last_backup(db).await?;
    let began = partners::all(db).await?.iter().map(|partner| partner.created_at).min();
    let is_old = made.or(began).is_some_and(|at| now.0 - at.0 > OLD);
    let found = is_old.then(|| {
        let message = match made {
            Some(at) => format!("The last backup was made at {at}."),
            None => "No backup has ever been made.".to_owned(),
        };
        plain(kind, "backup", message, "Run `mailwright backup FILE` every day, and keep the file on another machine.")
    });
    Ok(whole(kind, found.into_iter().collect(), now))
}

async fn paused(db: &mut Db, now: Time) -> Result<Look, StoreError> {
    let kind = NoticeKind::BuyingPaused;
    let found = pauses::in_force(db).await?.into_iter().map(|pause| {
        let place = match &pause.reach {
            pause::Reach::All => "everywhere".to_owned(),
            pause::Reach::Account(name) => format!("at the account `{name}`"),
            pause::Reach::Role(role) => format!("in the role {}", role.as_str()),
        };
        let renewals = if pause.renewals { "; names are not renewed either" } else { "" };
        let message = format!("Buying is paused {place} since {} (by {}){renewals}.", pause.began_at, pause.by);
        let flag = match &pause.reach {
            pause::Reach::All => String::new(),
            pause::Reach::Account(name) => format!(" --account {name}"),
            pause::Reach::Role(role) => format!(" --role {}", role.as_str()),
        };
        plain(kind, pause.reach.text(), message, format!("`mailwright resume{flag}` goes on."))
    });
    let found = found.collect();
    Ok(whole(kind, found, now))
}

async fn near_caps(db: &mut Db, caps: &Caps, now: Time) -> Result<Look, StoreError> {
    let kind = NoticeKind::CapNear;
    let usage = intents::usage(db, &caps.every(), now).await?;
    let found = usage.iter().filter(|one| one.is_near()).map(|one| {
        let (whose, setting) = match &one.account {
            None => ("At all accounts together".to_owned(), "live".to_owned()),
            Some(account) => (format!("At the account `{account}`"), format!("accounts.{account}")),
        };
        let (span, spent, cap) = (one.span.as_str(), dollars(one.spent_cents), dollars(one.cap_cents));
        let message = format!("{whose} {spent} of {cap} are spent this {span}; what is beyond that waits.");
        let todo = format!(
            "Raise `{setting}.{span}_cap_cents` and start the server anew, or let it wait for the next {span}."
        );
        plain(kind, format!("{setting}/{span}"), message, todo)
    });
    Ok(whole(kind, found.collect(), now))
}

async fn unclear(db: &mut Db, now: Time) -> Result<Look, StoreError> {
    let kind = NoticeKind::PurchaseUnclear;
    let mut found = intents::open_since(db, now.plus(-UNCLEAR), SOME).await?;
    found.sort_by(|one, other| one.id.cmp(&other.id));
    let found = found.into_iter().map(|intent| {
        let message = format!(
            "Whether {} was bought at `{}`, for at most {}, is not known since {}.",
            intent.name,
            intent.account,
            dollars(intent.most_cents),
            intent.opened_at
        );
        let order = intent.order.as_ref().map(|order| format!(" `mailwright orders show {order}` shows its order."));
        let todo = format!("Look for it at the account; it is asked for again by itself.{}", order.unwrap_or_default());
        let (partner, environment) = (Some(intent.partner.clone()), Some(intent.world.environment()));
        Finding { partner, environment, ..plain(kind, intent.id.as_str(), message, todo) }
    });
    let todo = "`mailwright purchases --state open` lists them.";
    Ok(bounded(kind, found.collect(), now, "purchases are unclear", todo))
}

async fn uncertified(db: &mut Db, now: Time) -> Result<Look, StoreError> {
    let kind = NoticeKind::CertificateFails;
    let found = acme::failing(db, FAILURES, now.plus(-DAY), SOME).await?;
    let found = found.into_iter().map(|failing| {
        let Certificate { host, failures, trouble, ends_at, due_at, .. } = failing.certificate;
        let meanwhile = match ends_at.filter(|ends_at| *ends_at > now) {
            Some(ends_at) => format!("the one that there is runs out at {ends_at}"),
            None => "it redirects over HTTP only".to_owned(),
        };
        let why = trouble.unwrap_or_else(|| "It does not say why.".into());
        let message = format!("The certificate of {host} could not be had {failures} times; {meanwhile}. {why}");
        let next = due_at.map(|due_at| format!(" It is tried again at {due_at}.")).unwrap_or_default();
        let todo = format!("See that {host} and www.{host} lead to the redirect server, and mend what it says.{next}");
        Finding { environment: Some(failing.environment), ..plain(kind, host, message, todo) }
    });
    let todo =
        "See that their records lead to the redirect server, and what the log says of the certificate authority.";
    Ok(bounded(kind, found.collect(), now, "sites have no certificate", todo))
}

async fn own_webhook(db: &mut Db, has_webhook: bool, now: Time) -> Result<Look, StoreError> {
    let kind = NoticeKind::WebhookFails;
    if !has_webhook {
        // Of several processes another may have one.
        let reach = if db.backend() == Backend::Sqlite { Reach::Whole } else { Reach::Nothing };
        return Ok(Look { reach, ..whole(kind, vec![], now) });
    }
    let trouble = notices::webhook_trouble(db).await?;
    let found = trouble.map(|trouble| {
        let todo = "See that operator.webhook_url is right and answers 2xx; what is open is told again after a day.";
        // Its address may be as good as a key to it, and is not repeated.
        let message = format!("The operator's webhook does not take what it is sent: {trouble}");
        plain(kind, "operator.webhook_url", message, todo)
    });
    Ok(whole(kind, found.into_iter().collect(), now))
}
