//! What addresses lead to.

use model::action::ActionReason;
use model::run::StepName;
use providers::trouble::{Refused, TargetFault, Trouble};

use crate::steps::asks;
use crate::support::Sandbox;

#[tokio::test]
async fn the_beginning_of_the_host_chooses_the_fault() {
    let sandbox = Sandbox::new().await;
    for step in [StepName::SetForwarding, StepName::CreateInboxes] {
        let call = sandbox.call("acme.com", step);
        for (url, fault) in [
            ("https://nodns-acme.com/", TargetFault::Unresolved),
            ("http://unreachable-acme.com:8080/a?b=c", TargetFault::Unreachable),
            ("https://private-acme.com", TargetFault::NotPublic),
            ("HTTPS://NoDNS-Acme.com/", TargetFault::Unresolved),
            ("https://10.0.0.1/", TargetFault::NotPublic),
            ("https://user:secret@acme.com/", TargetFault::NotPublic),
            ("ftp://acme.com/", TargetFault::NotPublic),
            ("acme.com", TargetFault::NotPublic),
        ] {
            let answer = sandbox.cast.observer.fetch(&call, url, 10).await;
            assert_eq!(answer, Err(Trouble::Refused(Refused::Target(fault))), "{url}");
        }
    }
}

#[tokio::test]
async fn every_other_address_answers_with_a_picture() {
    let sandbox = Sandbox::new().await;
    let call = sandbox.call("acme.com", StepName::SetForwarding);
    for url in [
        "https://acme.com/",
        "https://www.nodns-acme.com/",
        "https://acme.com/private-",
        "https://privately.com/?https://nodns-acme.com/",
        "http://localhost:3000/",
    ] {
        let fetched = sandbox.cast.observer.fetch(&call, url, 8).await.unwrap();
        assert_eq!((fetched.status, fetched.content_type.as_deref()), (200, Some("image/png")), "{url}");
        assert_eq!(fetched.body, b"\x89PNG\r\n\x1a\n", "{url}");
    }
}

#[tokio::test]
async fn action_target_asks_every_step_that_forwards_once_and_no_other() {
    let (name, url) = ("action-target-acme.com", "https://acme.example/");
    let sandbox = Sandbox::new().await;
    let observer = &sandbox.cast.observer;
    let other = sandbox.call(name, StepName::CreateInboxes);
    assert!(observer.fetch(&other, url, 10).await.is_ok());
    for run in ["run_1", "run_2"] {
        let mut forward = sandbox.call(name, StepName::SetForwarding);
        forward.reference = format!("{run}/{}", StepName::SetForwarding.as_str());
        assert_eq!(observer.fetch(&forward, url, 10).await, asks(ActionReason::TargetUnreachable));
        assert_eq!(observer.fetch(&forward, url, 1_000).await.unwrap().content_type.as_deref(), Some("image/png"));
    }
}

#[tokio::test]
async fn a_fault_of_the_address_comes_after_what_the_name_asks() {
    let sandbox = Sandbox::new().await;
    let call = sandbox.call("action-target-acme.com", StepName::SetForwarding);
    let fetch = async || sandbox.cast.observer.fetch(&call, "https://nodns-acme.com/", 0).await;
    assert_eq!(fetch().await, asks(ActionReason::TargetUnreachable));
    assert_eq!(fetch().await, Err(Trouble::Refused(Refused::Target(TargetFault::Unresolved))));
}
