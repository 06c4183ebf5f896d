//! What comes after a run: renewals, other names for mailboxes, and the end of things.

use model::action::ActionReason;
use model::clock::DAY;
use model::dns::RrType;
use model::domain::{Unavailable, Verdict};
use model::run::StepName;
use providers::roles::{MailboxSpec, Purpose};
use providers::trouble::{Refused, Trouble};

use crate::steps::{addresses, asks, jane, login};
use crate::support::{Sandbox, start};
use crate::until::Until as _;

const YEAR: i64 = 365 * DAY;

fn is_final<T>(answer: &Result<T, Trouble>) -> bool {
    matches!(answer, Err(Trouble::Refused(Refused::ForGood(_))))
}

fn rows(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(effect, subject)| ((*effect).to_owned(), (*subject).to_owned())).collect()
}

#[tokio::test]
async fn a_renewal_buys_the_years_that_are_missing() {
    let name = "acme.com";
    let sandbox = Sandbox::new().await;
    let expires = sandbox.register(name).await.unwrap();
    let call = sandbox.later(name, "renew");
    let renew = async |beyond, cents| sandbox.cast.registrar.ensure_renewed(&call, beyond, cents).await.until();
    assert_eq!(renew(expires.plus(-1), 0).await, Ok(expires));
    assert_eq!(renew(expires, 1_499).await, asks(ActionReason::PriceChanged));
    assert_eq!(sandbox.count("renewed", name).await, 0);
    assert_eq!(renew(expires, 1_500).await, Ok(expires.plus(YEAR)));
    assert_eq!(renew(expires, 1_500).await, Ok(expires.plus(YEAR)));
    assert_eq!(sandbox.count("renewed", name).await, 1);
    assert_eq!(renew(expires.plus(3 * YEAR), 4_499).await, asks(ActionReason::PriceChanged), "for all of them");
    assert_eq!(renew(expires.plus(3 * YEAR), 4_500).await, Ok(expires.plus(4 * YEAR)));
    assert_eq!(sandbox.count("renewed", name).await, 4, "a row for each year that was paid");
    let bought = sandbox.call(name, StepName::RegisterName);
    assert_eq!(sandbox.cast.registrar.registered(&bought).await.until(), Ok(Some(expires.plus(4 * YEAR))));
}

#[tokio::test]
async fn nobody_sells_more_than_ten_years() {
    let name = "acme.com";
    let sandbox = Sandbox::new().await;
    sandbox.register(name).await.unwrap();
    let call = sandbox.later(name, "renew");
    for beyond in [start().plus(10 * YEAR), start().plus(i64::MAX)] {
        assert!(is_final(&sandbox.cast.registrar.ensure_renewed(&call, beyond, 1_500).await.until()));
    }
    let longest = start().plus(10 * YEAR);
    assert_eq!(sandbox.cast.registrar.ensure_renewed(&call, longest.plus(-1), 13_500).await.until(), Ok(longest));
    assert_eq!(sandbox.count("renewed", name).await, 9);
}

#[tokio::test]
async fn action_renewal_asks_when_the_name_is_renewed() {
    let name = "action-renewal-acme.com";
    let sandbox = Sandbox::finished(name).await;
    let expires = sandbox.register(name).await.unwrap();
    let call = sandbox.later(name, "renew");
    let renew = async || sandbox.cast.registrar.ensure_renewed(&call, expires, 1_500).await.until();
    assert_eq!(renew().await, asks(ActionReason::RegistrarRejected));
    assert_eq!(sandbox.count("renewed", name).await, 0);
    assert_eq!(renew().await, Ok(expires.plus(YEAR)));
}

#[tokio::test]
async fn a_purchase_is_found_by_its_own_reference_only() {
    let name = "acme.com";
    let sandbox = Sandbox::new().await;
    let call = sandbox.call(name, StepName::RegisterName);
    let registrar = &sandbox.cast.registrar;
    assert_eq!(registrar.registered(&call).await.until(), Ok(None));
    assert_eq!(sandbox.ledger().await, []);
    let expires = sandbox.register(name).await.unwrap();
    assert_eq!(registrar.registered(&call).await.until(), Ok(Some(expires)));
    assert_eq!(registrar.registered(&sandbox.later(name, "register_name")).await.until(), Ok(None));
}

#[tokio::test]
async fn everything_but_the_name_can_be_undone() {
    let name = "acme.com";
    let sandbox = Sandbox::finished(name).await;
    let before = sandbox.ledger().await.len();
    let emails = addresses(name);
    for _ in 0..2 {
        let call = sandbox.later(name, "undo");
        sandbox.cast.sequencer.ensure_unlinked(&call, &login(), &emails).await.unwrap();
        sandbox.cast.microsoft.ensure_no_domain(&call).await.unwrap();
        sandbox.cast.google.ensure_no_domain(&call).await.unwrap();
        sandbox.cast.dns.ensure_no_zone(&call).await.unwrap();
    }
    let each = |effect: &str| emails.iter().map(|email| (effect.to_owned(), email.clone())).collect::<Vec<_>>();
    let last = rows(&[("domain_closed", name), ("zone_removed", name)]);
    assert_eq!(sandbox.news(before).await, [each("account_unlinked"), each("mailbox_deleted"), last].concat());
    assert_eq!(sandbox.check(name, Purpose::Browse).await, Verdict::Not(Unavailable::Taken));
}

#[tokio::test]
async fn a_name_that_was_undone_begins_at_the_beginning() {
    let name = "acme.com";
    let sandbox = Sandbox::finished(name).await;
    let call = sandbox.later(name, "undo");
    sandbox.cast.google.ensure_no_domain(&call).await.unwrap();
    sandbox.cast.redirector.ensure_redirect(&call, "https://acme.example/").await.unwrap();
    sandbox.cast.dns.ensure_no_zone(&call).await.unwrap();
    assert_eq!(sandbox.fill(name).await.trouble, Some(Trouble::Later(None)));
    sandbox.zone(name).await;
    let records = sandbox.open(name).await.unwrap();
    assert_eq!(sandbox.verify(name).await, Err(Trouble::Later(None)), "the zone is empty");
    assert_eq!(sandbox.cast.observer.dns(&call, name, RrType::Mx).await, Ok(vec![]));
    sandbox.cast.dns.ensure_records(&call, &records).await.unwrap();
    sandbox.verify(name).await.unwrap();
    assert_eq!(sandbox.fill(name).await.done, addresses(name));
    sandbox.cast.redirector.ensure_redirect(&call, "https://acme.example/").await.unwrap();
    assert_eq!(sandbox.count("redirect_set", name).await, 2);
}

#[tokio::test]
async fn a_rename_is_told_once() {
    let name = "acme.com";
    let sandbox = Sandbox::finished(name).await;
    let before = sandbox.ledger().await.len();
    let old = jane(name, 1);
    let new = MailboxSpec { email: format!("Joan@{name}"), first_name: "Joan".into(), ..old.clone() };
    sandbox.rename(name, &old.email, &old).await.unwrap();
    assert_eq!(sandbox.news(before).await, []);
    let shown = MailboxSpec { first_name: "Joan".into(), ..old.clone() };
    for to in [&shown, &shown, &new, &new] {
        sandbox.rename(name, &old.email.to_uppercase(), to).await.unwrap();
    }
    let told = rows(&[("mailbox_changed", "jane1@acme.com"), ("mailbox_renamed", "joan@acme.com")]);
    assert_eq!(sandbox.news(before).await, told);
}

#[tokio::test]
async fn a_repeated_rename_may_bring_another_picture() {
    let name = "acme.com";
    let sandbox = Sandbox::finished(name).await;
    let before = sandbox.ledger().await.len();
    let new = MailboxSpec { email: format!("joan@{name}"), ..jane(name, 1) };
    sandbox.rename(name, "jane1@acme.com", &new).await.unwrap();
    let pictured = MailboxSpec { picture: Some(b"another on every fetch".to_vec()), ..new };
    sandbox.rename(name, "jane1@acme.com", &pictured).await.unwrap();
    let told = rows(&[("mailbox_renamed", "joan@acme.com"), ("mailbox_changed", "joan@acme.com")]);
    assert_eq!(sandbox.news(before).await, told);
}

#[tokio::test]
async fn nobody_is_renamed_over_somebody_else() {
    let name = "acme.com";
    let sandbox = Sandbox::finished(name).await;
    let before = sandbox.ledger().await.len();
    let taken = sandbox.rename(name, "jane1@acme.com", &jane(name, 2)).await;
    assert_eq!(taken, Err(Trouble::Later(None)));
    assert!(is_final(&sandbox.rename(name, "nobody@acme.com", &jane(name, 9)).await));
    for email in ["joan@elsewhere.com", "@acme.com", "jo an@acme.com", "jo\0an@acme.com", "a@b@acme.com", "acme.com"] {
        let odd = MailboxSpec { email: email.into(), ..jane(name, 1) };
        assert!(is_final(&sandbox.rename(name, "jane1@acme.com", &odd).await), "{email:?}");
    }
    assert_eq!(sandbox.news(before).await, []);
}

#[tokio::test]
async fn a_chain_of_renames_resolves_in_any_order() {
    let name = "acme.com";
    let sandbox = Sandbox::finished(name).await;
    let last = MailboxSpec { email: format!("last@{name}"), ..jane(name, 2) };
    assert_eq!(sandbox.rename(name, "jane1@acme.com", &jane(name, 2)).await, Err(Trouble::Later(None)));
    sandbox.rename(name, "jane2@acme.com", &last).await.unwrap();
    sandbox.rename(name, "jane1@acme.com", &jane(name, 2)).await.unwrap();
    assert!(is_final(&sandbox.rename(name, "jane2@acme.com.invalid", &last).await));
    for (from, to) in [("jane1@acme.com", jane(name, 2)), ("jane2@acme.com", jane(name, 2))] {
        sandbox.rename(name, from, &to).await.unwrap();
    }
    assert_eq!(sandbox.ledger().await.iter().filter(|row| row.effect == "mailbox_renamed").count(), 2);
}

#[tokio::test]
async fn unlinking_takes_what_is_there() {
    let name = "acme.com";
    let sandbox = Sandbox::finished(name).await;
    let before = sandbox.ledger().await.len();
    let call = sandbox.later(name, "unlink");
    let emails = ["JANE1@acme.com", "nobody@acme.com", "x@elsewhere.com"].map(str::to_owned);
    for _ in 0..2 {
        sandbox.cast.sequencer.ensure_unlinked(&call, &login(), &emails).await.unwrap();
    }
    assert_eq!(sandbox.news(before).await, rows(&[("account_unlinked", "jane1@acme.com")]));
    assert_eq!(sandbox.link(name).await.done.len(), 4);
    assert_eq!(sandbox.count("account_linked", "jane1@acme.com").await, 2);
    assert_eq!(sandbox.count("account_linked", "jane2@acme.com").await, 1);
}

#[tokio::test]
async fn mail_is_verified_by_what_the_world_sees() {
    let name = "acme.com";
    let sandbox = Sandbox::published(name).await;
    let call = sandbox.later(name, "move");
    let servers = [vec!["ns1.example.net".to_owned()], vec![]];
    for elsewhere in servers {
        sandbox.cast.registrar.ensure_nameservers(&call, &elsewhere).await.unwrap();
        assert_eq!(sandbox.verify(name).await, Err(Trouble::Later(None)));
    }
    sandbox.zone(name).await;
    assert_eq!(sandbox.verify(name).await, Ok(()));
}
