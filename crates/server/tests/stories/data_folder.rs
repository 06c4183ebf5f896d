//! The files of a server: whole, together, and nobody else's.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::program::{json, mailwright, refused, run, serve};

fn files(data: &Path) -> Vec<String> {
    let entries = data.read_dir().expect("a folder");
    let mut names: Vec<_> =
        entries.map(|one| one.expect("an entry").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("it is there").permissions().mode() & 0o777
}

async fn stop(child: &mut Child) {
    let pid = child.id().expect("a process").to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill runs").success());
    assert_eq!(child.wait().await.expect("it ends").code(), Some(0));
}

#[tokio::test]
async fn a_clean_stop_leaves_whole_files_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let whole = ["mailwright.db", "mailwright.lock", "master.key", "operator.token", "sandbox.db"];
    let mut running = serve(&data).await;
    json(&data, &["partners", "create", "--name", "Zeta"]).await;
    assert!(files(&data).contains(&"mailwright.db-wal".to_owned()));
    stop(&mut running.child).await;
    assert_eq!(files(&data), whole);
    for command in [&["partners", "list"][..], &["keys", "list"], &["sim", "ledger"], &["migrate"], &["orders", "list"]]
    {
        json(&data, command).await;
        assert_eq!(files(&data), whole, "{command:?}");
    }
    assert_eq!(run(&data, &["orders", "show", "ord_none"]).await.status.code(), Some(2));
    assert_eq!(files(&data), whole, "a command that was refused leaves nothing either");
}

#[tokio::test]
async fn a_backup_copied_over_the_database_of_a_killed_server_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy.db"));
    let mut running = serve(&data).await;
    json(&data, &["partners", "create", "--name", "Zeta"]).await;
    json(&data, &["backup", copy.to_str().expect("a path")]).await;
    json(&data, &["partners", "create", "--name", "Theta"]).await;
    running.child.kill().await.expect("killed");
    std::fs::copy(&copy, data.join("mailwright.db")).expect("copied");
    for command in [&["serve"][..], &["partners", "list"], &["migrate"]] {
        refused(&run(&data, command).await, &["do not belong together", "mailwright restore FILE"]);
    }
    let restored = json(&data, &["restore", copy.to_str().expect("a path")]).await;
    assert!(restored["put_aside"].is_string());
    let names = json(&data, &["partners", "list"]).await;
    let names: Vec<_> =
        names.as_array().expect("a list").iter().map(|one| one["name"].as_str().expect("text")).collect();
    assert_eq!(names, ["Sandbox", "Zeta"]);
}

#[tokio::test]
async fn a_database_that_was_lost_is_not_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut running = serve(&data).await;
    stop(&mut running.child).await;
    std::fs::remove_file(data.join("mailwright.db")).expect("removed");
    for command in [&["serve"][..], &["partners", "list"], &["migrate"]] {
        refused(&run(&data, command).await, &["missing or empty", "mailwright restore FILE", "to begin anew"]);
    }
    assert!(!data.join("mailwright.db").exists(), "nothing was made");
    for trace in ["master.key", "sandbox.db"] {
        std::fs::rename(data.join(trace), folder.path().join(trace)).expect("moved");
    }
    serve(&data).await;
}

#[tokio::test]
async fn nobody_else_gets_at_the_data_folder_whatever_the_umask() {
    for umask in ["000", "022", "077"] {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let program = mailwright(&data);
        let under = |rest: &str| {
            let mut command = Command::new("sh");
            for (key, value) in program.as_std().get_envs() {
                command.env(key, value.unwrap_or_default());
            }
            command.args(["-c", &format!("umask {umask}; exec \"$0\" {rest}"), env!("CARGO_BIN_EXE_mailwright")]);
            command.current_dir(folder.path()).kill_on_drop(true);
            command
        };
        let mut child = under("serve").stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        while let Some(line) = lines.next_line().await.expect("text") {
            if line.trim().starts_with("pk_test_") {
                break;
            }
        }
        let copy = data.join("copy.db").display().to_string();
        assert!(under(&format!("backup {copy}")).output().await.expect("it runs").status.success());
        let found = files(&data);
        for file in ["copy.db", "mailwright.db-wal", "mailwright.db-shm", "mailwright.lock", "sandbox.db-wal"] {
            assert!(found.contains(&file.to_owned()), "{file} is not in {found:?}");
        }
        for file in found {
            assert_eq!(format!("{:o}", mode(&data.join(&file))), "600", "{file} under {umask}");
        }
        assert_eq!(mode(&data), 0o700);
        child.kill().await.expect("killed");
        assert!(under(&format!("restore {copy}")).output().await.expect("it runs").status.success());
        for file in files(&data) {
            assert_eq!(format!("{:o}", mode(&data.join(&file))), "600", "{file} under {umask}, restored");
        }
    }
}

#[tokio::test]
async fn what_others_can_get_at_is_warned_of_with_what_mends_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut running = serve(&data).await;
    stop(&mut running.child).await;
    let open = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
    open(&data, 0o755);
    open(&data.join("mailwright.db"), 0o644);
    open(&data.join("mailwright.lock"), 0o664);
    let mut command = mailwright(&data);
    command.arg("serve").env("MAILWRIGHT_LOG", "warn").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the server starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    while let Some(line) = lines.next_line().await.expect("text") {
        if line.trim().starts_with("data") {
            break;
        }
    }
    let mut log = child.stderr.take().expect("its log");
    stop(&mut child).await;
    let mut said = String::new();
    log.read_to_string(&mut said).await.expect("text");
    let here = data.display();
    for remedy in [
        format!("chmod 700 {here}"),
        format!("chmod 600 {here}/mailwright.db`"),
        format!("chmod 600 {here}/mailwright.lock"),
    ] {
        assert!(said.contains(&remedy), "{remedy} is not in {said}");
    }
    assert!(!said.contains("master.key"), "{said}");
}
