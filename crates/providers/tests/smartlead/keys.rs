//! Whose accounts they are: the key of the call says it.

use doubles::smartlead::{API_KEY, LOGIN_EMAIL, LOGIN_PASSWORD, OTHER_KEY};
use model::access::AccessKind;
use model::action::ActionReason;
use providers::roles::{Account as _, Sequencer as _, SequencerLogin};
use providers::trouble::{Refused, Trouble};
use secrecy::ExposeSecret as _;

use super::stage::{Stage, call, login};

const ASK: Trouble = Trouble::Refused(Refused::Ask(ActionReason::CredentialsRejected));

#[tokio::test]
async fn each_key_has_accounts_of_its_own() {
    let stage = Stage::new().await;
    let inbox = stage.inbox("jane@acme.com");
    let one = stage.linked(&inbox).await;
    let other = SequencerLogin { api_key: Some(OTHER_KEY.into()), ..login(None) };
    let part = stage.adapter.ensure_linked(&call(), &other, std::slice::from_ref(&inbox)).await;
    assert_ne!(part.done[0].1, one);
    let keys: Vec<_> = stage.double.accounts("jane@acme.com").into_iter().map(|account| account.key).collect();
    assert_eq!(keys, [API_KEY, OTHER_KEY]);
}

#[tokio::test]
async fn whoever_has_no_key_is_asked_for_one_and_nobody_is_asked_in_vain() {
    let stage = Stage::new().await;
    let inboxes = [stage.inbox("jane@acme.com"), stage.inbox("john@acme.com")];
    let emails = ["jane@acme.com".to_owned()];
    for key in [None, Some(""), Some("two words"), Some("caf\u{e9}"), Some("line\nfeed")] {
        let login = SequencerLogin { api_key: key.map(Into::into), ..login(None) };
        assert_eq!(stage.adapter.ensure_linked(&call(), &login, &inboxes).await.trouble, Some(ASK), "{key:?}");
        assert_eq!(stage.adapter.ensure_unlinked(&call(), &login, &emails).await, Err(ASK));
        assert_eq!(stage.adapter.links(&call(), &login, &emails).await, Err(ASK));
    }
    assert_eq!(stage.double.server.asked().len(), 0);
}

#[tokio::test]
async fn a_key_that_is_not_let_in_is_a_question_and_is_tried_once() {
    let stage = Stage::new().await;
    let wrong = SequencerLogin { api_key: Some("revoked".into()), ..login(None) };
    let inboxes: Vec<_> = (0..50).map(|n| stage.inbox(&format!("n{n}@acme.com"))).collect();
    assert_eq!(stage.adapter.ensure_linked(&call(), &wrong, &inboxes).await.trouble, Some(ASK));
    assert_eq!(stage.double.server.asked().len(), 1);
    assert_eq!(stage.adapter.ensure_unlinked(&call(), &wrong, &["n1@acme.com".into()]).await, Err(ASK));
}

#[tokio::test]
async fn a_login_is_exchanged_for_its_key() {
    let stage = Stage::new().await;
    let key = stage.adapter.key_for(&call(), &login(None)).await.unwrap().unwrap();
    assert_eq!(key.expose_secret(), API_KEY);
    for (email, password) in
        [(LOGIN_EMAIL, "wrong"), ("nobody@example.com", LOGIN_PASSWORD), ("", ""), (LOGIN_EMAIL, "")]
    {
        let login = SequencerLogin { email: Some(email.into()), password: Some(password.into()), ..login(None) };
        assert_eq!(stage.adapter.key_for(&call(), &login).await.err(), Some(ASK), "{email}");
    }
    assert_eq!(stage.asked("POST", "/auth/login"), 3, "what is empty is not sent");
}

#[tokio::test]
async fn the_vendor_is_found_without_a_key() {
    let stage = Stage::new().await;
    let examined = stage.adapter.examine().await.unwrap();
    assert!(examined.limits.iter().any(|limit| limit.contains("at once")) && examined.remarks.len() == 1);
    assert_eq!(stage.adapter.takes(), [AccessKind::Oauth, AccessKind::Password]);
}
