//! No circle of files across two folders of a crate: whoever reads one folder is not sent back by another. What a folder
//! holds may ask its `mod.rs`, and that may ask what it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{root, sources};

/// Circles that are still to be opened: the crate, one of the files, and how many there are. They may only get smaller.
const STILL_CLOSED: [(&str, &str, usize); 0] = [];

/// A module, as the segments of its path below the crate.
type Module = Vec<String>;

/// What `use` brings in.
struct Use {
    is_public: bool,
    path: Vec<String>,
}

/// The files of a crate, and what each brings in.
struct Crate {
    files: BTreeMap<Module, PathBuf>,
    uses: BTreeMap<Module, Vec<Use>>,
}

fn segments(path: &str) -> Vec<String> {
    path.split("::").map(|one| one.trim().to_owned()).collect()
}

/// The lines that are code of the product: no comments, no tests.
fn code(text: &str) -> String {
    let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    product.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The paths of a tree such as `a::{b, c::{d, e}}`.
fn leaves(tree: &str) -> Vec<String> {
    let Some((before, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or(tree).trim().to_owned()];
    };
    let inner = rest.trim_end().strip_suffix('}').unwrap_or(rest);
    let (mut depth, mut begin, mut parts) = (0, 0, vec![]);
    for (at, letter) in inner.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[begin..]);
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    parts.flat_map(leaves).map(|leaf| format!("{}{leaf}", before.trim())).collect()
}

fn uses(code: &str) -> Vec<Use> {
    let mut found = vec![];
    for statement in code.split(';') {
        let Some(at) = statement.find("use ").filter(|at| is_first(statement, *at)) else { continue };
        let is_public = statement[..at].contains("pub");
        let tree = statement[at + 4..].split_whitespace().collect::<Vec<_>>().join(" ");
        found.extend(leaves(&tree).iter().map(|path| Use { is_public, path: segments(path) }));
    }
    // Paths that are written out where they are used.
    for (at, _) in code.match_indices("crate::") {
        let path: String = code[at..].chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect();
        found.push(Use { is_public: false, path: segments(path.trim_end_matches(':')) });
    }
    found
}

/// Whether what stands at a place begins its line, but for how visible it is.
fn is_first(statement: &str, at: usize) -> bool {
    let line = statement[..at].rsplit('\n').next().unwrap_or_default();
    line.is_empty() || line == "pub " || line.starts_with("pub(") && line.ends_with(") ")
}

impl Crate {
    fn read(name: &str) -> Self {
        let (mut found, mut files, mut uses_of) = (vec![], BTreeMap::new(), BTreeMap::new());
        let source = root().join("crates").join(name).join("src");
        sources(&source, &mut found);
        found.retain(|file| !file.ends_with("tests.rs") && !file.iter().any(|part| part == "tests"));
        for file in found {
            let path = file.strip_prefix(&source).expect("below").to_owned();
            let mut module: Module = path.with_extension("").iter().map(|part| part.to_string_lossy().into()).collect();
            module.retain(|part| !["mod", "lib", "main"].contains(&part.as_str()));
            uses_of.insert(module.clone(), uses(&code(&fs::read_to_string(&file).expect("text"))));
            files.insert(module, path);
        }
        Self { files, uses: uses_of }
    }

    /// A path as it is seen from the crate; `None` for other crates'.
    fn absolute(&self, from: &Module, path: &[String]) -> Option<Vec<String>> {
        let first = path.first()?.as_str();
        let up = path.iter().take_while(|one| *one == "super").count();
        let child = || from.iter().chain(path.first()).cloned().collect::<Module>();
        match first {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([from, &path[1..]].concat()),
            "super" => Some([&from[..from.len().saturating_sub(up)], &path[up..]].concat()),
            _ if self.files.contains_key(&child()) => Some([from.as_slice(), path].concat()),
            _ => None,
        }
    }

    /// The module whose file says what a path means, through whatever hands it on.
    fn home(&self, path: &[String], patience: usize) -> Module {
        let module: Module = (0..=path.len())
            .rev()
            .map(|n| path[..n].to_vec())
            .find(|one| self.files.contains_key(one))
            .unwrap_or_default();
        let Some(name) = path.get(module.len()).filter(|_| patience > 0) else { return module };
        let handed_on = self.uses[&module].iter().filter(|one| one.is_public && one.path.last() == Some(name));
        let source = handed_on.filter_map(|one| self.absolute(&module, &one.path)).find(|source| source != path);
        match source {
            Some(source) => self.home(&[&source, &path[module.len() + 1..]].concat(), patience - 1),
            None => module,
        }
    }

    /// Which files ask which, but for a folder's `mod.rs` and what the folder holds.
    fn asks(&self) -> BTreeMap<&Path, BTreeSet<&Path>> {
        let mut asks: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
        for (module, used) in &self.uses {
            let paths = used.iter().filter(|one| !one.is_public).filter_map(|one| self.absolute(module, &one.path));
            let file = self.files[module].as_path();
            let homes = paths.filter_map(|path| self.files.get(&self.home(&path, 6))).map(PathBuf::as_path);
            asks.entry(file)
                .or_default()
                .extend(homes.filter(|home| *home != file && !holds(home, file) && !holds(file, home)));
        }
        asks
    }
}

fn holds(folder: &Path, file: &Path) -> bool {
    folder.file_name().is_some_and(|name| name == "mod.rs" || name == "lib.rs" || name == "main.rs")
        && file.starts_with(folder.parent().unwrap_or(folder))
}

/// All that a file asks, and whom those ask.
fn reached<'a>(from: &'a Path, asks: &BTreeMap<&'a Path, BTreeSet<&'a Path>>) -> BTreeSet<&'a Path> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(file) = open.pop() {
        open.extend(asks[file].iter().filter(|one| reached.insert(**one)));
    }
    reached
}

/// The files that ask each other, themselves or through others, wherever they are in more than one folder.
fn circles(asks: &BTreeMap<&Path, BTreeSet<&Path>>) -> BTreeSet<Vec<String>> {
    let reach: BTreeMap<_, _> = asks.keys().map(|file| (*file, reached(file, asks))).collect();
    let circle_of = |file: &&Path| -> Vec<&Path> {
        let others = reach[file].iter().filter(|other| reach[**other].contains(file));
        others.copied().collect()
    };
    let all = asks.keys().map(circle_of);
    let across = all.filter(|circle| circle.iter().any(|one| one.parent() != circle[0].parent()));
    across.map(|circle| circle.iter().map(|file| file.display().to_string()).collect()).collect()
}

#[test]
fn no_circle_goes_across_two_folders() {
    let (mut closed, mut open) = (vec![], STILL_CLOSED.to_vec());
    for entry in fs::read_dir(root().join("crates")).expect("a folder") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let files = Crate::read(&name);
        for circle in circles(&files.asks()) {
            let is_known = |(owner, file, most): &(&str, &str, usize)| {
                *owner == name && circle.iter().any(|one| one == file) && circle.len() <= *most
            };
            match open.iter().position(is_known) {
                Some(known) => _ = open.remove(known),
                None => closed.push(format!("{name}: {}", circle.join(", "))),
            }
        }
    }
    assert!(closed.is_empty(), "files in more than one folder ask each other:\n{}", closed.join("\n"));
    assert!(open.is_empty(), "take these off the list, they are open: {open:?}");
}

#[test]
fn a_tree_of_names_is_taken_apart() {
    assert_eq!(
        leaves("crate::a::{b, c::{d as e, f}, g}"),
        ["crate::a::b", "crate::a::c::d", "crate::a::c::f", "crate::a::g"]
    );
    let code = "use crate::a::B;\npub(crate) use self::c::{D, E};\nfn f() { crate::g::h(); }\n";
    let told: Vec<_> = uses(code).iter().map(|one| (one.is_public, one.path.join("::"))).collect();
    let expected = [
        (false, "crate::a::B"),
        (true, "self::c::D"),
        (true, "self::c::E"),
        (false, "crate::a::B"),
        (false, "crate::g::h"),
    ];
    assert_eq!(told, expected.map(|(is_public, path)| (is_public, path.to_owned())));
}

#[test]
fn a_circle_is_found_and_a_folder_may_ask_what_it_holds() {
    let asks = |pairs: &[(&'static str, &'static str)]| {
        let mut asks: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
        for (one, other) in pairs {
            asks.entry(Path::new(*one)).or_default().insert(Path::new(*other));
            asks.entry(Path::new(*other)).or_default();
        }
        circles(&asks)
    };
    let circle = asks(&[("a.rs", "b/c.rs"), ("b/c.rs", "d.rs"), ("d.rs", "a.rs"), ("e.rs", "a.rs")]);
    assert_eq!(circle, [["a.rs", "b/c.rs", "d.rs"].map(str::to_owned).to_vec()].into());
    assert!(asks(&[("a.rs", "b/c.rs"), ("b/c.rs", "d.rs")]).is_empty());
    assert!(asks(&[("b/a.rs", "b/c.rs"), ("b/c.rs", "b/a.rs")]).is_empty(), "within a folder it may be");
    assert!(holds(Path::new("b/mod.rs"), Path::new("b/c.rs")) && !holds(Path::new("b/c.rs"), Path::new("b/d.rs")));
}
