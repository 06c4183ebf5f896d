//! Notices for the operator, as they are kept.

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::{DAY, HOUR, Time};
use model::notice::{Finding, KEPT, Message, MessageKind, Notice, NoticeKind};
use store::notices::{self, Filter};
use store::purge;

use crate::support::bench::{Bench, NOW};

on_both! {
    a_thing_has_one_open_notice_and_may_have_another_later
    notices_are_listed_and_forgotten
    messages_of_a_notice_come_in_their_order
}

fn notice(bench: &Bench, subject: &str, opened_at: Time) -> Notice {
    let (message, todo) = ("It is so.".into(), "Mend it.".into());
    let (partner, environment) = (None, None);
    let finding = Finding { kind: NoticeKind::DiskLow, subject: subject.into(), partner, environment, message, todo };
    let (id, told_at) = (bench.ids.next(), opened_at);
    Notice { id, finding, opened_at, seen_at: opened_at, told_at, closed_at: None, version: 1 }
}

async fn written(bench: &Bench, notices: &[&Notice]) {
    let mut change = Change::default();
    change.notices.insert.extend(notices.iter().copied().cloned());
    bench.write(change).await.unwrap();
}

async fn closed(bench: &Bench, notice: &Notice, at: Time) {
    let mut change = Change::default();
    change.notices.update.push(Notice { closed_at: Some(at), ..notice.clone() });
    bench.write(change).await.unwrap();
}

async fn a_thing_has_one_open_notice_and_may_have_another_later(bench: Bench) {
    let (first, second) = (notice(&bench, "a", NOW), notice(&bench, "a", NOW));
    written(&bench, &[&first]).await;
    let mut change = Change::default();
    change.notices.insert.push(second.clone());
    let clash = bench.write(change.clone()).await;
    assert!(clash.is_err(), "of two who found it at once the slower one decides again");
    let open = notices::open(&mut bench.store.read().await.unwrap()).await.unwrap();
    assert_eq!(open, std::slice::from_ref(&first));
    change.notices.update.push(Notice { closed_at: Some(NOW), ..first });
    bench.write(change).await.unwrap();
    assert_eq!(notices::open(&mut bench.store.read().await.unwrap()).await.unwrap(), [second]);
}

async fn notices_are_listed_and_forgotten(bench: Bench) {
    let all: Vec<_> = (0..5).map(|n| notice(&bench, &format!("s{n}"), NOW)).collect();
    written(&bench, &all.iter().collect::<Vec<_>>()).await;
    closed(&bench, &all[0], NOW.plus(-KEPT - DAY)).await;
    closed(&bench, &all[1], NOW.plus(-HOUR)).await;
    let mut db = bench.store.read().await.unwrap();
    let mut of = async |is_open, before: Option<usize>, limit| {
        let filter = Filter { is_open, before: before.map(|n| all[n].id.clone()) };
        let found = notices::list(&mut db, &filter, limit).await.unwrap();
        found.iter().map(|one| all.iter().position(|known| known.id == one.id).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(of(None, None, 3).await, [4, 3, 2]);
    assert_eq!(of(None, Some(2), 3).await, [1, 0]);
    assert_eq!(of(Some(true), None, 9).await, [4, 3, 2]);
    assert_eq!(of(Some(false), None, 9).await, [1, 0]);
    let since = notices::closed_since(&mut db, NOW.plus(-HOUR)).await.unwrap();
    assert_eq!(since.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), [all[1].id.clone()]);
    drop(db);

    let mut change = Change::default();
    change.messages.insert = [0, 1].map(|n| message(&bench, &all[n], NOW)).into();
    let told = change.messages.insert.clone();
    bench.write(change).await.unwrap();
    let forgetting = bench.store.settle(|tx| async move { purge::notices(tx, NOW).await }.boxed());
    assert!(!forgetting.await.unwrap());
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(notices::load(&mut db, &all[0].id).await.unwrap(), None);
    assert_eq!(notices::message(&mut db, &told[0].id).await.unwrap(), None);
    assert!(notices::load(&mut db, &all[1].id).await.unwrap().is_some());
    assert!(notices::message(&mut db, &told[1].id).await.unwrap().is_some());
    assert_eq!(notices::open(&mut db).await.unwrap().len(), 3, "what is open stays, however old");
}

fn message(bench: &Bench, notice: &Notice, due_at: Time) -> Message {
    Message::new(bench.ids.next(), notice.id.clone(), MessageKind::Opened, "{}", due_at)
}

async fn messages_of_a_notice_come_in_their_order(bench: Bench) {
    let (one, other) = (notice(&bench, "a", NOW), notice(&bench, "b", NOW));
    let messages = [message(&bench, &one, NOW), message(&bench, &one, NOW.plus(-HOUR)), message(&bench, &other, NOW)];
    let (silent, over) = (notice(&bench, "c", NOW), notice(&bench, "d", NOW));
    written(&bench, &[&one, &other, &silent, &over]).await;
    closed(&bench, &over, NOW).await;
    let mut change = Change::default();
    change.messages.insert = messages.to_vec();
    bench.write(change).await.unwrap();
    let due = async |now| {
        let due = notices::due_messages(&mut bench.store.read().await.unwrap(), now, 9).await.unwrap();
        due.iter().map(|due| messages.iter().position(|one| one.id == due.id).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(due(NOW.plus(-HOUR)).await, [0; 0], "the first of them is not due yet");
    assert_eq!(due(NOW).await, [0, 2]);
    let untold = notices::untold(&mut bench.store.read().await.unwrap()).await.unwrap();
    assert_eq!(untold, std::slice::from_ref(&silent.id), "of what is open");
    let trouble = async || notices::webhook_trouble(&mut bench.store.read().await.unwrap()).await.unwrap();
    assert_eq!(trouble().await, None, "nothing was tried");
    let settled = async |message: Message| {
        let mut change = Change::default();
        change.messages.update.push(message);
        bench.write(change).await.unwrap();
    };
    settled(messages[0].tried(None, NOW)).await;
    assert_eq!((due(NOW).await, trouble().await), (vec![1, 2], None));
    settled(messages[2].tried(Some("500".into()), NOW)).await;
    assert_eq!((due(NOW).await, trouble().await), (vec![1], Some("500".into())));
    let taken = messages[1].taken(NOW);
    settled(taken.clone()).await;
    assert_eq!(due(NOW).await, [0; 0], "whoever takes it has it for a while");
    let mut change = Change::default();
    change.messages.update.push(taken);
    assert!(bench.write(change).await.is_err(), "and nobody else");
}
