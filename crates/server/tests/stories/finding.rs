//! Finding an order by what a customer says of it: a domain, a reference, an address.

use serde_json::{Value, json};

use crate::following::{mailwright, text};
use crate::support::{Rig, order_body};

/// What a command prints, and what it says on standard error.
async fn both(rig: &Rig, args: &[&str]) -> (String, String, Option<i32>) {
    let output = mailwright(rig, args).output().await.expect("the command runs");
    let read = |bytes| String::from_utf8(bytes).expect("text");
    (read(output.stdout), read(output.stderr), output.status.code())
}

async fn listed(rig: &Rig, args: &[&str]) -> Vec<Value> {
    let (json, code) = text(rig, &[&["orders", "list", "--format", "json"], args].concat()).await;
    assert_eq!(code, Some(0));
    serde_json::from_str(&json).expect("a list")
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["id"].as_str().expect("an id")).collect()
}

async fn placed(rig: &Rig, name: &str, reference: &str) -> String {
    let mut body = order_body(&[name]);
    body["reference"] = json!(reference);
    rig.place(&body).await
}

#[tokio::test]
async fn an_order_is_found_by_what_people_know_of_it() {
    let rig = Rig::sqlite().await;
    let first = placed(&rig, "acme-one.com", "A-1").await;
    let second = placed(&rig, "acme-two.com", "A-2").await;
    rig.settle_all().await;
    for known in ["acme-one.com", "ACME-One.com.", "A-1", &first] {
        let (shown, said, code) = both(&rig, &["orders", "show", known]).await;
        assert!(shown.starts_with(&format!("{first}  completed")), "{known}: {shown}{said}");
        assert_eq!((said.as_str(), code), ("", Some(0)));
    }
    let (json, said, _) = both(&rig, &["orders", "show", "Alex@acme.com", "--format", "json"]).await;
    let json: Value = serde_json::from_str(&json).expect("one JSON value on standard output");
    assert_eq!(json["id"], second.as_str(), "the newest of the customer");
    assert!(said.contains(&format!("2 orders fit Alex@acme.com; this is the newest, {second}")), "{said}");
    assert!(said.contains(&first) && said.contains("A-1") && said.contains("Acme"), "{said}");
    assert_eq!(text(&rig, &["orders", "watch", "acme-two.com"]).await.1, Some(0));
    let (_, said, code) = both(&rig, &["orders", "show", "acme-three.com"]).await;
    assert!(code == Some(2) && said.contains("there is no order acme-three.com"), "{said}");
}

#[tokio::test]
async fn lists_are_narrowed_and_say_whose_an_order_is() {
    let rig = Rig::sqlite().await;
    let first = placed(&rig, "acme-one.com", "A-1").await;
    let second = placed(&rig, "fail-acme.com", "A-2").await;
    rig.settle_all().await;
    assert_eq!(ids(&listed(&rig, &[]).await), [&second, &first]);
    assert_eq!(ids(&listed(&rig, &["--limit", "1"]).await), [&second]);
    for (narrowed, expected) in [
        (&["--status", "completed"][..], vec![&first]),
        (&["--domain", "fail-acme.com"], vec![&second]),
        (&["--domain", "fail-acme.com", "--status", "completed"], vec![]),
        (&["--reference", "A-1"], vec![&first]),
        (&["--email", "ALEX@acme.com"], vec![&second, &first]),
        (&["--email", "sam@acme.com"], vec![]),
        (&["--environment", "test", "--partner", "Acme"], vec![&second, &first]),
        (&["--environment", "live"], vec![]),
    ] {
        assert_eq!(ids(&listed(&rig, narrowed).await), expected, "{narrowed:?}");
    }
    let row = listed(&rig, &["--reference", "A-1"]).await.remove(0);
    assert_eq!((&row["partner"], &row["environment"]), (&json!("Acme"), &json!("test")));
    let (table, _) = text(&rig, &["orders", "list"]).await;
    assert!(table.contains("PARTNER") && table.contains("ENVIRONMENT") && table.contains("REFERENCE"), "{table}");
    assert_eq!(text(&rig, &["orders", "list", "--status", "done"]).await.1, Some(2));
    let (failed, _) = text(&rig, &["orders", "show", &second]).await;
    assert!(failed.contains("costs") && !failed.contains("renews"), "what failed is not renewed: {failed}");
}

#[tokio::test]
async fn a_finished_order_says_when_and_how_long_it_took_a_year_later_too() {
    let rig = Rig::sqlite().await;
    let (works, fails) = (placed(&rig, "acme-one.com", "A-1").await, placed(&rig, "fail-acme.com", "A-2").await);
    rig.settle_all().await;
    let year = json!({ "seconds": 366 * 86_400 });
    assert_eq!(rig.call("POST", "/test/clock/advance", Some(&year)).await.status, 200);
    rig.settle_all().await;
    let (shown, _) = text(&rig, &["orders", "show", &works]).await;
    assert!(shown.contains("finished") && shown.contains(" s after it was placed"), "{shown}");
    let row = shown.lines().find(|line| line.contains("acme-one.com")).expect(&shown);
    assert!(row.contains("11/11") && row.contains("done in ") && !row.contains("days"), "how it came to work: {row}");
    let (shown, _) = text(&rig, &["orders", "show", &fails]).await;
    assert!(shown.contains("finished") && shown.contains(" s after it was placed"), "{shown}");

    let cancelled = rig.call("POST", &format!("/orders/{works}/cancel"), None).await;
    assert_eq!(cancelled.status, 200);
    rig.call("POST", "/test/clock/advance", Some(&json!({ "seconds": 40 * 86_400 }))).await;
    rig.settle_all().await;
    let (shown, _) = text(&rig, &["orders", "show", &works]).await;
    assert!(shown.starts_with(&format!("{works}  cancelled")) && shown.contains("cancelled ended "), "{shown}");
    assert!(shown.contains("days after it was placed"), "{shown}");
}

#[tokio::test]
async fn what_a_reset_erased_is_not_shown_as_real() {
    let rig = Rig::sqlite().await;
    let gone = placed(&rig, "acme-one.com", "A-1").await;
    rig.settle_all().await;
    rig.call("POST", "/test/reset", None).await;
    assert!(listed(&rig, &[]).await.is_empty());
    assert!(listed(&rig, &["--domain", "acme-one.com"]).await.is_empty());
    for command in ["show", "watch"] {
        let (shown, said, code) = both(&rig, &["orders", command, &gone]).await;
        assert!(said.contains("was erased by a reset of the sandbox"), "{said}");
        assert_eq!((shown.as_str(), code), ("", Some(2)));
        assert_eq!(both(&rig, &["orders", command, "A-1"]).await.2, Some(2));
    }
}
