//! The walls between the crates and within them, the sizes that keep files readable, and the maps that lead to them.

mod circles;
mod named_files;

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The crates of ours that a crate's `[dependencies]` name.
fn knows(name: &str) -> Vec<String> {
    let manifest = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).expect("a manifest");
    let ours = ["api", "app", "doubles", "edge", "engine", "model", "portal", "providers", "store", "traces"];
    let section = manifest.split("[dependencies]").nth(1).unwrap_or_default().split("\n[").next().unwrap_or_default();
    let mut known: Vec<_> = section
        .lines()
        .filter_map(|line| line.split(['.', ' ']).next())
        .filter(|one| ours.contains(one))
        .map(ToOwned::to_owned)
        .collect();
    known.sort();
    known
}

#[test]
fn each_crate_knows_only_whom_it_may() {
    assert!(knows("model").is_empty());
    assert!(knows("doubles").is_empty(), "a double that shares our code shares its mistakes");
    assert_eq!(knows("store"), ["model"]);
    assert_eq!(knows("providers"), ["model"]);
    assert_eq!(knows("traces"), ["model"]);
    assert_eq!(knows("edge"), ["model", "store"]);
    assert_eq!(knows("engine"), ["model", "providers", "store", "traces"]);
    assert_eq!(knows("app"), ["model", "store"]);
    assert_eq!(knows("api"), ["app", "model", "store", "traces"]);
    assert_eq!(knows("server"), ["api", "app", "edge", "engine", "model", "providers", "store", "traces"]);
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|ending| ending == "rs") {
            found.push(entry);
        }
    }
}

#[test]
fn no_file_is_too_long_to_hold_in_the_head() {
    let mut files = vec![];
    sources(&root().join("crates"), &mut files);
    for file in files {
        let lines = fs::read_to_string(&file).expect("text").lines().count();
        assert!(lines <= 500, "{} has {lines} lines", file.display());
    }
}

/// Lints of clippy hold functions to sixty lines and seven arguments; nobody asks them to look away.
#[test]
fn no_function_is_too_long_or_takes_too_much() {
    let mut files = vec![];
    sources(&root().join("crates"), &mut files);
    files.retain(|file| !file.ends_with("structure/mod.rs"));
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        assert!(!text.contains("clippy::too_many"), "{}", file.display());
    }
}

/// SQL about our own facts stands in `store`; the sandbox's memory is somebody else's.
#[test]
fn sql_stands_only_where_it_may() {
    let mut files = vec![];
    for name in ["model", "engine", "app", "api", "edge", "server", "traces"] {
        sources(&root().join("crates").join(name).join("src"), &mut files);
    }
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        for verb in ["SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM"] {
            assert!(!text.contains(verb), "{} has {verb}", file.display());
        }
    }
}

/// The one order of locks is a type: whoever takes them by themselves goes around it.
#[test]
fn locks_are_taken_in_their_one_order() {
    let mut files = vec![];
    for name in ["engine", "app", "api", "server"] {
        sources(&root().join("crates").join(name).join("src"), &mut files);
    }
    let alone = [
        "turn::take",
        "tasks::still_mine",
        "spend::lock",
        "keys::hold",
        "partners::lock",
        "partners::hold",
        "partners::clock_of",
        "bundles::lock",
        "users::lock",
        "users::hold",
        "orders::lock",
    ];
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        for lock in alone {
            assert!(!text.contains(lock), "{} takes {lock} by itself: see store::locks", file.display());
        }
    }
}

/// Migrations have the same numbers and names on both databases.
#[test]
fn migrations_are_numbered_alike() {
    let names = |backend: &str| {
        let folder = root().join("crates/store/migrations").join(backend);
        let mut names: Vec<_> =
            fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
