//! Several processes that order, and what becomes of what one of them has left half done.

use edge::redirect::{Keeper as _, Settled};
use model::certificate::Limits;
use model::clock::{Clock as _, MINUTE};
use secrecy::{ExposeSecret as _, SecretString};

use crate::rig::{Plan, rig};

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_each_certificate_is_ordered_by_one_and_both_have_one_account() {
    let limits = Limits { in_flight: 6, ..Limits::default() };
    let Some(rig) = rig(&[], Plan { limits, bad_nonces: 0, ..Plan::default() }) else { return };
    rig.process();
    let hosts: Vec<_> = (0..20).map(|n| format!("team-{n}.com")).collect();
    rig.want(&hosts.iter().map(String::as_str).collect::<Vec<_>>());
    // A nudge wakes one of them.
    rig.later(0);
    rig.memory.until(|state| state.rows.values().all(|row| row.kept.is_some()).then_some(())).await;
    let state = rig.memory.lock();
    assert_eq!((state.orders, state.credentials.len()), (20, 1));
    assert!(state.most_held <= 6, "{} at once", state.most_held);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_process_that_died_has_held_is_ordered_by_another() {
    let Some(rig) = rig(&[], Plan::default()) else { return };
    let directory = rig.pebble.directory.clone();
    let held = rig.memory.want_held("team-acme.com", rig.clock.now().plus(10 * MINUTE));
    rig.want(&["other.com"]);
    rig.memory.settled("other.com", |one| one.ends_at.is_some()).await;
    assert_eq!(rig.memory.lock().orders, 2, "it is held");
    rig.sites.serve(edge::redirect::Changes { put: vec![site("team-acme.com")], ..Default::default() });
    rig.later(1);
    let made = rig.memory.settled("team-acme.com", |one| one.ends_at.is_some()).await;
    // It wakes again, and has been replaced meanwhile.
    let late = Settled { certificate: held.certificate.clone(), kept: None, paused_until: None };
    assert!(!rig.memory.settle(&directory, &held, late).await.unwrap());
    assert_eq!(rig.memory.lock().rows["team-acme.com"].certificate, made);
}

fn site(host: &str) -> model::redirect::Site {
    let (host, target) = (host.into(), "https://acme.com".into());
    model::redirect::Site { host, target, status: model::redirect::Status::Moved, keeps_path: true, hsts: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_the_authority_has_forgotten_is_replaced_once() {
    let Some(rig) = rig(&["team-acme.com"], Plan { bad_nonces: 0, ..Plan::default() }) else { return };
    rig.memory.settled("team-acme.com", |one| one.ends_at.is_some()).await;
    let directory = rig.pebble.directory.clone();
    let forgotten = {
        let mut state = rig.memory.lock();
        let kept = state.credentials[&directory].expose_secret().to_owned();
        let mut credentials: serde_json::Value = serde_json::from_str(&kept).unwrap();
        let id = format!("{}404", credentials["id"].as_str().unwrap());
        credentials["id"] = id.into();
        let forgotten = credentials.to_string();
        state.credentials.insert(directory.clone(), SecretString::from(forgotten.clone()));
        forgotten
    };
    // A process that begins now reads it.
    rig.first.cancel();
    rig.process();
    let hosts: Vec<_> = (0..6).map(|n| format!("team-{n}.com")).collect();
    rig.want(&hosts.iter().map(String::as_str).collect::<Vec<_>>());
    for host in &hosts {
        let made = rig.memory.settled(host, |one| one.ends_at.is_some() || one.failures > 0).await;
        assert_eq!((made.trouble, made.failures), (None, 0));
    }
    let state = rig.memory.lock();
    assert_ne!(state.credentials[&directory].expose_secret(), forgotten);
    assert_eq!(state.accounts_kept, 2, "one for all who have found it out at once");
}
