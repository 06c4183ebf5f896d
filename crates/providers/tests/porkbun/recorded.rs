//! What the vendor has really said, replayed. Nobody has published a purchase: these are greetings, and answers about records.

use providers::roles::{Account as _, Registrar as _};
use providers::trouble::Trouble;

use super::stage::{adapter, call, settings};
use crate::vendor_data::recorded;

#[tokio::test]
async fn greetings_of_all_times_are_read() {
    let Some(all) = recorded("porkbun") else { return };
    let pings: Vec<_> = all.iter().filter(|one| one.method == "POST" && one.uri.ends_with("/ping")).collect();
    assert!(pings.len() > 20);
    for ping in pings {
        let json = |body: &str| format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes();
        let answers = vec![
            ("GET".to_owned(), "/ping".to_owned(), ping.answer("application/json")),
            ("GET".to_owned(), "/balance".to_owned(), json(r#"{"status":"SUCCESS","balance":1234}"#)),
            ("GET".to_owned(), "/apiSettings".to_owned(), json(r#"{"status":"SUCCESS"}"#)),
        ];
        let (base, _serving) = doubles::replay(answers).await;
        let told = adapter(settings(&base, "sk1_")).0.examine().await.unwrap();
        assert_eq!(told.balance_cents, Some(1_234));
    }
}

#[tokio::test]
async fn answers_of_another_shape_are_no_names() {
    let Some(all) = recorded("porkbun") else { return };
    let others = all.iter().filter(|one| one.uri.contains("/dns/"));
    let mut count = 0;
    for one in others {
        let answers = vec![("GET".to_owned(), "/get/example.xyz".to_owned(), one.answer("application/json"))];
        let (base, _serving) = doubles::replay(answers).await;
        let told = adapter(settings(&base, "sk1_")).0.registered(&call("example.xyz")).await;
        assert_eq!(told, Err(Trouble::Later(None)), "{}", one.response);
        count += 1;
    }
    assert!(count > 100);
}
