//! How the later calls go for names that are slow, flaky, or lose answers: as the first ones do.

use model::clock::{DAY, SECOND, Time};
use model::run::StepName;
use providers::call::Call;
use providers::roles::MailboxSpec;
use providers::trouble::Trouble;

use crate::steps::{addresses, jane, janes, login, reachable};
use crate::support::{Sandbox, start};
use crate::until::Until as _;

/// What can be done to a name whose run is over, and the first effect of it.
const ACTS: [(&str, &str); 5] = [
    ("renew", "renewed"),
    ("rename", "mailbox_renamed"),
    ("unlink", "account_unlinked"),
    ("close", "domain_closed"),
    ("remove", "zone_removed"),
];

impl Sandbox {
    /// One of the acts, as a call of its own.
    async fn act(&self, what: &str, call: &Call) -> Result<(), Trouble> {
        let name = call.subject.as_str();
        match what {
            "renew" => {
                let beyond = start().plus(400 * DAY);
                self.cast.registrar.ensure_renewed(call, beyond, 1_500).await.until().map(drop)
            }
            "rename" => {
                let new = MailboxSpec { email: format!("joan@{name}"), ..jane(name, 1) };
                self.cast.google.ensure_renamed(call, &format!("jane1@{name}"), &new).await
            }
            "unlink" => self.cast.sequencer.ensure_unlinked(call, &login(), &addresses(name)).await,
            "close" => self.cast.google.ensure_no_domain(call).await,
            _ => self.cast.dns.ensure_no_zone(call).await,
        }
    }

    /// A finished name of a kind whose calls need patience, and the time at the end.
    async fn finished_slowly(name: &str) -> (Self, Time) {
        let sandbox = Self::new().await;
        let (cast, mut now) = (&sandbox.cast, start());
        let call = |step| sandbox.call(name, step);
        patient(&mut now, call(StepName::RegisterName), async |call| {
            cast.registrar.ensure_registered(call, 1_300).await.until()
        })
        .await;
        let open = async |call: &Call| cast.dns.ensure_zone(call).await;
        let servers = patient(&mut now, call(StepName::CreateZone), open).await;
        let point = async |call: &Call| cast.registrar.ensure_nameservers(call, &servers).await;
        patient(&mut now, call(StepName::DelegateName), point).await;
        let open = async |call: &Call| cast.google.ensure_domain(call).await;
        let records = patient(&mut now, call(StepName::OpenMailDomain), open).await;
        let publish = async |call: &Call| cast.dns.ensure_records(call, &records).await;
        patient(&mut now, call(StepName::PublishRecords), publish).await;
        let verify = async |call: &Call| cast.google.ensure_verified(call).await;
        patient(&mut now, call(StepName::VerifyMailDomain), verify).await;
        let boxes = janes(name);
        let fill = async |call: &Call| cast.google.ensure_mailboxes(call, &boxes).await.trouble.map_or(Ok(()), Err);
        patient(&mut now, call(StepName::CreateInboxes), fill).await;
        let link = async |call: &Call| {
            cast.sequencer.ensure_linked(call, &login(), &reachable(name)).await.trouble.map_or(Ok(()), Err)
        };
        patient(&mut now, call(StepName::LinkSequencer), link).await;
        (sandbox, now)
    }
}

/// Tries until it works, as late as it is told to.
async fn patient<T>(now: &mut Time, call: Call, attempt: impl AsyncFn(&Call) -> Result<T, Trouble>) -> T {
    for _ in 0..10 {
        match attempt(&Call { now: *now, ..call.clone() }).await {
            Ok(answer) => return answer,
            Err(Trouble::Later(when)) => *now = when.unwrap_or(*now),
            Err(trouble) => assert_eq!(trouble, Trouble::Unknown, "{}", call.reference),
        }
    }
    panic!("{} never worked", call.reference)
}

#[tokio::test]
async fn lost_names_lose_the_first_answer_of_every_act() {
    let name = "lost-acme.com";
    for (what, effect) in ACTS {
        let (sandbox, _) = Sandbox::finished_slowly(name).await;
        let call = sandbox.later(name, what);
        assert_eq!(sandbox.act(what, &call).await, Err(Trouble::Unknown), "{what}");
        let done = sandbox.ledger().await;
        assert!(done.iter().any(|row| row.effect == effect), "{what}");
        for _ in 0..2 {
            assert_eq!(sandbox.act(what, &call).await, Ok(()), "{what}");
        }
        assert_eq!(sandbox.ledger().await, done, "{what} was done once");
    }
}

#[tokio::test]
async fn flaky_names_fail_twice_at_every_act() {
    let name = "flaky-acme.com";
    for (what, effect) in ACTS {
        let (sandbox, _) = Sandbox::finished_slowly(name).await;
        let (call, before) = (sandbox.later(name, what), sandbox.ledger().await.len());
        for _ in 0..2 {
            assert_eq!(sandbox.act(what, &call).await, Err(Trouble::Later(None)), "{what}");
        }
        assert_eq!(sandbox.ledger().await.len(), before, "{what}");
        assert_eq!(sandbox.act(what, &call).await, Ok(()), "{what}");
        assert!(sandbox.news(before).await.iter().any(|(told, _)| told == effect), "{what}");
    }
}

#[tokio::test]
async fn slow_names_take_five_seconds_for_every_act() {
    let name = "slow-acme.com";
    for (what, effect) in ACTS {
        let (sandbox, now) = Sandbox::finished_slowly(name).await;
        let (mut call, before) = (sandbox.later(name, what), sandbox.ledger().await.len());
        let ready = now.plus(5 * SECOND);
        for at in [now, ready.plus(-1)] {
            call.now = at;
            assert_eq!(sandbox.act(what, &call).await, Err(Trouble::Later(Some(ready))), "{what}");
        }
        assert_eq!(sandbox.ledger().await.len(), before, "{what}");
        call.now = ready;
        assert_eq!(sandbox.act(what, &call).await, Ok(()), "{what}");
        assert!(sandbox.news(before).await.iter().any(|(told, _)| told == effect), "{what}");
    }
}

#[tokio::test]
async fn looking_for_a_purchase_never_loses_its_answer() {
    let name = "lost-acme.com";
    let sandbox = Sandbox::new().await;
    let call = sandbox.call(name, StepName::RegisterName);
    let registrar = &sandbox.cast.registrar;
    assert_eq!(registrar.registered(&call).await.until(), Ok(None));
    assert_eq!(sandbox.register(name).await, Err(Trouble::Unknown));
    assert_eq!(
        registrar.registered(&call).await.until(),
        Ok(Some(start().plus(365 * DAY))),
        "the lost purchase is found"
    );
}
