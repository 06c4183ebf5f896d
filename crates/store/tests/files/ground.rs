//! Databases, logs and keys that do not belong together.

use store::Store;

use crate::{Home, add, names};

#[tokio::test]
async fn a_store_that_is_closed_leaves_one_whole_file() {
    let home = Home::new();
    let store = home.open().await;
    add(&store, "Acme").await;
    assert!(home.path("mailwright.db-wal").metadata().unwrap().len() > 0);
    let reading = store.read().await.unwrap();
    drop(reading);
    store.close().await;
    assert!(store.read().await.is_err(), "it is closed");
    assert_eq!(home.files(), ["mailwright.db", "mailwright.lock", "master.key"]);
    drop(store);
    home.copy(&[("mailwright.db", "kept.db")]);
    std::fs::rename(home.path("kept.db"), home.path("mailwright.db")).unwrap();
    assert_eq!(names(&home.open().await).await, ["Acme"]);
}

#[tokio::test]
async fn the_last_one_to_close_leaves_one_whole_file() {
    let home = Home::new();
    let server = home.open().await;
    let beside = Store::open(&home.beside()).await.unwrap();
    add(&server, "Acme").await;
    server.close().await;
    assert!(home.path("mailwright.db-wal").exists(), "somebody still reads");
    add(&beside, "Beta").await;
    beside.close().await;
    assert_eq!(home.files(), ["mailwright.db", "mailwright.lock", "master.key"]);
}

/// A folder as a killed server leaves it, with a copy of what was there earlier: `early.db`, whose log was empty, and
/// a backup of the very generation of the log, `same.db`.
async fn killed() -> Home {
    let home = Home::new();
    let store = home.open().await;
    add(&store, "Acme").await;
    store.close().await;
    home.copy(&[("mailwright.db", "early.db")]);
    drop(store);
    let store = home.open().await;
    add(&store, "Beta").await;
    store.backup(&home.path("same.db"), crate::NOW).await.unwrap();
    add(&store, "Gamma").await;
    // What a kill leaves: both files as they are.
    home.copy(&[("mailwright.db", "left.db"), ("mailwright.db-wal", "left.db-wal")]);
    store.close().await;
    home
}

#[tokio::test]
async fn what_a_killed_server_left_belongs_together() {
    let home = killed().await;
    home.copy(&[("left.db", "mailwright.db"), ("left.db-wal", "mailwright.db-wal")]);
    assert_eq!(names(&home.open().await).await, ["Acme", "Beta", "Gamma"]);
}

#[tokio::test]
async fn a_backup_that_was_copied_over_the_file_beside_an_older_log_is_refused() {
    let home = killed().await;
    home.copy(&[("same.db", "mailwright.db"), ("left.db-wal", "mailwright.db-wal")]);
    let before = std::fs::read(home.path("mailwright.db")).unwrap();
    let said = home.refused().await;
    assert!(said.contains("do not belong together") && said.contains("mailwright restore FILE"), "{said}");
    assert!(Store::open(&home.beside()).await.is_err(), "commands refuse it too");
    assert_eq!(std::fs::read(home.path("mailwright.db")).unwrap(), before, "nothing was changed");
}

/// The copy is one of pages, as `cp` or `sqlite3 .backup` make it, and has the very count that the log began with an
/// hour later.
#[tokio::test]
async fn an_older_copy_of_pages_is_refused_too() {
    let home = killed().await;
    let store = home.open().await;
    add(&store, "Delta").await;
    store.close().await;
    drop(store);
    let store = home.open().await;
    add(&store, "Epsilon").await;
    home.copy(&[("mailwright.db-wal", "later-wal")]);
    store.close().await;
    drop(store);
    home.copy(&[("early.db", "mailwright.db"), ("later-wal", "mailwright.db-wal")]);
    let said = home.refused().await;
    assert!(said.contains("do not belong together"), "{said}");
    // What the refusal says can be done.
    std::fs::remove_file(home.path("mailwright.db-wal")).unwrap();
    assert_eq!(names(&home.open().await).await, ["Acme"]);
}

#[tokio::test]
async fn what_is_torn_at_the_end_of_a_log_never_happened() {
    let home = killed().await;
    home.copy(&[("left.db", "mailwright.db"), ("left.db-wal", "mailwright.db-wal")]);
    let log = std::fs::read(home.path("left.db-wal")).unwrap();
    std::fs::write(home.path("mailwright.db-wal"), &log[..log.len() - 100]).unwrap();
    assert_eq!(names(&home.open().await).await, ["Acme", "Beta"]);
}

#[tokio::test]
async fn a_database_that_was_lost_is_not_made_anew() {
    let home = Home::new();
    let store = home.open().await;
    add(&store, "Acme").await;
    store.close().await;
    drop(store);
    std::fs::rename(home.path("mailwright.db"), home.path("kept.db")).unwrap();
    for make_empty in [false, true] {
        if make_empty {
            std::fs::write(home.path("mailwright.db"), "").unwrap();
        }
        let said = home.refused().await;
        assert!(said.contains("missing or empty") && said.contains("master.key") && said.contains("restore"), "{said}");
    }
    assert!(Store::open(&home.beside()).await.err().unwrap().to_string().contains("missing or empty"));
    assert_eq!(home.path("mailwright.db").metadata().unwrap().len(), 0, "nothing was made");

    std::fs::rename(home.path("master.key"), home.path("kept.key")).unwrap();
    std::fs::write(home.path("sandbox.db"), "x").unwrap();
    assert!(home.refused().await.contains("sandbox.db"));
    assert!(!home.path("master.key").exists(), "no new key was made");
    std::fs::remove_file(home.path("sandbox.db")).unwrap();
    assert_eq!(names(&home.open().await).await, Vec::<String>::new(), "to begin anew is possible");
}

#[tokio::test]
async fn a_log_without_its_database_is_not_thrown_away() {
    let home = killed().await;
    std::fs::remove_file(home.path("mailwright.db")).unwrap();
    home.copy(&[("left.db-wal", "mailwright.db-wal")]);
    assert!(home.refused().await.contains("mailwright.db-wal"));
    assert!(home.path("mailwright.db-wal").metadata().unwrap().len() > 0);
}

#[cfg(unix)]
#[tokio::test]
async fn every_file_is_only_its_owners() {
    let home = Home::new();
    let store = home.open().await;
    add(&store, "Acme").await;
    store.backup(&home.path("copy.db"), crate::NOW).await.unwrap();
    let files = home.files();
    assert_eq!(
        files,
        ["copy.db", "mailwright.db", "mailwright.db-shm", "mailwright.db-wal", "mailwright.lock", "master.key"]
    );
    let modes: Vec<_> = files.iter().map(|file| crate::mode(&home.path(file))).collect();
    assert_eq!(modes, [0o600; 6]);
}
