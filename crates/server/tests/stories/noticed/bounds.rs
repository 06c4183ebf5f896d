//! Five hundred at once, two at once, half-way.

use model::change::Change;
use model::clock::{Clock as _, Now};
use model::domain::{Domain, DomainName, Source};
use model::notice::MOST;
use model::run::{Run, RunKind, StepRecord, StepState, Who};
use server::notices::Lookout;
use std::sync::Arc;

use super::{WEBHOOK, Watched};
use crate::support::{Rig, write};

/// Runs that wait for the operator, each of a domain of its own.
pub(super) async fn parked(rig: &Rig, many: usize) -> Vec<Run> {
    let (ids, now) = (rig.wired.app.ids.clone(), rig.clock.now());
    let mut change = Change::default();
    for n in 0..many {
        let name = DomainName::stored(format!("acme-{n}.com"));
        let domain = Domain::new(ids.next(), &rig.scope(), name, Source::Registrar, now);
        let mut run = Run::new(ids.next(), RunKind::Provision, &domain, Now { server: now, offset: 0 });
        run.steps.push(StepRecord {
            step: run.step,
            state: StepState::Waiting,
            started_at: now,
            finished_at: None,
            attempts: 12,
            trouble: Some("The registrar does not answer.".into()),
            who: Some(Who::Operator),
            next_try_at: Some(now),
        });
        change.domains.insert.push(domain);
        change.runs.insert.push(run);
    }
    let runs = change.runs.insert.clone();
    write(&rig.wired, change).await;
    runs
}

pub(super) async fn mended(rig: &Rig, runs: &[Run]) {
    let mut change = Change::default();
    for run in runs {
        let mut run = run.clone();
        run.steps[0].who = None;
        run.steps[0].trouble = None;
        change.runs.update.push(run);
    }
    write(&rig.wired, change).await;
}

#[tokio::test]
async fn of_five_hundred_a_hundred_are_told_and_that_there_are_more() {
    let mut watched = Watched::new().await;
    let runs = parked(&watched.rig, 500).await;
    assert_eq!(watched.look().await.len(), MOST + 1);
    let more = watched.rows(None).await.into_iter().filter(|row| row.finding.subject == "more").count();
    assert_eq!((more, watched.told().len()), (1, MOST + 1));
    mended(&watched.rig, &runs[..50]).await;
    assert_eq!(watched.look().await.len(), MOST + 1, "others take their places");
    let closed = watched.rows(Some(false)).await;
    let ids: Vec<_> = runs[..50].iter().map(|run| run.id.to_string()).collect();
    assert!(closed.len() == 50 && closed.iter().all(|row| ids.contains(&row.finding.subject)));
    mended(&watched.rig, &runs[50..]).await;
    assert_eq!(watched.look().await, [""; 0]);
    let told = watched.told();
    let closed = told.iter().filter(|(event, _)| event == "notice.closed").count();
    assert_eq!(told.len(), 2 * closed, "whatever was opened is closed");
}

#[tokio::test]
async fn two_processes_that_look_at_once_open_one_and_tell_it_once() {
    let Some(rig) = Rig::postgres().await else { return };
    let mut one = Watched::on(rig, Arc::default()).await;
    let mut rig = one.rig.another(None).await;
    rig.config.operator.webhook_url = WEBHOOK.into();
    let mut other = Lookout::new(&rig.config, &rig.wired, Arc::default()).expect("the secret is there");
    let runs = parked(&one.rig, 20).await;
    for _ in 0..3 {
        tokio::join!(one.lookout.look(), other.look());
    }
    assert_eq!((one.open().await.len(), one.rows(None).await.len(), one.told().len()), (20, 20, 20));
    mended(&one.rig, &runs).await;
    one.rig.clock.advance(1);
    for _ in 0..3 {
        tokio::join!(one.lookout.look(), other.look());
    }
    assert_eq!((one.open().await.len(), one.told().len()), (0, 40));
}

#[tokio::test]
async fn a_message_whose_sender_died_is_sent_by_the_next() {
    let mut watched = Watched::new().await;
    watched.rig.courier.hold(WEBHOOK);
    parked(&watched.rig, 1).await;
    let courier = watched.rig.courier.clone();
    let dying = async {
        tokio::select! {
            () = watched.lookout.look() => panic!("nobody answers"),
            () = courier.until(|sent| !sent.is_empty()) => {}
        }
    };
    dying.await;
    let rig = watched.rig.another(None).await;
    rig.clock.advance(2 * model::clock::MINUTE);
    watched.rig.courier.release(WEBHOOK);
    watched.look().await;
    let ids: Vec<_> = watched.sent().iter().map(|sent| sent.headers["webhook-id"].clone()).collect();
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]), "with the same id");
}
