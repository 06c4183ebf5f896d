//! What is wrong at a vendor in the middle of an order: one clear sentence where the operator looks, nothing bought, nothing
//! lost, and it goes on by itself when it is mended.

use std::sync::Arc;

use doubles::Fault;
use model::clock::{HOUR, MINUTE};
use model::notice::NoticeKind;

use super::Watched;
use crate::live::stage::Live;

const NAME: &str = "acme-ill.com";

/// What goes wrong at the vendor that sells, and words that say it.
struct Ill {
    what: &'static str,
    begin: fn(&Live),
    end: fn(&Live),
    said: &'static str,
}

const ILL: [Ill; 5] = [
    Ill {
        what: "wrong credentials",
        begin: |live| live.namecom.server.fail_always(Some(Fault::NotLetIn(401))),
        end: |live| live.namecom.server.fail_no_more(),
        said: "The account first is not let in by its vendor (401): check its credentials",
    },
    Ill {
        what: "a permission that is missing",
        begin: |live| live.namecom.server.fail_always(Some(Fault::NotLetIn(403))),
        end: |live| live.namecom.server.fail_no_more(),
        said: "The account first may not do this at its vendor (look_at_domain, 403): give its key the permission",
    },
    Ill {
        what: "no balance",
        begin: |live| live.namecom.hold(0),
        end: |live| live.namecom.hold(1_000_000),
        said: "name.com could not charge this account: look at its balance",
    },
    Ill {
        what: "a vendor that is down",
        begin: |live| live.namecom.server.fail_always(Some(Fault::Broken)),
        end: |live| live.namecom.server.fail_no_more(),
        said: "The registrar is busy; we try again.",
    },
    Ill {
        what: "a vendor that nobody reaches",
        begin: |live| live.namecom.server.fail_always(Some(Fault::RequestLost)),
        end: |live| live.namecom.server.fail_no_more(),
        said: "The registrar is busy; we try again.",
    },
];

#[tokio::test]
async fn what_is_wrong_at_a_vendor_is_said_nothing_is_bought_and_it_goes_on_when_mended() {
    for ill in ILL {
        let live = Live::new().await;
        let id = live.place(&[NAME]).await;
        (ill.begin)(&live);
        for _ in 0..12 {
            live.rig.advance(30 * MINUTE).await;
        }
        assert_eq!(live.bought(NAME), (0, 0), "{}", ill.what);
        let mut watched =
            Watched::on(live.rig.as_partner(live.rig.partner.clone(), live.rig.key.clone()), Arc::default()).await;
        let kinds = watched.look().await;
        assert!(kinds.contains(&NoticeKind::AccountRefuses.as_str().to_owned()), "{}: {kinds:?}", ill.what);
        let open: Vec<_> = watched.rows(Some(true)).await.into_iter().map(|one| one.finding).collect();
        let step = open.iter().find(|one| one.kind == NoticeKind::StepParked).expect(ill.what);
        assert!(step.message.contains(NAME) && step.message.contains(ill.said), "{}: {}", ill.what, step.message);
        (ill.end)(&live);
        live.rig.advance(HOUR).await;
        live.rig.settle_all().await;
        assert_eq!(live.bought(NAME), (1, 0), "{}", ill.what);
        assert_eq!(live.rig.order(&id).await["status"], "completed", "{}", ill.what);
    }
}
