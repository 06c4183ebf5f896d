//! What names do that are registered elsewhere and imported.

use model::action::ActionReason;
use model::clock::{HOUR, MINUTE, SECOND, Time};
use model::dns::RrType;
use model::run::StepName;
use providers::call::Call;
use providers::trouble::{Refused, Trouble};

use crate::steps::asks;
use crate::support::{Sandbox, start};
use crate::until::Until as _;

const ELSEWHERE: [&str; 2] = ["ns1.elsewhere.example", "ns2.elsewhere.example"];

impl Sandbox {
    fn look(&self, name: &str, now: Time) -> Call {
        Call { now, ..self.call(name, StepName::DelegateName) }
    }

    async fn seen(&self, call: &Call, rtype: RrType) -> Vec<String> {
        self.cast.observer.dns(call, call.subject.as_str(), rtype).await.unwrap()
    }

    async fn zone_of(&self, name: &str) -> Vec<String> {
        self.cast.dns.ensure_zone(&self.call(name, StepName::CreateZone)).await.unwrap()
    }
}

#[tokio::test]
async fn names_that_nobody_sold_are_registered_elsewhere() {
    for name in ["acme.com", "premium-acme.com", "zoneref-acme.com", "livemx-acme.com"] {
        let sandbox = Sandbox::new().await;
        assert_eq!(sandbox.seen(&sandbox.look(name, start()), RrType::Ns).await, ELSEWHERE, "{name}");
    }
    let sandbox = Sandbox::new().await;
    let look = sandbox.look("acme.com", start());
    assert_eq!(sandbox.seen(&look, RrType::Mx).await, [""; 0]);
    assert_eq!(sandbox.ledger().await, [], "looking does nothing");
}

#[tokio::test]
async fn nameservers_arrive_a_minute_after_there_is_a_zone() {
    let name = "acme.com";
    let sandbox = Sandbox::new().await;
    let nameservers = sandbox.zone_of(name).await;
    let early = sandbox.look(name, start().plus(MINUTE - SECOND));
    assert_eq!(sandbox.seen(&early, RrType::Ns).await, ELSEWHERE);
    let due = sandbox.look(name, start().plus(MINUTE));
    assert_eq!(sandbox.seen(&due, RrType::Ns).await, nameservers);
    assert_eq!(sandbox.seen(&early, RrType::Ns).await, nameservers, "they stay");
}

#[tokio::test]
async fn nons_names_wait_two_days_for_their_nameservers() {
    let name = "nons-acme.com";
    let sandbox = Sandbox::new().await;
    let nameservers = sandbox.zone_of(name).await;
    let early = sandbox.look(name, start().plus(48 * HOUR - SECOND));
    assert_eq!(sandbox.seen(&early, RrType::Ns).await, ELSEWHERE);
    let due = sandbox.look(name, start().plus(48 * HOUR));
    assert_eq!(sandbox.seen(&due, RrType::Ns).await, nameservers);
}

#[tokio::test]
async fn nons_names_get_their_nameservers_when_somebody_says_so() {
    let name = "nons-acme.com";
    let sandbox = Sandbox::new().await;
    let nameservers = sandbox.zone_of(name).await;
    let nudged = Call { nudges: 1, ..sandbox.look(name, start()) };
    assert_eq!(sandbox.seen(&nudged, RrType::Ns).await, nameservers);
    assert_eq!(sandbox.seen(&sandbox.look(name, start()), RrType::Ns).await, nameservers, "they stay");
}

#[tokio::test]
async fn unreg_names_are_registered_nowhere_until_they_are_bought() {
    let name = "unreg-acme.com";
    let sandbox = Sandbox::new().await;
    let look = sandbox.look(name, start().plus(100 * HOUR));
    assert_eq!(sandbox.seen(&look, RrType::Ns).await, [""; 0]);
    let nameservers = sandbox.zone_of(name).await;
    assert_eq!(sandbox.seen(&look, RrType::Ns).await, [""; 0]);
    sandbox.register(name).await.unwrap();
    sandbox.zone(name).await;
    assert_eq!(sandbox.seen(&look, RrType::Ns).await, nameservers);
}

#[tokio::test]
async fn livemx_names_receive_mail_until_they_point_here() {
    let name = "livemx-acme.com";
    let sandbox = Sandbox::new().await;
    let early = sandbox.look(name, start());
    assert_eq!(sandbox.seen(&early, RrType::Mx).await, ["10 mail.elsewhere.example"]);
    sandbox.zone_of(name).await;
    assert_eq!(sandbox.seen(&early, RrType::Mx).await, ["10 mail.elsewhere.example"]);
    let due = sandbox.look(name, start().plus(MINUTE));
    assert_eq!(sandbox.seen(&due, RrType::Mx).await, [""; 0]);
    let bought = Sandbox::new().await;
    bought.register(name).await.unwrap();
    assert_eq!(bought.seen(&early, RrType::Mx).await, [""; 0]);
}

#[tokio::test]
async fn zoneref_names_get_no_zone_unless_they_were_bought() {
    let name = "zoneref-acme.com";
    let sandbox = Sandbox::new().await;
    let call = sandbox.call(name, StepName::CreateZone);
    for _ in 0..2 {
        let answer = sandbox.cast.dns.ensure_zone(&call).await;
        assert!(matches!(answer, Err(Trouble::Refused(Refused::ForGood(_)))), "{answer:?}");
    }
    assert_eq!(sandbox.ledger().await, []);
    sandbox.register(name).await.unwrap();
    assert!(sandbox.cast.dns.ensure_zone(&call).await.is_ok());
}

#[tokio::test]
async fn an_imported_name_is_its_owners() {
    let name = "acme.com";
    let sandbox = Sandbox::new().await;
    let nameservers = sandbox.zone_of(name).await;
    let call = sandbox.call(name, StepName::DelegateName);
    let registrar = &sandbox.cast.registrar;
    assert_eq!(registrar.ensure_nameservers(&call, &nameservers).await, asks(ActionReason::NameserversNotPointed));
    assert_eq!(registrar.ensure_renewed(&call, start(), 1_500).await.until(), asks(ActionReason::RegistrarRejected));
    assert_eq!(registrar.registered(&call).await.until(), Ok(None));
}

#[tokio::test]
async fn an_owner_takes_a_released_name_back() {
    for (name, patience) in [("acme.com", MINUTE), ("nons-acme.com", 48 * HOUR)] {
        let sandbox = Sandbox::new().await;
        sandbox.zone_of(name).await;
        let first = start().plus(patience);
        let nameservers = sandbox.seen(&sandbox.look(name, first), RrType::Ns).await;
        sandbox.cast.dns.ensure_no_zone(&sandbox.look(name, first)).await.unwrap();
        assert_eq!(sandbox.seen(&sandbox.look(name, first), RrType::Ns).await, ELSEWHERE);
        sandbox.cast.dns.ensure_zone(&sandbox.look(name, first)).await.unwrap();
        assert_eq!(sandbox.seen(&sandbox.look(name, first), RrType::Ns).await, ELSEWHERE);
        let again = sandbox.look(name, first.plus(patience));
        assert_eq!(sandbox.seen(&again, RrType::Ns).await, nameservers, "{name} goes as before");
    }
}

#[tokio::test]
async fn a_bought_name_keeps_its_delegation_without_a_zone() {
    let name = "acme.com";
    let sandbox = Sandbox::published(name).await;
    let look = sandbox.look(name, start());
    let nameservers = sandbox.seen(&look, RrType::Ns).await;
    sandbox.cast.dns.ensure_no_zone(&look).await.unwrap();
    assert_eq!(sandbox.seen(&look, RrType::Ns).await, nameservers);
    assert_eq!(sandbox.seen(&look, RrType::Mx).await, [""; 0]);
}
