//! The tenant itself.

use doubles::google::ADMIN;
use providers::roles::Account as _;
use providers::trouble::Trouble;

use super::stage::{LICENCE, Stage};

#[tokio::test]
async fn a_tenant_says_as_whom_it_is_known_and_what_is_missing() {
    let stage = Stage::with(LICENCE).await;
    let examined = stage.adapter.examine().await.unwrap();
    assert_eq!(examined.known_as.as_deref(), Some(ADMIN));
    assert_eq!(examined.remarks, ["It has 1 domains of at most 600."]);
    for scope in ["siteverification", "apps.licensing"] {
        let stage = Stage::with(LICENCE).await;
        stage.double.withhold(&format!("https://www.googleapis.com/auth/{scope}"));
        let remarks = stage.adapter.examine().await.unwrap().remarks.join(" ");
        assert!(remarks.contains(scope), "{remarks}");
    }
    let stage = Stage::with(LICENCE).await;
    stage.double.withhold("https://www.googleapis.com/auth/admin.directory.domain");
    assert!(matches!(stage.adapter.examine().await, Err(Trouble::Misconfigured(_))));
}

#[tokio::test]
async fn an_administrator_who_is_none_is_remarked() {
    let stage = Stage::new().await;
    stage.double.say_no("GET", ADMIN, 404, "notFound", "Resource Not Found: userKey");
    let remarks = stage.adapter.examine().await.unwrap().remarks.join(" ");
    assert!(remarks.contains("no super administrator"), "{remarks}");
}
