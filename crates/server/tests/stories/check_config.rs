//! What `check-config` says of settings, and what it tries.

use serde_json::Value;

use crate::program::{mailwright, refused, serve};

async fn check(data: &std::path::Path, settings: &[(&str, &str)]) -> (i32, Value, String) {
    let mut command = mailwright(data);
    command.args(["check-config", "--format", "json"]);
    for (name, value) in settings {
        command.env(format!("MAILWRIGHT_{name}"), value);
    }
    let output = command.output().await.expect("it runs");
    let said = serde_json::from_slice(&output.stdout).expect("one JSON value");
    (output.status.code().expect("a code"), said, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once_with_where_it_was_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let file = "listne = \"x\"\nlisten = 7\n[sizing]\nmax_domains = 9999\n[api]\nunknown_fields = \"perhaps\"\n";
    std::fs::write(folder.path().join("mailwright.toml"), file).expect("a file");
    let settings =
        [("ENGINE__STEPS", "lots"), ("RATE_LIMITS__PER_MINUTE", "5"), ("DATABASE_URL", "mysql://me:hidden@x/y")];
    let mut command = mailwright(&data);
    command.env_remove("MAILWRIGHT_LISTEN");
    command.args(["check-config", "--format", "json"]);
    for (name, value) in settings {
        command.env(format!("MAILWRIGHT_{name}"), value);
    }
    let output = command.output().await.expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let said: Value = serde_json::from_slice(&output.stdout).expect("one JSON value");
    let mut found: Vec<_> = said["details"]
        .as_array()
        .expect("details")
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
            (text("key"), text("source").rsplit('/').next().unwrap_or_default().to_owned(), text("did_you_mean"))
        })
        .collect();
    found.sort();
    let expected = [
        ("api.unknown_fields", "mailwright.toml", ""),
        ("database_url", "MAILWRIGHT_DATABASE_URL", ""),
        ("engine.steps", "MAILWRIGHT_ENGINE__STEPS", ""),
        ("listen", "mailwright.toml", ""),
        ("listne", "mailwright.toml", "listen"),
        ("rate_limits.per_minute", "MAILWRIGHT_RATE_LIMITS__PER_MINUTE", "rate_limit.per_minute"),
        ("sizing.max_domains", "mailwright.toml", ""),
    ];
    let found: Vec<_> =
        found.iter().map(|(key, source, meant)| (key.as_str(), source.as_str(), meant.as_str())).collect();
    assert_eq!(found, expected);
    let sentences = said["problems"].as_array().expect("problems");
    assert_eq!((sentences.len(), &said["ok"]), (7, &Value::Bool(false)));
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(error.lines().count(), 7, "{error}");
    assert!(error.contains("did you mean listen?") && !error.contains("hidden"), "{error}");
    assert!(!data.exists(), "nothing was made");
}

#[tokio::test]
async fn folder_port_and_database_are_tried_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (code, said, _) = check(&data, &[]).await;
    assert_eq!((code, &said["ok"]), (0, &Value::Bool(true)), "{said}");
    let seen = |said: &Value| {
        said["tried"].as_array().expect("what was tried").iter().map(|one| one["seen"].to_string()).collect::<String>()
    };
    assert!(seen(&said).contains("can be made") && seen(&said).contains("is made at the first start"), "{said}");
    assert!(!data.exists(), "nothing was made");

    std::fs::write(folder.path().join("file"), "").expect("a file");
    let below = folder.path().join("file/data").display().to_string();
    let (code, said, error) = check(&data, &[("DATA", &below)]).await;
    assert_eq!((code, &said["ok"]), (2, &Value::Bool(false)), "{said}");
    assert!(error.contains("is no folder") && error.contains("MAILWRIGHT_DATA"), "{error}");
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let (code, _, error) = check(&data, &[("LISTEN", &address)]).await;
    assert!(code == 2 && error.contains("another program"), "{error}");
    let (code, _, error) = check(&data, &[("DATABASE_URL", "postgres://me:hidden@127.0.0.1:1/x")]).await;
    assert!(code == 2 && error.contains("cannot be opened") && !error.contains("hidden"), "{error}");

    let running = serve(&data).await;
    let api = running.api.trim_start_matches("http://").split('/').next().expect("a host").to_owned();
    let (code, said, _) = check(&data, &[("LISTEN", &api)]).await;
    assert!(code == 0 && seen(&said).contains("a Mailwright server answers"), "{said}");
    std::fs::remove_file(folder.path().join("file")).expect("removed");
    let wrong = mailwright(&data).args(["check-config", "--config", "nowhere.toml"]).output().await.expect("it runs");
    refused(&wrong, &["nowhere.toml", "does not exist"]);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_hides_nothing_that_is_said_elsewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("mailwright.toml"), "listen = \n").expect("a file");
    let (code, said, _) = check(&folder.path().join("data"), &[("ENGINE__STEPS", "lots")]).await;
    let sources: Vec<_> =
        said["details"].as_array().expect("details").iter().map(|one| one["source"].to_string()).collect();
    assert!(code == 2 && sources.len() == 2, "{said}");
    assert!(sources[0].contains("mailwright.toml") && sources[1].contains("MAILWRIGHT_ENGINE__STEPS"), "{said}");
}

#[tokio::test]
async fn files_that_a_start_reads_are_read_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    let (secret, headers) = (data.join("operator.webhook_secret"), folder.path().join("headers"));
    let webhook = ("OPERATOR__WEBHOOK_URL", "http://10.0.0.7/x");
    assert_eq!(check(&data, &[webhook]).await.0, 0);
    assert!(!secret.exists(), "nothing was made");
    std::fs::write(&secret, "hidden").expect("written");
    let (code, _, error) = check(&data, &[webhook]).await;
    assert!(code == 2 && error.contains("put `whsec_` and base64") && !error.contains("hidden"), "{error}");
    assert_eq!(check(&data, &[]).await.0, 0, "nobody needs it");
    std::fs::remove_file(&secret).expect("removed");
    // A start would wait for it for ever, and hear no signal.
    assert!(std::process::Command::new("mkfifo").arg(&secret).status().expect("it runs").success());
    let (code, _, error) = check(&data, &[webhook]).await;
    assert!(code == 2 && error.contains("no regular file"), "{error}");
    std::fs::write(&headers, "hidden").expect("written");
    let traces =
        [("TRACES__ENDPOINT", "http://127.0.0.1:1"), ("TRACES__HEADERS_FILE", headers.to_str().expect("a path"))];
    let (code, _, error) = check(&data, &traces).await;
    assert!(code == 2 && error.contains("traces.headers_file") && !error.contains("hidden"), "{error}");
}

#[tokio::test]
async fn an_address_with_a_login_is_refused_and_not_repeated() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, key) in [
        ("OPERATOR__WEBHOOK_URL", "operator.webhook_url"),
        ("DOCTOR__TIME_URL", "doctor.time_url"),
        ("PUBLIC_URL", "public_url"),
    ] {
        for wrong in ["https://me:hidden@example.com/", "https://hidden@example.com/", "slack:hidden", "hidden"] {
            let (code, said, error) = check(&folder.path().join("data"), &[(name, wrong)]).await;
            let is_told = error.contains(key) && !error.contains("hidden") && !said.to_string().contains("hidden");
            assert!(code == 2 && is_told, "{error} {said}");
        }
    }
}

#[tokio::test]
async fn what_a_start_would_be_refused_for_is_told_before_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    // Makes the database.
    drop(serve(&data).await);
    let file = |text: &str| std::fs::write(folder.path().join("mailwright.toml"), text).expect("a file");
    let told = async || {
        let doctor = mailwright(&data).args(["doctor", "--format", "json"]).output().await.expect("it runs");
        let (code, _, error) = check(&data, &[]).await;
        (code, error, String::from_utf8_lossy(&doctor.stdout).into_owned())
    };
    for (secret, words) in [("\"/nowhere/x\"", "cannot be read"), ("\"/dev/zero\"", "more than 65536 bytes")] {
        file(&format!(
            "[sandbox]\ndns_listen = \"127.0.0.1:0\"\n[dns.keys.x]\nalgorithm = \"hmac-sha256\"\nsecret = {{ file = {secret} }}\n"
        ));
        let (code, error, doctor) = told().await;
        assert!(code == 2 && error.contains("dns.keys.x.secret") && error.contains(words), "{error}");
        assert!(doctor.contains("dns.keys.x.secret"), "{doctor}");
    }
    file(
        "[accounts.shop]\nkind = \"csv\"\nsandbox = true\n[sandbox.cast]\npartners = [\"org_01ABC\"]\nsequencer = [\"shop\"]\n",
    );
    let (code, error, doctor) = told().await;
    assert!(code == 2 && error.contains("sandbox.cast.partners names org_01ABC"), "{error}");
    assert!(doctor.contains("there is no such partner"), "{doctor}");
}
