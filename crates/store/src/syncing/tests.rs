//! The thread that syncs, alone and behind a writer.

use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use futures_util::FutureExt as _;
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tracing::Span;

use super::*;
use crate::connect::WRITING_IN_GROUPS;
use crate::db::{Conn, Db, Tx, Value};
use crate::dialect::Backend;
use crate::error::Failure;
use crate::seal::Vault;
use crate::share::{Kind, Share};
use crate::writer::{self, Job, Queue, Stopwatch};

fn database(folder: &Path) -> (Connection, PathBuf) {
    let file = folder.join("mailwright.db");
    let writer = Connection::open(&file).unwrap();
    writer
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE few (id INTEGER)")
        .unwrap();
    (writer, file)
}

fn log_of(file: &Path) -> u64 {
    std::fs::metadata(format!("{}-wal", file.display())).unwrap().len()
}

#[test]
fn a_log_that_the_disk_does_not_take_is_copied_before_anybody_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, file) = database(folder.path());
    let mut disk = Disk::of(&file);
    assert!(disk.sync() && log_of(&file) > 0);
    // Nothing can be synced there.
    disk.log = Some(File::open("/dev/null").unwrap());
    let reader = Connection::open(&file).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM few").unwrap();
    writer.execute_batch("INSERT INTO few VALUES (1)").unwrap();
    assert!(!disk.sync() && disk.is_ill, "somebody reads what is in the log");
    assert!(!disk.sync(), "it is not enough that the next sync would go well");
    reader.execute_batch("COMMIT").unwrap();
    assert!(disk.sync() && !disk.is_ill);
    assert_eq!(log_of(&file), 0, "nothing of it is read any more");
    writer.execute_batch("INSERT INTO few VALUES (2)").unwrap();
    assert!(disk.sync() && log_of(&file) > 0);
}

#[test]
fn a_log_that_is_not_there_is_one_that_cannot_be_synced() {
    let folder = tempfile::tempdir().unwrap();
    let mut disk = Disk::of(&folder.path().join("nothing.db"));
    assert!(!disk.sync());
}

#[test]
fn every_group_is_told_before_the_thread_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let (_writer, file) = database(folder.path());
    let (syncer, (told, heard)) = (Syncer::start(&file).unwrap(), channel());
    for n in 0..100 {
        let told = told.clone();
        syncer.follow(Box::new(move |result| told.send((n, result.is_ok())).unwrap()));
    }
    drop((syncer, told));
    let expected: Vec<_> = (0..100).map(|n| (n, true)).collect();
    assert_eq!(heard.iter().collect::<Vec<_>>(), expected, "and in their order");
}

#[tokio::test]
async fn whoever_waits_for_the_disk_goes_on_when_nothing_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let (_writer, file) = database(folder.path());
    let (syncer, (told, heard)) = (Syncer::start(&file).unwrap(), channel());
    assert!(!syncer.is_busy());
    syncer.follow(Box::new(move |_| told.send(()).unwrap()));
    while syncer.is_busy() {
        syncer.progress().await;
    }
    heard.recv().unwrap();
}

/// A writer on a database with a table, and the thread behind it; each sync says that it begins, and asks for what comes of it.
struct Stage {
    queue: Queue,
    ended: oneshot::Receiver<()>,
    begun: mpsc::Receiver<()>,
    synced: mpsc::Sender<bool>,
    file: PathBuf,
    _kept: (Connection, TempDir),
}

impl Stage {
    fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (other, file) = database(folder.path());
        let ((begins, begun), (synced, result)) = (channel(), channel());
        let sync = move || begins.send(()).is_ok() && result.recv().unwrap_or(false);
        let (queue, ended) = writer_before(&file, Syncer::by(sync).unwrap());
        Self { queue, ended, begun, synced, file, _kept: (other, folder) }
    }
}

fn writer_before(file: &Path, syncer: Syncer) -> (Queue, oneshot::Receiver<()>) {
    let conn = Embedded::open(file, WRITING_IN_GROUPS).unwrap();
    let vault = Arc::new(Vault::with_key([0; 32]));
    let tx = Tx { db: Db::on(Conn::Writing(Box::new(conn)), Backend::Sqlite, vault) };
    writer::start(tx, syncer, Stopwatch::new(|| Duration::ZERO), Arc::default()).unwrap()
}

type Answered = oneshot::Receiver<Result<writer::Answer, Failure>>;

/// Has a row inserted; answers when that is answered, and when it has run.
fn insert(queue: &Queue, id: i64) -> (Answered, oneshot::Receiver<()>) {
    let ((reply, answered), (run, has_run)) = (oneshot::channel(), oneshot::channel());
    let run = Mutex::new(Some(run));
    let work: writer::Work = Arc::new(move |tx| {
        let run = run.lock().unwrap().take();
        async move {
            tx.run("INSERT INTO few (id) VALUES ($1)", vec![Value::from(id)]).await?;
            // Nobody has to wait for it.
            let _ = run.unwrap().send(());
            Ok(Box::new(()) as writer::Answer)
        }
        .boxed()
    });
    let share = Share { kind: Kind::Settlement, is_live: true, partner: String::new() };
    queue.send(&share, Job { work, reply, pass: None, asked_in: Span::none() }).unwrap();
    (answered, has_run)
}

fn rows(file: &Path) -> i64 {
    Connection::open(file).unwrap().query_row("SELECT COUNT(*) FROM few", [], |row| row.get(0)).unwrap()
}

fn groups(file: &Path) -> i64 {
    Connection::open(file).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn nobody_is_answered_before_it_is_on_the_disk_and_what_comes_meanwhile_is_one_group() {
    let Stage { queue, begun, synced, file, _kept, .. } = Stage::set();
    let (mut first, _) = insert(&queue, 1);
    begun.recv().unwrap();
    let mut others = vec![];
    for id in 2..5 {
        let (answered, has_run) = insert(&queue, id);
        has_run.await.unwrap();
        others.push(answered);
    }
    assert_eq!((rows(&file), groups(&file)), (1, 1), "the second group waits for the disk, and takes what comes");
    assert!(first.try_recv().is_err() && others.iter_mut().all(|one| one.try_recv().is_err()));
    synced.send(true).unwrap();
    first.await.unwrap().unwrap();
    synced.send(true).unwrap();
    for one in others {
        one.await.unwrap().unwrap();
    }
    assert_eq!((rows(&file), groups(&file)), (4, 2));
}

#[tokio::test]
async fn what_is_not_on_the_disk_is_not_answered_and_nothing_else_is_begun() {
    let Stage { queue, begun, synced, file, _kept, .. } = Stage::set();
    let (mut first, _) = insert(&queue, 1);
    for _ in 0..3 {
        begun.recv().unwrap();
        synced.send(false).unwrap();
    }
    begun.recv().unwrap();
    let (second, has_run) = insert(&queue, 2);
    assert!(first.try_recv().is_err() && rows(&file) == 1);
    synced.send(true).unwrap();
    first.await.unwrap().unwrap();
    has_run.await.unwrap();
    synced.send(true).unwrap();
    second.await.unwrap().unwrap();
}

#[tokio::test]
async fn whoever_waits_for_an_ill_disk_when_everything_ends_is_not_told_that_it_is_written() {
    let Stage { queue, ended, begun, synced, _kept, .. } = Stage::set();
    let (answer, _) = insert(&queue, 1);
    begun.recv().unwrap();
    drop(queue);
    // Every sync fails from now on.
    drop(synced);
    assert!(matches!(answer.await.unwrap(), Err(Failure::Broken(StoreError::NotCommitted))));
    ended.await.unwrap();
}

#[tokio::test]
async fn whoever_waits_for_the_disk_when_everything_ends_is_answered() {
    let Stage { queue, ended, synced, begun: _begun, _kept, .. } = Stage::set();
    let (answer, has_run) = insert(&queue, 1);
    has_run.await.unwrap();
    drop(queue);
    synced.send(true).unwrap();
    answer.await.unwrap().unwrap();
    ended.await.unwrap();
}

#[tokio::test]
async fn a_writer_whose_disk_is_asked_by_nobody_any_more_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (_other, file) = database(folder.path());
    let syncer = Syncer::by(|| panic!("a fault of ours")).unwrap();
    let (queue, ended) = writer_before(&file, syncer);
    let answer = insert(&queue, 1).0.await;
    assert!(!matches!(answer, Ok(Ok(_))));
    ended.await.unwrap();
    assert!(queue.is_closed());
}

#[test]
fn the_log_of_a_linked_database_is_beside_what_the_link_leads_to() {
    let folder = tempfile::tempdir().unwrap();
    let (_writer, file) = database(folder.path());
    let link = folder.path().join("linked.db");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let mut disk = Disk::of(&link);
    assert!(disk.sync() && !disk.is_ill && log_of(&file) > 0);
}
