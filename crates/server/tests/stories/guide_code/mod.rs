//! The verification code of the guide to webhooks: in every language it accepts what we send, and refuses a changed
//! byte, an old timestamp and another secret.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::guides::{block, installed};
use crate::support::{Rig, order_body};

#[expect(unreachable_pub, reason = "as the guide shows it")]
mod verify;

const PAGE: &str = "webhooks.md";

/// Reads one message from its input and ends with 0 when it verifies, with 7 when not: a crash ends with 1.
const PYTHON: &str = r#"
import json, sys
m = json.load(sys.stdin)
sys.exit(0 if verify(m["secret"], m["headers"], m["body"].encode(), m["tolerance"]) else 7)
"#;

const TYPESCRIPT: &str = r#"
import { readFileSync } from "node:fs";
const m = JSON.parse(readFileSync(0, "utf8"));
process.exit(verify(m.secret, m.headers, Buffer.from(m.body), m.tolerance) ? 0 : 7);
"#;

const GO: &str = r#"package main

import (
	"encoding/json"
	"net/http"
	"os"
	"time"
)

type message struct {
	Secret    string
	Headers   map[string]string
	Body      string
	Tolerance int64
}

func main() {
	var m message
	if json.NewDecoder(os.Stdin).Decode(&m) != nil {
		os.Exit(2)
	}
	headers := http.Header{}
	for name, value := range m.Headers {
		headers.Set(name, value)
	}
	if !verify(m.Secret, headers, []byte(m.Body), time.Duration(m.Tolerance)*time.Second) {
		os.Exit(7)
	}
}
"#;

/// A program that verifies one message.
struct Verifier {
    name: &'static str,
    command: Vec<PathBuf>,
}

fn python(folder: &Path) -> Option<Verifier> {
    let file = folder.join("verify.py");
    std::fs::write(&file, block(PAGE, "python") + PYTHON).expect("the file can be written");
    installed("python3", "--version").then(|| Verifier { name: "Python", command: vec!["python3".into(), file] })
}

fn typescript(folder: &Path) -> Option<Verifier> {
    let compiler = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/typescript/node_modules/typescript");
    assert!(compiler.is_dir() || !crate::guides::in_ci(), "TypeScript is not installed; run `just clients`");
    if !compiler.is_dir() || !installed("node", "--version") {
        return None;
    }
    let (source, file) = (folder.join("verify.ts"), folder.join("verify.mjs"));
    std::fs::write(&source, block(PAGE, "typescript") + TYPESCRIPT).expect("the file can be written");
    let script = format!(
        "const ts = require({:?}); const fs = require('fs'); fs.writeFileSync({:?}, ts.transpileModule(\
         fs.readFileSync({:?}, 'utf8'), {{ compilerOptions: {{ module: 'esnext', target: 'es2022' }} }}).outputText)",
        compiler.display().to_string(),
        file.display().to_string(),
        source.display().to_string()
    );
    let compiled = std::process::Command::new("node").arg("-e").arg(script).status().expect("node runs");
    assert!(compiled.success(), "the TypeScript cannot be compiled");
    Some(Verifier { name: "TypeScript", command: vec!["node".into(), file] })
}

fn go(folder: &Path) -> Option<Verifier> {
    if !installed("go", "version") {
        return None;
    }
    let (program, files) = (folder.join("verify"), [folder.join("verify.go"), folder.join("main.go")]);
    std::fs::write(&files[0], block(PAGE, "go")).expect("the file can be written");
    std::fs::write(&files[1], GO).expect("the file can be written");
    let mut build = std::process::Command::new("go");
    build
        .arg("build")
        .arg("-o")
        .arg(&program)
        .args(&files)
        .env("GOCACHE", folder.join("cache"))
        .env("GO111MODULE", "off");
    assert!(build.status().expect("go runs").success(), "the Go cannot be compiled");
    Some(Verifier { name: "Go", command: vec![program] })
}

async fn accepts(verifier: &Verifier, message: &Value) -> bool {
    let mut command = Command::new(&verifier.command[0]);
    let mut child = command.args(&verifier.command[1..]).stdin(Stdio::piped()).spawn().expect("it starts");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(message.to_string().as_bytes()).await.expect("written");
    drop(input);
    match child.wait().await.expect("it ends").code() {
        Some(0) => true,
        Some(7) => false,
        other => panic!("{} crashed over {message}: {other:?}", verifier.name),
    }
}

fn rust_accepts(message: &Value, now: i64) -> bool {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let headers = message["headers"].as_object().unwrap();
    let header = |name: &str| {
        let found = headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| text(value)).unwrap_or_default()
    };
    let (timestamp, signature) = (header("peeker-timestamp"), header("peeker-signature"));
    let body = text(&message["body"]);
    let tolerance = message["tolerance"].as_i64().unwrap();
    verify::verify(&text(&message["secret"]), &timestamp, &signature, body.as_bytes(), now, tolerance)
}

/// What is sent, and in how many ways it is spoilt. The story's clock stands years from the machine's, which the
/// programs read, so they are given a tolerance that spans it.
async fn messages() -> (Vec<Value>, Vec<(&'static str, Value)>) {
    let rig = Rig::sqlite().await;
    let (_, secret) = rig.endpoint("https://example.com/hooks").await;
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    let sent = rig.courier.sent().remove(0);
    let headers = json!({
        "peeker-timestamp": sent.headers["peeker-timestamp"],
        "peeker-signature": sent.headers["peeker-signature"],
    });
    let good = json!({ "secret": secret.expose_secret(), "headers": headers, "body": sent.body, "tolerance": 3_000_000_000_i64 });
    let spoilt = |pointer: &str, value: Value| {
        let mut message = good.clone();
        *message.pointer_mut(pointer).unwrap() = value;
        message
    };
    let mut shouted = good.clone();
    shouted["headers"] = json!({
        "Peeker-Timestamp": sent.headers["peeker-timestamp"],
        "PEEKER-SIGNATURE": sent.headers["peeker-signature"],
    });
    let without = |name: &str| {
        let mut message = good.clone();
        message["headers"].as_object_mut().unwrap().remove(name);
        message
    };
    let body = json!(sent.body.replacen("acme", "acmf", 1));
    let bad = vec![
        ("a changed byte", spoilt("/body", body)),
        ("another secret", spoilt("/secret", json!("whsec_b3RoZXI="))),
        ("another time", spoilt("/headers/peeker-timestamp", json!("1780000000"))),
        ("no signature", spoilt("/headers/peeker-signature", json!("v1="))),
        ("an old message", spoilt("/tolerance", json!(-1))),
        ("no headers", spoilt("/headers", json!({}))),
        ("no timestamp", without("peeker-timestamp")),
        ("no signature header", without("peeker-signature")),
        ("an empty timestamp", spoilt("/headers/peeker-timestamp", json!(""))),
        ("a timestamp in words", spoilt("/headers/peeker-timestamp", json!("noon"))),
        ("a timestamp that is not whole", spoilt("/headers/peeker-timestamp", json!("1.5e3"))),
        ("an endless timestamp", spoilt("/headers/peeker-timestamp", json!("9".repeat(400)))),
        ("a timestamp in other digits", spoilt("/headers/peeker-timestamp", json!("²³"))),
        ("the lowest timestamp", spoilt("/headers/peeker-timestamp", json!("-9223372036854775808"))),
        ("a signature in other letters", spoilt("/headers/peeker-signature", json!("v1=é,v1=日本"))),
    ];
    (vec![good, shouted], bad)
}

#[tokio::test]
async fn the_guides_code_verifies_what_we_send() {
    let (good, bad) = messages().await;
    let folder = tempfile::tempdir().unwrap();
    for verifier in [python(folder.path()), typescript(folder.path()), go(folder.path())].into_iter().flatten() {
        for message in &good {
            assert!(accepts(&verifier, message).await, "{} refuses what we sent: {message}", verifier.name);
        }
        for (what, message) in &bad {
            assert!(!accepts(&verifier, message).await, "{} accepts {what}", verifier.name);
        }
    }
    assert_eq!(block(PAGE, "rust"), include_str!("verify.rs"), "the guide shows what is compiled");
    let now = crate::support::NOW.seconds();
    assert!(good.iter().all(|message| rust_accepts(message, now)));
    for (what, message) in &bad {
        assert!(!rust_accepts(message, now), "Rust accepts {what}");
    }
}
