//! The login of an order is that which was sent last, also for a run that is under way.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::Clock as _;
use model::id::{Id as _, OrderId};
use model::run::StepName;
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::roles::{Part, Reachable, Sequencer, SequencerLogin};
use providers::trouble::Trouble;
use store::orders;

use crate::support::swapping::During;
use crate::support::{Rig, order_body};

/// The sandbox's sequencer, and who came in.
struct Doorman {
    behind: Player<dyn Sequencer>,
    came: Mutex<Vec<(String, String)>>,
}

#[async_trait]
impl Sequencer for Doorman {
    async fn ensure_linked(
        &self,
        call: &Call,
        login: &SequencerLogin,
        inboxes: &[Reachable],
    ) -> Part<(String, String)> {
        self.came.lock().unwrap().push((call.subject.to_string(), login.email.clone().unwrap_or_default()));
        self.behind.ensure_linked(call, login, inboxes).await
    }

    async fn ensure_unlinked(&self, call: &Call, login: &SequencerLogin, emails: &[String]) -> Result<(), Trouble> {
        self.behind.ensure_unlinked(call, login, emails).await
    }
}

/// The same server, whose worker talks to this sequencer.
fn employ(rig: &mut Rig, sequencer: Arc<dyn Sequencer>, during: Arc<During>) {
    let cast = rig.wired.sim.cast();
    rig.employ(Cast { sequencer: Player::new("sandbox", sequencer), ..cast }, Some(during));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_is_sent_while_a_run_is_under_way_is_used_by_its_next_step() {
    let mut rig = Rig::sqlite().await;
    let doorman = Arc::new(Doorman { behind: rig.wired.sim.cast().sequencer, came: Mutex::default() });
    let during = Arc::new(During::a(StepName::SetForwarding, "acme-two.com"));
    employ(&mut rig, doorman.clone(), during.clone());
    let id = rig.place(&order_body(&["acme-two.com"])).await;
    let (store, ids, now, order) =
        (rig.wired.store.clone(), rig.wired.app.ids.clone(), rig.clock.now(), OrderId::opaque(&id));
    // As resolving a question of another domain of the order does.
    during.happens(move || {
        let (ids, order, store) = (ids.clone(), order.clone(), store.clone());
        async move {
            let sent = store.write(move |tx| {
                let (ids, order) = (ids.clone(), order.clone());
                async move {
                    let mut order = orders::lock(tx, &order).await?.unwrap();
                    order.sequencer.login_email = Some("new@acme.com".into());
                    let mut change = Change::default();
                    change.orders.update.push(order);
                    tx.apply(change, &ids, now).await
                }
                .boxed()
            });
            sent.await.unwrap();
        }
        .boxed()
    });
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    let came = doorman.came.lock().unwrap().clone();
    assert_eq!(came, [("acme-two.com".to_owned(), "new@acme.com".to_owned())]);
}
