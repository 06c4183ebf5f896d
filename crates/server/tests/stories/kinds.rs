//! The kinds of accounts at vendors: their pages are made of their descriptors, and what the pages show can be configured.

use std::fmt::Write as _;

use providers::all::KINDS;
use providers::descriptor::{Descriptor, Field, Role};

use crate::program::mailwright;
use crate::support::golden;

/// Where the examples keep their secrets.
const SECRETS: &str = "/etc/mailwright";

fn roles(kind: &Descriptor) -> String {
    kind.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ")
}

fn title(role: Role) -> &'static str {
    match role {
        Role::Registrar => "sells names",
        Role::Dns => "serves zones",
        Role::Redirect => "redirects web addresses",
        Role::Mail => "hosts mailboxes",
        Role::Sequencer => "sends campaigns from them",
        Role::Observer => "looks at the public internet",
    }
}

/// The part of a configuration that an account of this kind, called like it, needs.
fn example(kind: &Descriptor) -> String {
    let mut text = format!("[accounts.{0}]\nkind = \"{0}\"\n", kind.name);
    for field in kind.fields {
        let said = kind.guide.example.iter().find(|(key, _)| *key == field.key);
        let value = match said {
            Some((_, value)) => (*value).to_owned(),
            None if field.secret => format!("{{ file = \"{SECRETS}/{}.{}\" }}", kind.name, field.key),
            None => continue,
        };
        let _ = writeln!(text, "{} = {value}", field.key);
    }
    text.push_str("\n[live]\n");
    for role in kind.roles {
        let _ = writeln!(text, "{} = [\"{}\"]", role.as_str(), kind.name);
    }
    text + "margin_cents = 200\nday_cap_cents = 10000\nmonth_cap_cents = 100000\n"
}

fn fields(kind: &Descriptor) -> String {
    let row = |field: &Field| {
        let marks = [(field.secret, "secret"), (field.optional, "may be left out")];
        let marks: Vec<_> = marks.iter().filter_map(|(is, mark)| is.then_some(*mark)).collect();
        format!("| `{}` | {} | {} |\n", field.key, field.label, marks.join(", "))
    };
    let rows: String = kind.fields.iter().map(row).collect();
    if rows.is_empty() {
        "It has no fields of its own.\n".into()
    } else {
        format!("| field | what it is | |\n|---|---|---|\n{rows}")
    }
}

fn list(mark: impl Fn(usize) -> String, lines: &[&str]) -> String {
    lines.iter().enumerate().map(|(n, line)| format!("{} {line}\n", mark(n))).collect()
}

/// What an account of a vendor's sandbox can do here.
fn of_sandboxes(text: &str) -> &'static str {
    if text.contains("sandbox = true") {
        " Such an account is asked by `mailwright doctor`; `[live]` does not take it."
    } else {
        ""
    }
}

fn page(kind: &Descriptor) -> String {
    let plays: Vec<_> = kind.roles.iter().map(|role| title(*role)).collect();
    let dash = |_| "-".to_owned();
    let number = |n: usize| format!("{}.", n + 1);
    let guide = &kind.guide;
    let see = if guide.docs.is_empty() { String::new() } else { format!(" See <{}>.", guide.docs) };
    let sections = [
        ("How to get what it needs", list(number, guide.credentials)),
        (
            "In the configuration",
            format!(
                "{}\n```toml\n{}```\n\nThe amounts are for you to choose: see [going live](../going-live.md).\n",
                fields(kind),
                example(kind)
            ),
        ),
        ("What it costs and allows", list(dash, guide.limits)),
        ("How it may surprise", list(dash, guide.traps)),
        ("Trying it out without money", format!("{}{}\n", guide.sandbox, of_sandboxes(guide.sandbox))),
    ];
    let mut text = format!(
        "# {}\n\n`kind = \"{}\"`: it {}. Roles: {}.{see}\n",
        kind.title,
        kind.name,
        plays.join(", "),
        roles(kind)
    );
    for (heading, body) in sections {
        let _ = write!(text, "\n## {heading}\n\n{body}");
    }
    text + "\n*This page is made from the code; a test holds it.*\n"
}

#[test]
fn the_page_of_every_kind_is_current() {
    for kind in KINDS {
        golden(&format!("docs/providers/{}.md", kind.descriptor.name), &page(&kind.descriptor));
    }
}

#[test]
fn the_table_of_kinds_is_current() {
    let mut text = "# Kinds of accounts\n\nWhat `kind` of `[accounts.…]` can be; `mailwright accounts kinds` shows the same. How to write \
                    another: [writing a provider](../writing-a-provider.md).\n\n| kind | what it is | roles |\n|---|---|---|\n"
        .to_owned();
    for kind in KINDS {
        let kind = &kind.descriptor;
        let _ = writeln!(text, "| [`{0}`]({0}.md) | {1} | {2} |", kind.name, kind.title, roles(kind));
    }
    golden("docs/providers/README.md", &(text + "\n*This page is made from the code; a test holds it.*\n"));
}

#[test]
fn every_kind_tells_what_to_do_and_what_may_surprise() {
    for kind in KINDS {
        let (name, guide) = (kind.descriptor.name, &kind.descriptor.guide);
        for (what, lines) in [("steps", guide.credentials), ("limits", guide.limits), ("traps", guide.traps)] {
            assert!(!lines.is_empty(), "{name} has no {what}");
            assert!(lines.iter().all(|line| line.ends_with(['.', ')']) && !line.contains("  ")), "{name}: {lines:?}");
        }
        assert!(guide.sandbox.ends_with('.'), "{name} does not say how it is tried out");
        let known = |key: &str| kind.descriptor.fields.iter().any(|field| field.key == key && !field.secret);
        assert!(guide.example.iter().all(|(key, _)| known(key)), "{name} shows a field that it has not");
    }
}

/// A secret of a kind, in the form that it has.
fn secret(kind: &str) -> String {
    match kind {
        "google" => serde_json::json!({
            "client_email": doubles::google::CLIENT, "private_key": doubles::google::KEY,
            "token_uri": "https://oauth2.googleapis.com/token",
        })
        .to_string(),
        _ => "c2VjcmV0LXNlY3JldC1zZWNyZXQ=\n".into(),
    }
}

#[tokio::test]
async fn the_example_of_every_page_can_be_configured() {
    for kind in KINDS {
        let folder = tempfile::tempdir().expect("a folder");
        let kind = &kind.descriptor;
        for field in kind.fields.iter().filter(|field| field.secret) {
            let file = folder.path().join(format!("{}.{}", kind.name, field.key));
            std::fs::write(file, secret(kind.name)).expect("a secret");
        }
        let text = example(kind).replace(SECRETS, &folder.path().display().to_string());
        std::fs::write(folder.path().join("mailwright.toml"), text).expect("a configuration");
        let output = mailwright(&folder.path().join("data")).arg("check-config").output().await.expect("it runs");
        let (said, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{}: {said}{error}", kind.name);
        assert!(said.contains(&format!("account {}", kind.name)), "{said}");
    }
}

/// A secret that nobody is to see.
const HIDDEN: &str = "aGlkZGVuLWhpZGRlbi1oaWRkZW4=";

#[tokio::test]
async fn configured_accounts_are_listed_without_their_secrets() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::write(folder.path().join("token"), HIDDEN).expect("a secret");
    let text = format!(
        "[accounts.names]\nkind = \"namecom\"\nusername = \"acme\"\ntoken = {{ file = \"{0}\" }}\nday_cap_cents = 5000\n\
         most_domains = 9\n[accounts.try]\nkind = \"dnsimple\"\nsandbox = true\naccount = 1385\nregistrant = 2715\n\
         token = {{ file = \"{0}\" }}\n[live]\nregistrar = [\"names\"]\nmargin_cents = 0\nday_cap_cents = 1\nmonth_cap_cents = 1\n",
        folder.path().join("token").display()
    );
    std::fs::write(folder.path().join("mailwright.toml"), text).expect("a configuration");
    let migrated = mailwright(&data).arg("migrate").output().await.expect("it runs");
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    let list = async |format: &str| {
        let output = mailwright(&data).args(["accounts", "list", "--format", format]).output().await.expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let (shown, people) = (list("json").await, list("text").await);
    assert!(!shown.contains(HIDDEN) && !people.contains(HIDDEN));
    let rows: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    let cap = serde_json::json!({ "cap_cents": 5000, "spent_cents": 0 });
    assert_eq!(
        (&rows[0]["kind"], &rows[0]["roles"][0], &rows[0]["most_domains"]),
        (&"namecom".into(), &"registrar".into(), &9.into())
    );
    assert_eq!(rows[0]["caps"]["day"], cap);
    assert_eq!((&rows[1]["account"], &rows[1]["sandbox"]), (&"try".into(), &true.into()));
    assert!(people.contains("0.00 USD of 50.00 USD") && people.contains("sandbox"), "{people}");
}

#[tokio::test]
async fn every_kind_is_listed_with_its_fields() {
    let folder = tempfile::tempdir().expect("a folder");
    let kinds = async |format: &str| {
        let mut command = mailwright(&folder.path().join("data"));
        let output = command.args(["accounts", "kinds", "--format", format]).output().await.expect("it runs");
        String::from_utf8(output.stdout).expect("text")
    };
    let rows: serde_json::Value = serde_json::from_str(&kinds("json").await).expect("JSON");
    let people = kinds("text").await;
    for (row, kind) in rows.as_array().expect("a list").iter().zip(KINDS) {
        assert_eq!(row["kind"], kind.descriptor.name);
        assert_eq!(row["fields"].as_array().map(Vec::len), Some(kind.descriptor.fields.len()));
        assert!(people.contains(kind.descriptor.title), "{people}");
    }
    assert_eq!(rows.as_array().map(Vec::len), Some(KINDS.len()));
}
