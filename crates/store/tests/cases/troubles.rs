//! What does not get on and only the operator can mend.

use model::change::Change;
use model::clock::{HOUR, Now, SECOND, Time};
use model::delivery::{DisabledReason, Endpoint};
use model::domain::Domain;
use model::inbox::{Inbox, InboxStatus};
use model::run::{Run, RunKind, StepName, StepRecord, StepState, Who};
use model::secret::Secret;
use model::world::{Environment, World};
use store::trouble;

use crate::support::bench::{Bench, NOW};
use crate::support::fill::Fill;
use crate::support::filled;

on_both! {
    runs_that_do_not_get_on_are_found_unless_their_world_is_gone
    endpoints_that_were_switched_off_are_found_unless_it_was_asked_for
    mailboxes_of_the_real_world_that_cannot_be_used_are_counted_by_domain
}

/// A run of a domain in a world whose first step has been in trouble since a time.
fn troubled(bench: &Bench, domain: &Domain, world: &World, since: Time, who: Option<Who>) -> Run {
    let run = Run::new(bench.ids.next(), RunKind::Provision, domain, Now { server: NOW, offset: 0 });
    let record = StepRecord {
        step: run.step,
        state: StepState::Waiting,
        started_at: since,
        finished_at: None,
        attempts: 3,
        trouble: Some("The registrar is busy.".into()),
        who,
        next_try_at: Some(NOW),
    };
    Run { world: world.clone(), steps: vec![record], ..run }
}

async fn runs_that_do_not_get_on_are_found_unless_their_world_is_gone(bench: Bench) {
    let (order, domains, _) = bench.order("acme.com");
    let domain = &domains[0];
    let (live, now) = (World::live(), bench.partner.scope(Environment::Test).world);
    let left = World::test(&bench.partner.id, bench.partner.test_epoch + 1);
    let usual = StepName::RegisterName.spec().usual;
    let long_ago = NOW.plus(-usual);
    let runs = [
        troubled(&bench, domain, &live, NOW, Some(Who::Operator)),
        troubled(&bench, domain, &now, NOW, Some(Who::Operator)),
        troubled(&bench, domain, &left, NOW, Some(Who::Operator)),
        troubled(&bench, domain, &live, long_ago, None),
        troubled(&bench, domain, &live, long_ago.plus(SECOND), None),
        troubled(&bench, domain, &left, long_ago, None),
        troubled(&bench, domain, &live, long_ago.plus(-HOUR), None),
    ];
    let mut change = Change::default();
    change.orders.insert.push(order);
    change.domains.insert.push(domain.clone());
    change.runs.insert.extend(runs.iter().cloned());
    bench.write(change).await.unwrap();

    let mut db = bench.store.read().await.unwrap();
    let place = |stuck: &trouble::Stuck| {
        assert_eq!(stuck.name.as_ref(), Some(&domain.name));
        runs.iter().position(|run| run.id == stuck.run.id).unwrap()
    };
    let parked = trouble::parked(&mut db, 9).await.unwrap();
    assert_eq!(parked.iter().map(place).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(trouble::parked(&mut db, 1).await.unwrap().len(), 1);
    let (overdue, more) = trouble::overdue(&mut db, NOW, 9).await.unwrap();
    assert_eq!((overdue.iter().map(place).collect::<Vec<_>>(), more), (vec![6, 3], false));
    let (overdue, more) = trouble::overdue(&mut db, NOW, 1).await.unwrap();
    assert_eq!((overdue.iter().map(place).collect::<Vec<_>>(), more), (vec![6], true));
}

async fn endpoints_that_were_switched_off_are_found_unless_it_was_asked_for(bench: Bench) {
    let endpoint = |disabled| {
        let partner = bench.partner.id.clone();
        let old_secret = Some(Secret::plain("whsec_b2xk"));
        Endpoint {
            id: bench.ids.next(),
            partner,
            disabled,
            from_cli: false,
            old_secret,
            ..filled::endpoint(&Fill::of("a", 0, 1))
        }
    };
    let reasons = [DisabledReason::Failing, DisabledReason::ByYou, DisabledReason::Gone];
    let endpoints: Vec<_> = reasons.into_iter().map(Some).chain([None]).map(endpoint).collect();
    let mut change = Change::default();
    change.endpoints.insert.extend(endpoints.iter().cloned());
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    let off = trouble::switched_off(&mut db, 9).await.unwrap();
    let found: Vec<_> = off.iter().map(|one| (one.id.clone(), one.reason)).collect();
    let expected = [0, 2].map(|n| (endpoints[n].id.clone(), reasons[n]));
    assert_eq!(found, expected);
    assert_eq!((&off[0].partner, off[0].environment), (&bench.partner.id, endpoints[0].environment));
    assert_eq!(trouble::switched_off(&mut db, 1).await.unwrap().len(), 1);
}

async fn mailboxes_of_the_real_world_that_cannot_be_used_are_counted_by_domain(bench: Bench) {
    let (order, domains, lines) = bench.order("acme.com");
    let live = Domain { world: World::live(), ..domains[0].clone() };
    let mut change = Change { lines, ..Change::default() };
    change.orders.insert.push(order);
    change.domains.insert.push(live.clone());
    let statuses = [InboxStatus::Suspended, InboxStatus::Active, InboxStatus::Suspended, InboxStatus::Deleted];
    for (n, status) in statuses.into_iter().enumerate() {
        let inbox = bench.inbox(&live, &format!("n{n}@acme.com"));
        change.inboxes.insert.push(Inbox { status, world: World::live(), ..inbox.clone() });
        // The same in a sandbox is nobody's trouble.
        let played = bench.inbox(&live, &format!("played{n}@acme.com"));
        change.inboxes.insert.push(Inbox { status: InboxStatus::Suspended, world: bench.scope().world, ..played });
    }
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    let found = trouble::suspended(&mut db, 9).await.unwrap();
    let expected = trouble::Suspended {
        domain: live.id.clone(),
        name: live.name.clone(),
        partner: live.partner.clone(),
        inboxes: 2,
    };
    assert_eq!(found, [expected]);
    assert_eq!(trouble::suspended(&mut db, 0).await.unwrap(), []);
}
