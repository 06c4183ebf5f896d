//! Writes down what is about to be bought before it is asked for, and asks whether anything may be bought at all.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::Now;
use model::domain::Domain;
use model::inbox::InboxStatus;
use model::intent::{Bounds, IntentKind, Permit, Wanted, before};
use model::run::Run;
use model::seat::Seats;
use model::task::Task;
use model::world::Environment;
use store::{Db, Failure, Halt, Locks, StoreError, Tx, inboxes, intents, pauses};

use crate::parts::Parts;

/// Whoever is about to spend real money takes turns, so that caps hold.
const SPENDING: &str = "spending";

/// The work that buys.
struct Buying {
    /// Set where seats in a mail tenant are bought: what one costs a month, which nobody may have said.
    seat: Option<Seats>,
    parts: Arc<Parts>,
    task: Task,
    lease: String,
    run: Run,
    domain: Domain,
    account: &'static str,
}

/// Whether the run's step may buy at an account. What it may buy is written down when this has answered.
///
/// # Errors
/// [`Failure::Lost`] when the work is somebody else's.
pub(crate) async fn intend(
    parts: &Arc<Parts>,
    task: &Task,
    lease: &str,
    (run, domain): (&Run, &Domain),
    account: &'static str,
) -> Result<Permit, Failure> {
    if !run.step.spec().buys {
        return Ok(Permit::Buy(None));
    }
    let tenants = parts.providers.roster(&run.world).map(|roster| &roster.lineup);
    let seat = tenants.and_then(|lineup| lineup.seats(account, domain.inboxes_planned));
    if IntentKind::of(run.step) == Some(IntentKind::Seat) && seat.is_none() {
        return Ok(Permit::Buy(None));
    }
    let (run, domain, lease) = (run.clone(), domain.clone(), lease.to_owned());
    let buying = Arc::new(Buying { seat, parts: parts.clone(), task: task.clone(), lease, run, domain, account });
    let writing = parts.store.settle(move |tx| {
        let buying = buying.clone();
        async move { buying.decide(tx).await }.boxed()
    });
    writing.await
}

impl Buying {
    /// On the facts of now: a pause that is written is in force for whoever asks after it.
    async fn decide(&self, tx: &mut Tx) -> Result<Permit, Halt> {
        let Self { seat, parts, task, lease, run, domain, account } = self;
        // Real money is counted by one after the other.
        let turn = (run.world.environment() == Environment::Live).then_some(SPENDING);
        let (mut tx, offset) =
            Locks::new(tx).turn(turn).await?.task(&task.id, lease).await?.clock(&run.partner, &run.world).await?;
        let tx = &mut *tx;
        let open = intents::open(tx, &run.reference()).await?;
        let paused = pauses::in_force(tx).await?;
        let seats = match seat {
            Some(seat) => Some(Seats { count: seat.count - made(tx, domain).await?, ..*seat }),
            None => None,
        };
        let wanted = Wanted { run, domain, account, least_years: providers::term::least(&domain.name), seats };
        let now = Now { server: parts.clock.now(), offset };
        let caps = match run.world.environment() {
            Environment::Live => intents::usage(tx, &parts.caps.of(account), now.server).await?,
            Environment::Test => vec![],
        };
        let permit = before(wanted, open.as_ref(), Bounds { pauses: &paused, caps: &caps }, now, &parts.ids);
        if let Permit::Buy(Some(intent)) = &permit {
            let mut change = Change::default();
            let rows = if open.is_some() { &mut change.intents.update } else { &mut change.intents.insert };
            rows.push((**intent).clone());
            tx.apply(change, &parts.ids, now.server).await?;
        }
        Ok(permit)
    }
}

/// How many inboxes a domain has.
pub(crate) async fn made(db: &mut Db, domain: &Domain) -> Result<i64, StoreError> {
    let all = inboxes::of_domain(db, &domain.id).await?;
    let living = all.iter().filter(|one| one.status != InboxStatus::Deleted).count();
    Ok(i64::try_from(living).unwrap_or(i64::MAX))
}
