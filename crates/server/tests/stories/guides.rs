//! The guides, as a reader would follow them: every `sh` block is run by a real shell against a real server,
//! and the `json` or `text` block after it is what it must have printed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

use crate::program::serve;

/// A fenced block of a page.
struct Block {
    language: String,
    text: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides")
}

fn blocks(page: &str) -> Vec<Block> {
    let text = std::fs::read_to_string(folder().join(page)).expect("the page is there");
    let (mut blocks, mut open) = (vec![], None::<Block>);
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some(Block { language: language.to_owned(), text: String::new() }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => writeln!(block.text, "{line}").expect("text can be written"),
            (None, None) => {}
        }
    }
    blocks
}

/// What the shell is told: each block's output goes into a file of its own.
fn script(page: &[Block], base: &str, key: &str) -> String {
    let mut script = format!("BASE={base}\nKEY={key}\n");
    let shorthand = blocks("getting-started.md").into_iter().find(|block| block.language == "sh");
    script.push_str(&shorthand.expect("the shorthand is the first block").text);
    for (n, block) in page.iter().enumerate().filter(|(_, block)| block.language == "sh") {
        write!(script, "{{\n{}}} > {n}.out 2> {n}.err\n", block.text).expect("text can be written");
    }
    script
}

fn same(expected: &Block, printed: &str) -> bool {
    if expected.language == "text" {
        return expected.text.trim() == printed.trim();
    }
    let wanted: Value = serde_json::from_str(&expected.text).expect("the page's JSON is valid");
    serde_json::from_str::<Value>(printed).is_ok_and(|printed| printed == wanted)
}

/// The first block of a page in a language.
pub(crate) fn block(page: &str, language: &str) -> String {
    blocks(page).into_iter().find(|block| block.language == language).expect("the page has such a block").text
}

/// Whether a program is here; in CI all must be.
pub(crate) fn installed(program: &str, version: &str) -> bool {
    let found = std::process::Command::new(program).arg(version).stdout(Stdio::null()).status().is_ok();
    assert!(found || !in_ci(), "{program} must be installed in CI");
    found
}

#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not of the product")]
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some()
}

async fn follow(page: &str) {
    if !["bash", "curl", "jq"].into_iter().all(|program| installed(program, "--version")) {
        return;
    }
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = serve(&data.path().join("data")).await;
    let shell = tempfile::tempdir().expect("a temporary folder");
    let page_blocks = blocks(page);
    let script = script(&page_blocks, &server.api, server.key.as_deref().expect("a first start prints its key"));
    let running = Command::new("bash").arg("-c").arg(script).current_dir(shell.path()).kill_on_drop(true).status();
    let ended = tokio::time::timeout(Duration::from_secs(90), running).await;
    let read =
        |n: usize, what: &str| std::fs::read_to_string(shell.path().join(format!("{n}.{what}"))).unwrap_or_default();
    for (n, pair) in page_blocks.windows(2).enumerate() {
        let [block, expected] = pair else { continue };
        if block.language == "sh" && ["json", "text"].contains(&expected.language.as_str()) {
            let (printed, errors) = (read(n, "out"), read(n, "err"));
            assert!(
                same(expected, &printed),
                "{page}: this block\n{}printed\n{printed}{errors}\nand not\n{}",
                block.text,
                expected.text
            );
        }
    }
    assert!(ended.is_ok(), "{page}: the shell did not come to its end");
}

/// A command that cuts a stream off hangs until the stream has something more to say; one that asks without a
/// pause and an end asks as fast as it can.
#[test]
fn no_guide_lets_its_reader_wait() {
    for page in std::fs::read_dir(folder()).expect("the folder is there") {
        let name = page.expect("an entry").file_name().into_string().expect("text");
        for block in blocks(&name).iter().filter(|block| block.language == "sh") {
            let listens = block.text.lines().any(|line| line.contains("event-stream") && !line.contains("/timeline"));
            assert!(!listens && !block.text.contains("do :;"), "{name}: {}", block.text);
        }
    }
}

macro_rules! guides {
    ($($name:ident $page:literal;)*) => {
        $(#[tokio::test] async fn $name() { follow($page).await; })*

        #[test]
        fn every_guide_is_followed() {
            let mut pages: Vec<_> = std::fs::read_dir(folder())
                .expect("the folder is there")
                .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
                .collect();
            pages.sort();
            assert_eq!(pages, [$($page),*]);
        }
    };
}

guides! {
    buying "buying.md";
    cancelling "cancelling.md";
    errors "errors.md";
    evidence "evidence.md";
    forwarding "forwarding.md";
    getting_started "getting-started.md";
    importing "importing.md";
    keys_and_versions "keys-and-versions.md";
    lists "lists.md";
    money "money.md";
    renaming "renaming.md";
    sandbox_and_clock "sandbox-and-clock.md";
    swapping "swapping.md";
    volumes_and_addresses "volumes-and-addresses.md";
    webhooks "webhooks.md";
}
