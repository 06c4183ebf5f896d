//! Certificates from an authority: made, renewed, refused.

use edge::redirect::ChallengeKind::{Http01, TlsAlpn01};
use model::certificate::Limits;
use model::clock::{Clock as _, HOUR, MINUTE};
use secrecy::ExposeSecret as _;

use crate::rig::{Plan, rig};

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_made_in_both_ways() {
    for way in [Http01, TlsAlpn01] {
        let Some(rig) = rig(&["team-acme.com"], Plan { ways: vec![way], ..Plan::default() }) else { return };
        let made = rig.memory.settled("team-acme.com", |one| one.ends_at.is_some()).await;
        assert_eq!((made.names.len(), made.failures, made.trouble), (2, 0, None), "{way:?}");
        rig.until_shown(1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_with_a_new_key() {
    let Some(rig) = rig(&["team-acme.com"], Plan::default()) else { return };
    let first = rig.memory.settled("team-acme.com", |one| one.ends_at.is_some()).await;
    let key = |rig: &crate::rig::Rig| {
        let state = rig.memory.lock();
        let kept = state.rows["team-acme.com"].kept.clone().unwrap();
        (kept.chain, kept.key.expose_secret().to_owned())
    };
    let before = key(&rig);
    let life = (first.ends_at.unwrap().0 - first.begins_at.unwrap().0) / model::clock::DAY;
    rig.later(life / 2);
    // Half of its life is not enough.
    rig.want(&["other.com"]);
    rig.memory.settled("other.com", |one| one.ends_at.is_some()).await;
    assert_eq!(key(&rig), before);
    rig.later(life / 2);
    // The authority's clock does not move with ours: of the new one only the key tells.
    rig.memory
        .until(|state| (state.rows["team-acme.com"].kept.as_ref().unwrap().chain != before.0).then_some(()))
        .await;
    let after = key(&rig);
    assert!(after.0 != before.0 && after.1 != before.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_made_is_told_in_a_sentence_and_tried_again() {
    let Some(rig) = rig(&[], Plan { ways: vec![Http01, TlsAlpn01], ..Plan::default() }) else { return };
    // Nobody is there.
    rig.pebble.lead("lost.com", "127.0.0.99");
    rig.pebble.lead("www.lost.com", "127.0.0.99");
    rig.want(&["lost.com", "blocked.com", "well.com"]);
    let lost = rig.memory.settled("lost.com", |one| one.trouble.is_some()).await;
    let trouble = lost.trouble.clone().unwrap();
    assert!(
        trouble.starts_with("The certificate authority did not accept ") && trouble.contains("lost.com: "),
        "{trouble}"
    );
    assert_eq!((lost.failures, lost.without_www, lost.ends_at), (1, false, None));
    let blocked = rig.memory.settled("blocked.com", |one| one.trouble.is_some()).await;
    let trouble = blocked.trouble.clone().unwrap();
    assert!(trouble.starts_with("The certificate authority said no: ") && trouble.contains("blocked.com"), "{trouble}");
    rig.memory.settled("well.com", |one| one.ends_at.is_some()).await;
    // It leads here again: the next try makes it, the other way round.
    rig.pebble.lead("lost.com", "127.0.0.1");
    rig.pebble.lead("www.lost.com", "127.0.0.1");
    assert!(lost.due_at.unwrap() >= rig.clock.now().plus(15 * MINUTE));
    rig.later(1);
    let made = rig.memory.settled("lost.com", |one| one.ends_at.is_some()).await;
    assert_eq!((made.failures, made.trouble), (0, None));
    let blocked = rig.memory.settled("blocked.com", |one| one.failures == 2).await;
    assert!(blocked.due_at.unwrap() >= rig.clock.now().plus(30 * MINUTE), "it waits for longer");
}

#[tokio::test(flavor = "multi_thread")]
async fn www_that_leads_elsewhere_is_left_out() {
    let Some(rig) = rig(&[], Plan::default()) else { return };
    rig.pebble.lead("www.half.com", "127.0.0.99");
    rig.want(&["half.com"]);
    let made = rig.memory.settled("half.com", |one| one.ends_at.is_some()).await;
    assert_eq!((made.names, made.failures), (vec!["half.com".to_owned()], 0));
    assert!(made.trouble.is_some_and(|trouble| trouble.contains("www.half.com: ")));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_nonces_do_not_stop_it_and_an_authority_that_takes_none_is_asked_later() {
    if let Some(rig) = rig(&["team-acme.com"], Plan { bad_nonces: 20, ..Plan::default() }) {
        // Of twelve requests one may be refused three times in a row: then the order begins anew.
        let mut settled = rig.memory.settled("team-acme.com", |one| one.ends_at.is_some() || one.failures > 0).await;
        while settled.ends_at.is_none() {
            rig.later(1);
            let failures = settled.failures;
            settled = rig.memory.settled("team-acme.com", |one| one.ends_at.is_some() || one.failures > failures).await;
        }
    }
    let Some(rig) = rig(&["team-acme.com"], Plan { bad_nonces: 100, ..Plan::default() }) else { return };
    let settled = rig.memory.settled("team-acme.com", |one| one.failures > 0).await;
    assert_eq!(
        settled.trouble.as_deref().map(|trouble| trouble.starts_with("The certificate authority said no: ")),
        Some(true)
    );
    assert!(settled.due_at.unwrap() < rig.clock.now().plus(HOUR), "soon");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_made_a_few_at_once_by_one_account() {
    let hosts: Vec<_> = (0..30).map(|n| format!("team-{n}.com")).collect();
    let hosts: Vec<_> = hosts.iter().map(String::as_str).collect();
    let limits = Limits { in_flight: 4, orders: 20, per: HOUR };
    let Some(rig) = rig(&hosts, Plan { limits, bad_nonces: 0, ..Plan::default() }) else { return };
    let made = |state: &mut crate::memory::State| state.rows.values().filter(|row| row.kept.is_some()).count();
    rig.memory.until(|state| (made(state) == 20).then_some(())).await;
    rig.later(0);
    assert_eq!(rig.memory.lock().orders, 20, "what the authority allows");
    rig.later(1);
    rig.memory.until(|state| (made(state) == 30).then_some(())).await;
    let state = rig.memory.lock();
    assert_eq!((state.most_held, state.credentials.len(), state.orders), (4, 1, 30));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_ordered_for_a_site_that_is_gone_or_before_terms_are_agreed_to() {
    let Some(rig) = rig(&["team-acme.com"], Plan { terms_agreed: false, ..Plan::default() }) else { return };
    rig.want_without_site("gone.com");
    rig.memory.until(|state| (!state.rows.contains_key("gone.com")).then_some(())).await;
    let told = rig.memory.settled("team-acme.com", |one| one.trouble.is_some()).await.trouble.unwrap();
    assert!(told.starts_with("The operator has to act: nobody has agreed to the terms"), "{told}");
    assert!(rig.memory.lock().credentials.is_empty());
}
