//! The tenant itself, and its tokens.

use doubles::graph::{Permission, SECRET, TENANT};
use model::clock::MINUTE;
use providers::all::microsoft::Fields;
use providers::roles::{Account as _, MailHost as _};
use providers::trouble::Trouble;

use super::stage::{Stage, adapter, call, fields};

#[tokio::test]
async fn a_tenant_says_what_it_has_and_what_is_missing() {
    let stage = Stage::new().await;
    let examined = stage.adapter.examine().await.unwrap();
    assert_eq!(examined.known_as, Some(format!("tenant {TENANT}")));
    assert_eq!(examined.remarks, ["It has 1 domains.", "1000 licences EXCHANGESTANDARD of 1000 are left."]);
    for (permission, word) in [
        (Permission::Users, "User.ReadWrite.All"),
        (Permission::Organization, "Organization.Read.All"),
        (Permission::Exchange, "Exchange.ManageAsApp"),
    ] {
        let stage = Stage::new().await;
        stage.double.withhold(permission);
        let remarks = stage.adapter.examine().await.unwrap().remarks.join(" ");
        assert!(remarks.contains(word), "{remarks}");
    }
    stage.double.withhold(Permission::Domains);
    assert!(matches!(stage.adapter.examine().await, Err(Trouble::Misconfigured(_))));
}

#[tokio::test]
async fn a_token_is_asked_for_once_renewed_ahead_of_time_and_replaced_when_it_is_taken_away() {
    let stage = Stage::prompt().await;
    let look = async || stage.adapter.ensure_no_domain(&call("acme.com")).await;
    for _ in 0..3 {
        look().await.unwrap();
    }
    assert_eq!(stage.asked("POST", "/token"), 1);
    stage.clock.advance(51 * MINUTE);
    look().await.unwrap();
    assert_eq!(stage.asked("POST", "/token"), 2, "nine minutes before its end");
    stage.double.revoke_tokens();
    assert_eq!(look().await, Err(Trouble::Later(None)));
    assert_eq!(look().await, Ok(()));
}

#[tokio::test]
async fn what_is_wrong_with_the_credentials_is_said() {
    let stage = Stage::prompt().await;
    stage.double.expire();
    let other = |change: fn(&mut Fields)| {
        let mut fields = fields();
        change(&mut fields);
        adapter(&stage.double.server.base(), &fields, &stage.clock).unwrap()
    };
    for (adapter, word) in [
        (other(|_| {}), "run out"),
        (other(|fields| fields.secret = "wrong".into()), "its value, not its ID"),
        (other(|fields| fields.client = TENANT.into()), "no application"),
        (other(|fields| fields.tenant = doubles::graph::CLIENT.into()), "check its tenant"),
    ] {
        let told = adapter.ensure_domain(&call("acme.com")).await;
        assert!(matches!(&told, Err(Trouble::Misconfigured(words)) if words.contains(word)), "{word}: {told:?}");
        assert!(!format!("{told:?}").contains(SECRET));
    }
}

#[tokio::test]
async fn fields_that_will_not_do_are_said_before_anybody_is_asked() {
    let stage = Stage::prompt().await;
    for (begins, fields) in [
        ("tenant ", Fields { tenant: "acme".into(), ..fields() }),
        ("client ", Fields { client: String::new(), ..fields() }),
        ("usage_location ", Fields { usage_location: "Germany".into(), ..fields() }),
        ("exchange ", Fields { exchange: "yes".into(), ..fields() }),
    ] {
        let fault = adapter(&stage.double.server.base(), &fields, &stage.clock).map(|_| ()).unwrap_err();
        assert!(fault.starts_with(begins), "{fault}");
    }
    assert!(stage.double.server.asked().is_empty());
}
