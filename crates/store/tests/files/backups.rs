//! Copies of a database, and how they come back.

use futures_util::FutureExt as _;
use model::clock::DAY;
use store::{Store, restore};

use crate::{Home, NOW, add, names};

/// A folder with a backup of two partners, and a third who came later.
async fn backed_up() -> Home {
    let home = Home::new();
    let store = home.open().await;
    add(&store, "Acme").await;
    add(&store, "Beta").await;
    let made = store.backup(&home.path("copy.db"), NOW.plus(DAY)).await.unwrap();
    assert_eq!(made.fingerprint, store.vault().key_fingerprint());
    assert_eq!(made.bytes, home.path("copy.db").metadata().unwrap().len());
    add(&store, "Gamma").await;
    assert_eq!(names(&store).await, ["Acme", "Beta", "Gamma"], "it goes on");
    store.close().await;
    home
}

#[tokio::test]
async fn a_backup_is_whole_by_itself() {
    let home = backed_up().await;
    let other = Home::new();
    std::fs::copy(home.path("copy.db"), other.path("mailwright.db")).unwrap();
    std::fs::copy(home.path("master.key"), other.path("master.key")).unwrap();
    assert_eq!(names(&other.open().await).await, ["Acme", "Beta"]);
    let text = std::fs::read(home.path("copy.db")).unwrap();
    let key = std::fs::read_to_string(home.path("master.key")).unwrap();
    let key = key.trim().split(' ').nth(1).unwrap();
    assert!(!text.windows(key.len()).any(|window| window == key.as_bytes()), "the master key is not in it");
}

#[tokio::test]
async fn a_backup_never_overwrites_anything_and_leaves_no_halves() {
    let home = backed_up().await;
    let store = home.open().await;
    let before = std::fs::read(home.path("copy.db")).unwrap();
    let refused = store.backup(&home.path("copy.db"), NOW).await.unwrap_err().to_string();
    assert!(refused.contains("exists already"), "{refused}");
    assert_eq!(std::fs::read(home.path("copy.db")).unwrap(), before);
    let nowhere = store.backup(&home.path("none/copy.db"), NOW).await.unwrap_err().to_string();
    assert!(nowhere.contains("cannot be written"), "{nowhere}");
    store.close().await;
    assert_eq!(home.files(), ["copy.db", "mailwright.db", "mailwright.lock", "master.key"]);
}

#[tokio::test]
async fn a_backup_comes_back_and_what_was_there_is_kept() {
    let home = backed_up().await;
    let restored = restore(&home.opening(), &home.path("copy.db"), "now").await.unwrap();
    assert_eq!(restored.made_at, Some(NOW.plus(DAY)));
    assert_eq!(restored.put_aside, Some(home.path("mailwright.db.before-restore-now")));
    assert_eq!(
        home.files(),
        ["copy.db", "mailwright.db", "mailwright.db.before-restore-now", "mailwright.lock", "master.key"]
    );
    #[cfg(unix)]
    assert_eq!(crate::mode(&home.path("mailwright.db")), 0o600);
    let store = home.open().await;
    assert_eq!(names(&store).await, ["Acme", "Beta"]);
    store.close().await;
    drop(store);
    home.copy(&[("mailwright.db.before-restore-now", "mailwright.db")]);
    assert_eq!(names(&home.open().await).await, ["Acme", "Beta", "Gamma"], "nothing of it was lost");
}

#[tokio::test]
async fn the_log_of_a_killed_server_goes_aside_with_its_database() {
    let home = backed_up().await;
    let store = home.open().await;
    add(&store, "Delta").await;
    home.copy(&[("mailwright.db", "left"), ("mailwright.db-wal", "left-wal"), ("mailwright.db-shm", "left-shm")]);
    store.close().await;
    drop(store);
    home.copy(&[("left", "mailwright.db"), ("left-wal", "mailwright.db-wal"), ("left-shm", "mailwright.db-shm")]);
    restore(&home.opening(), &home.path("copy.db"), "now").await.unwrap();
    assert_eq!(names(&home.open().await).await, ["Acme", "Beta"]);
    let other = Home::new();
    for ending in ["", "-wal"] {
        let kept = home.path(&format!("mailwright.db.before-restore-now{ending}"));
        std::fs::rename(kept, other.path(&format!("mailwright.db{ending}"))).unwrap();
    }
    std::fs::copy(home.path("master.key"), other.path("master.key")).unwrap();
    assert_eq!(names(&other.open().await).await, ["Acme", "Beta", "Delta", "Gamma"], "both together are whole");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_before_anything_is_touched() {
    let home = backed_up().await;
    home.copy(&[
        ("copy.db", "beside.db"),
        ("copy.db", "beside.db-wal"),
        ("copy.db", "torn.db"),
        ("master.key", "kept.key"),
    ]);
    std::fs::write(home.path("text.db"), "this is something else").unwrap();
    std::fs::write(home.path("empty.db"), "").unwrap();
    let bytes = std::fs::read(home.path("copy.db")).unwrap();
    let middle = bytes.len() / 2;
    std::fs::write(home.path("torn.db"), [&bytes[..middle], &vec![7; 4096], &bytes[middle + 4096..]].concat()).unwrap();
    let (files, before) = (home.files(), std::fs::read(home.path("mailwright.db")).unwrap());
    for (file, why) in [
        ("none.db", "cannot be read"),
        ("beside.db", "not whole by itself"),
        ("text.db", "not a database"),
        ("empty.db", "no database of Mailwright"),
        ("torn.db", "not a sound backup"),
        ("mailwright.db", "is the database itself"),
    ] {
        let said = restore(&home.opening(), &home.path(file), "now").await.unwrap_err().to_string();
        assert!(said.contains(why), "{file}: {said}");
    }
    std::fs::write(home.path("master.key"), format!("1 {}\n", "A".repeat(43))).unwrap();
    let said = restore(&home.opening(), &home.path("copy.db"), "now").await.unwrap_err().to_string();
    assert!(said.contains("another master key"), "{said}");
    std::fs::remove_file(home.path("master.key")).unwrap();
    let said = restore(&home.opening(), &home.path("copy.db"), "now").await.unwrap_err().to_string();
    assert!(said.contains("master.key is missing"), "{said}");
    home.copy(&[("kept.key", "master.key")]);
    let store = home.open().await;
    let said = restore(&home.opening(), &home.path("copy.db"), "now").await.unwrap_err().to_string();
    assert!(said.contains("already running"), "{said}");
    store.close().await;
    drop(store);
    assert_eq!((home.files(), std::fs::read(home.path("mailwright.db")).unwrap()), (files, before));
}

/// Whoever dies between putting aside and putting in place leaves no database, and the next start says so.
#[tokio::test]
async fn a_restoring_that_died_half_way_is_not_taken_for_a_new_beginning() {
    let home = Home { traces: false, ..backed_up().await };
    std::fs::rename(home.path("mailwright.db"), home.path("mailwright.db.before-restore-now")).unwrap();
    std::fs::remove_file(home.path("master.key")).unwrap();
    let said = Store::open(&home.opening()).await.err().unwrap().to_string();
    assert!(said.contains("mailwright.db.before-restore-now is left of it"), "{said}");
}

/// So that a copy takes several pieces.
const LONG: usize = 100_000;

/// What it shows is one moment, although its pages are read one after the other.
#[tokio::test]
async fn what_is_written_while_a_backup_is_made_is_in_it_as_a_whole_or_not_at_all() {
    let home = Home::new();
    let store = home.open().await;
    let name = |n: usize| format!("{n:03} {}", "x".repeat(LONG));
    for n in 0..20 {
        add(&store, &name(n)).await;
    }
    let (copy, mut added) = (home.path("copy.db"), 20);
    let mut backing_up = Box::pin(store.backup(&copy, NOW));
    while (&mut backing_up).now_or_never().map(Result::unwrap).is_none() {
        add(&store, &name(added)).await;
        added += 1;
    }
    assert!(added > 21, "they went on beside it");
    let other = Home::new();
    std::fs::copy(home.path("copy.db"), other.path("mailwright.db")).unwrap();
    std::fs::copy(home.path("master.key"), other.path("master.key")).unwrap();
    let copied = names(&other.open().await).await;
    assert!((20..added).contains(&copied.len()), "{} of {added}", copied.len());
    assert_eq!(copied, (0..copied.len()).map(name).collect::<Vec<_>>());
}

/// In bytes.
const PAGE: u64 = 4_096;

/// How large the log's file is, in bytes.
fn log_size(home: &Home) -> u64 {
    home.path("mailwright.db-wal").metadata().unwrap().len()
}

/// A database that somebody reads who holds on to one moment.
async fn held() -> (Home, Store, store::Db) {
    let home = Home::new();
    let store = home.open().await;
    add(&store, "first").await;
    let mut held = store.read_at_once().await.unwrap();
    assert_eq!(store::partners::all(&mut held).await.unwrap().len(), 1);
    (home, store, held)
}

#[tokio::test]
async fn a_log_that_somebody_held_is_copied_when_it_is_let_go() {
    let (home, store, held) = held().await;
    let mut rows = 0..;
    let mut more = async || add(&store, &format!("{} {}", rows.next().unwrap(), "x".repeat(LONG))).await;
    while log_size(&home) < 10_000 * PAGE {
        more().await;
    }
    drop(held);
    // Its file is written over from its beginning, and stays as large as it was. Were it not copied, it would grow without an end.
    let mut grown = 0;
    while log_size(&home) > grown {
        grown = log_size(&home);
        assert!(grown < 200_000 * PAGE, "it is never copied");
        for _ in 0..50 {
            more().await;
        }
    }
}

/// Nobody writes any more, and so nobody who writes could find it.
#[tokio::test]
async fn a_log_that_somebody_held_is_copied_although_nothing_is_written() {
    let (home, store, held) = held().await;
    for n in 0..60 {
        add(&store, &format!("{n} {}", "x".repeat(LONG))).await;
    }
    let before = home.path("mailwright.db").metadata().unwrap().len();
    drop(held);
    let copied = async {
        while home.path("mailwright.db").metadata().unwrap().len() == before {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), copied).await.expect("it is copied before long");
    store.close().await;
}

#[tokio::test]
async fn a_name_that_would_be_taken_for_another_file_is_refused() {
    let home = backed_up().await;
    let store = home.open().await;
    for name in ["mailwright.db-journal", "mailwright.db-wal", "new.db-shm", ".new.db.mailwright-draft-7"] {
        let refused = store.backup(&home.path(name), NOW).await.unwrap_err().to_string();
        assert!(refused.contains("SQLite"), "{name}: {refused}");
    }
    store.close().await;
    assert_eq!(home.files(), ["copy.db", "mailwright.db", "mailwright.lock", "master.key"]);
}

#[tokio::test]
async fn nothing_is_left_of_a_backup_that_is_given_up() {
    let home = Home::new();
    let store = home.open().await;
    for n in 0..20 {
        add(&store, &format!("{n} {}", "x".repeat(LONG))).await;
    }
    let (copy, before) = (home.path("copy.db"), home.files());
    let mut backing_up = Box::pin(store.backup(&copy, NOW));
    assert!((&mut backing_up).now_or_never().is_none());
    assert_ne!(home.files(), before, "it has begun");
    drop(backing_up);
    assert_eq!(home.files(), before);
    store.close().await;
}
