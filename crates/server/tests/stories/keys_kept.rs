//! Keys that stand in no list of processes: `MAILWRIGHT_KEY`, `mailwright login`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::following;
use crate::support::Rig;

/// A user's home, and commands that are run in it.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self) -> std::path::PathBuf {
        self.0.path().join(".config/mailwright/keys.json")
    }

    /// Runs a command with this on its standard input and this in `MAILWRIGHT_KEY`.
    async fn run(&self, args: &[&str], typed: &str, variable: &str) -> (Output, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailwright"));
        command
            .args(args)
            .current_dir(self.0.path())
            .env_clear()
            .env("HOME", self.0.path())
            .env("MAILWRIGHT_KEY", variable);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut stdin = child.stdin.take().expect("standard input");
        // Whoever does not read closes the pipe.
        let _ = stdin.write_all(typed.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await.expect("it ends");
        let said = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned();
        (output, said)
    }
}

/// The address of a server of its own for the rig.
async fn listen(rig: &Rig) -> String {
    following::listen(rig).await.trim_end_matches("/partner/v1").to_owned()
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("it is there").permissions().mode() & 0o777
}

#[tokio::test]
async fn a_key_is_kept_for_its_server_and_used_for_it_alone() {
    let rig = Rig::sqlite().await;
    let (url, home) = (listen(&rig).await, Home::new());
    let play = ["trigger", "order.in_progress", "--url", &url];
    let (output, said) = home.run(&play, "", "").await;
    assert!(output.status.code() == Some(2) && said.contains("mailwright login --url"), "{said}");

    let (output, said) = home.run(&["login", "--url", &url], "pk_test_nobody\n", "").await;
    assert!(output.status.code() == Some(1) && said.contains("not kept") && !home.file().exists(), "{said}");
    let typed = format!("{}\n", rig.key);
    let (output, said) =
        home.run(&["login", "--url", &format!("{url}/partner/v1/"), "--format", "json"], &typed, "").await;
    let told: Value = serde_json::from_slice(&output.stdout).expect(&said);
    assert_eq!(
        (&told["url"], &told["environment"], &told["preset"]),
        (&url.as_str().into(), &"test".into(), &"full".into())
    );
    assert!(!said.contains(&rig.key));
    assert_eq!((mode(&home.file()), mode(home.file().parent().expect("a folder"))), (0o600, 0o700));

    let (output, said) = home.run(&play, "", "").await;
    assert!(output.status.success(), "{said}");
    let (output, said) = home.run(&["trigger", "order.in_progress", "--url", "http://localhost:1"], "", "").await;
    assert!(output.status.code() == Some(2) && said.contains("no key is known for http://localhost:1"), "{said}");
    let (output, said) = home.run(&play, "", "pk_live_other").await;
    assert!(output.status.code() == Some(2) && said.contains("sandbox only"), "the environment goes before: {said}");

    let (output, said) = home.run(&["logout", "--url", &url], "", "").await;
    assert!(output.status.success() && said.contains("is forgotten"), "{said}");
    assert_eq!(home.run(&play, "", "").await.0.status.code(), Some(2));
    assert!(home.run(&play, "", &rig.key).await.0.status.success(), "a variable needs no file");
}

#[tokio::test]
async fn a_file_that_others_may_read_or_that_is_not_ours_is_refused() {
    let (rig, home) = (Rig::sqlite().await, Home::new());
    let url = listen(&rig).await;
    assert!(home.run(&["login", "--url", &url], &rig.key, "").await.0.status.success());
    std::fs::set_permissions(home.file(), std::fs::Permissions::from_mode(0o644)).expect("a mode");
    let play = ["trigger", "order.in_progress", "--url", &url];
    let (output, said) = home.run(&play, "", "").await;
    assert!(output.status.code() == Some(2) && said.contains("chmod 600"), "{said}");
    std::fs::set_permissions(home.file(), std::fs::Permissions::from_mode(0o600)).expect("a mode");
    std::fs::write(home.file(), "pk_test_x").expect("written");
    let (output, said) = home.run(&play, "", "").await;
    assert!(output.status.code() == Some(2) && said.contains("remove it") && !said.contains("pk_test_x"), "{said}");
}

#[tokio::test]
async fn two_who_log_in_at_once_both_keep_theirs() {
    let (one, two, home) = (Rig::sqlite().await, Rig::sqlite().await, Home::new());
    let (first, second) = (listen(&one).await, listen(&two).await);
    let logins = [(["login", "--url", &first], &one.key), (["login", "--url", &second], &two.key)];
    let (a, b) = tokio::join!(home.run(&logins[0].0, logins[0].1, ""), home.run(&logins[1].0, logins[1].1, ""));
    assert!(a.0.status.success() && b.0.status.success(), "{} {}", a.1, b.1);
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(home.file()).expect("a file")).expect("JSON");
    assert_eq!((&kept[&first], &kept[&second]), (&one.key.as_str().into(), &two.key.as_str().into()));
}
