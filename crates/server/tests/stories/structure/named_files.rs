//! What the maps name is there: every path in README, ARCHITECTURE and CONTRIBUTING leads to a file.

use std::fs;
use std::path::{Path, PathBuf};

use super::root;

const MAPS: [&str; 3] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];

/// What a path begins with: a folder of the repository, or a crate, written short.
const TOPS: [&str; 14] = [
    "crates",
    "docs",
    ".ci",
    "stories",
    "api",
    "app",
    "doubles",
    "edge",
    "engine",
    "model",
    "providers",
    "server",
    "store",
    "…",
];

/// What a file's name ends in, where only the name is written.
const ENDINGS: [&str; 7] = [".rs", ".md", ".toml", ".json", ".sql", ".sh", ".lock"];

/// What stands between back-ticks, and where links lead, in their order; not what is in blocks of code.
fn names(text: &str) -> Vec<String> {
    let mut found = vec![];
    for (n, part) in text.split("```").enumerate() {
        let quoted = part.split('`').skip(1).step_by(2);
        let linked = part.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let words = if n % 2 == 0 { quoted.chain(linked).collect() } else { vec![] };
        found.extend(words.into_iter().filter(|word| is_file(word)).map(ToOwned::to_owned));
    }
    found
}

fn is_file(word: &str) -> bool {
    let top = word.split('/').next().unwrap_or_default();
    let is_path = word.contains('/') && TOPS.contains(&top);
    let is_plain = !word.contains(char::is_whitespace) && !word.contains("://") && !word.starts_with(['/', '-', '$']);
    is_plain && (is_path || ENDINGS.iter().any(|ending| word.ends_with(ending) && word.len() > ending.len()))
}

/// Where a name leads. It is written from the repository, from `crates`, from the tests of the server, or from the
/// folder of the name before it or one around that; `<verb_noun>` stands for any file of its folder.
fn place(name: &str, before: &Path) -> Option<PathBuf> {
    let name = name.trim_start_matches("…/");
    let (given, any) = name.split_once('<').map_or((name, None), |(folder, rest)| (folder, Some(rest)));
    let around = before.ancestors().filter(|folder| folder.components().count() > 1);
    let near = around.flat_map(|folder| [folder.to_owned(), folder.join("src")]);
    let bases = ["", "crates", "crates/server/tests"].map(PathBuf::from);
    let there = |path: &PathBuf| match any {
        Some(_) => holds_source(&root().join(path)),
        None => root().join(path).exists(),
    };
    bases
        .into_iter()
        .chain(near)
        .map(|base| base.join(given))
        .find_map(|path| [path.clone(), path.with_extension("rs")].into_iter().find(|path| there(path)))
}

fn holds_source(folder: &Path) -> bool {
    let mut found = vec![];
    if folder.is_dir() {
        super::sources(folder, &mut found);
    }
    !found.is_empty()
}

/// The names of a text that lead nowhere.
fn lost(text: &str) -> Vec<String> {
    let (mut before, mut lost) = (PathBuf::new(), vec![]);
    for name in names(text) {
        match place(&name, &before) {
            Some(path) if root().join(&path).is_dir() => before = path,
            Some(path) => before = path.parent().unwrap_or(&path).to_owned(),
            None => lost.push(name),
        }
    }
    lost
}

#[test]
fn every_file_that_a_map_names_is_there() {
    for map in MAPS {
        let text = fs::read_to_string(root().join(map)).expect("a map");
        assert!(names(&text).len() > 5, "{map} is read");
        assert_eq!(lost(&text), [""; 0], "{map} names what is not there");
    }
}

/// Where the links of a page lead, and the files of the repository that it names; not what is in blocks of code.
fn pointed_at(page: &Path, text: &str) -> Vec<PathBuf> {
    let folder = page.parent().unwrap_or(page);
    let mut found = vec![];
    for prose in text.split("```").step_by(2) {
        let links = prose.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let links = links.filter(|link| !link.is_empty() && !link.contains("://") && !link.starts_with('/'));
        found.extend(links.map(|link| folder.join(link)));
        let quoted = prose.split('`').skip(1).step_by(2);
        let files = quoted.filter(|word| word.starts_with("crates/") && !word.contains(['<', ' ']));
        found.extend(files.map(|word| root().join(word)));
    }
    found
}

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            found.push(path);
        }
    }
}

#[test]
fn every_file_that_a_page_in_docs_names_is_there() {
    let mut all = vec![];
    pages(&root().join("docs"), &mut all);
    let mut count = 0;
    for page in all {
        for path in pointed_at(&page, &fs::read_to_string(&page).expect("a page")) {
            count += 1;
            assert!(path.exists(), "{} names {}, which is not there", page.display(), path.display());
        }
    }
    assert!(count > 50, "the pages are read");
    let text = "[a](b.md#c) [web](https://x.y) `crates/no.rs` `crates/<any>.rs`\n```\n[no](d.md)\n```\n[e](f.md)";
    assert_eq!(pointed_at(Path::new("docs/a.md"), text).len(), 3);
}

#[test]
fn short_forms_are_understood_and_what_is_not_there_is_found() {
    let row = "`engine/src/runner.rs`, `cx.rs`, `steps/<verb_noun>.rs`, `run/step`, `Tx::apply`, `just docs`";
    assert_eq!(names(row), ["engine/src/runner.rs", "cx.rs", "steps/<verb_noun>.rs"]);
    assert_eq!(lost(row), [""; 0]);
    let wrong = "`model/src/delivery.rs` or `engine/src/runner.rs`, `cxx.rs`, [a page](docs/nothing.md#x)";
    assert_eq!(lost(wrong), ["model/src/delivery.rs", "cxx.rs", "docs/nothing.md"]);
}
