//! What the vendor has really said, replayed: answers of its older interface, which has the same shapes but for the totals of
//! lists. Nobody has published a purchase.

use model::clock::Time;
use model::domain::DomainName;
use providers::roles::{Holding, Registrar as _};
use providers::trouble::Trouble;

use super::stage::{adapter, call, settings};
use crate::vendor_data::recorded;

#[tokio::test]
async fn lists_of_names_are_read_whatever_their_type_is_called() {
    let Some(all) = recorded("namecom") else { return };
    let lists: Vec<_> = all.iter().filter(|one| one.method == "GET" && one.uri.contains("/v4/domains?")).collect();
    assert!(lists.len() > 30);
    for list in lists {
        let answers = vec![("GET".to_owned(), "/domains".to_owned(), list.answer("text/html; charset=UTF-8"))];
        let (base, _serving) = doubles::replay(answers).await;
        let told = adapter(settings(&base, "token")).0.portfolio(&call("any.com").world).await.unwrap();
        let held = |name: &str, until: &str| Holding {
            name: DomainName::stored(name),
            expires_at: Time::parse(until),
            renews_itself: Some(true),
        };
        assert_eq!(told, [held("aur.im", "2021-06-02T00:59:57Z"), held("mim.pw", "2021-05-30T23:59:59Z")]);
    }
}

#[tokio::test]
async fn a_no_and_pages_of_other_things_are_no_names() {
    let Some(all) = recorded("namecom") else { return };
    for one in all.iter().filter(|one| one.status == 400 || one.uri.contains("/records/")) {
        let answers = vec![("GET".to_owned(), "/domains/mim.pw".to_owned(), one.answer("text/html"))];
        let (base, _serving) = doubles::replay(answers).await;
        let told = adapter(settings(&base, "token")).0.registered(&call("mim.pw")).await;
        assert!(matches!(told, Err(Trouble::Refused(_) | Trouble::Later(None))), "{}: {told:?}", one.response);
    }
}
