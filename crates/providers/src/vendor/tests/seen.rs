//! What of an exchange can be seen: in records and in metrics; the log has a test of its own, in a process of its own.

use metrics_exporter_prometheus::PrometheusBuilder;

use super::stub::json;
use super::*;

#[derive(Default)]
struct Kept(Mutex<Vec<Exchange>>);

impl Recorder for Kept {
    fn record(&self, exchange: Exchange) {
        self.0.lock().unwrap().push(exchange);
    }
}

const SECRET: &str = "hush-4711";

#[tokio::test]
async fn a_recorder_is_shown_each_exchange_without_its_secrets() {
    let kept = Arc::new(Kept::default());
    let stub = Stub::new(vec![json(201, "Set-Cookie: s=1\r\n", r#"{"id":7,"authCode":"xyz"}"#), Act::HangUp]).await;
    let change = |settings: &mut VendorSettings| {
        settings.auth = Auth::Headers(vec![("x-api-key", SECRET.into())]);
        settings.recorder = Some(kept.clone());
    };
    let vendor = account_with(stub.port, change).0;
    vendor.call(buy()).await.unwrap();
    vendor.call(look()).await.unwrap_err();
    let kept = kept.0.lock().unwrap();
    let (bought, looked) = (&kept[0], &kept[1]);
    assert_eq!((bought.operation, &*bought.method, &*bought.request_body), ("buy", "POST", r#"{"name":"acme.com"}"#));
    let told = bought.answer.as_ref().unwrap();
    assert_eq!((told.status, told.complete), (201, true));
    assert_eq!(told.body, r#"{"authCode":"[redacted]","id":7}"#);
    assert!(told.headers.contains(&("set-cookie".into(), "[redacted]".into())));
    assert_eq!((&looked.answer, looked.url.ends_with("/v2/domains/acme.com")), (&None, true));
    assert!(!format!("{kept:?}").contains(SECRET));
}

#[tokio::test]
async fn calls_are_counted_by_account_operation_and_what_came_of_them() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let mut acts = vec![json(200, "", "{}"), json(404, "", "{}"), json(401, "", "{}")];
    acts.extend(vec![Act::HangUp; 5]);
    let stub = Stub::new(acts).await;
    let vendor = account(&stub);
    for _ in 0..10 {
        let _ = vendor.call(look()).await;
    }
    let shown = recorder.handle().render();
    for (outcome, count) in [("ok", 1), ("no", 1), ("misconfigured", 1), ("silent", 5), ("held", 2)] {
        let line = format!(
            "mailwright_vendor_exchanges_total{{account=\"main\",operation=\"look\",outcome=\"{outcome}\"}} {count}"
        );
        assert!(shown.contains(&line), "{line}: {shown}");
    }
    assert!(shown.contains("mailwright_vendor_silent{account=\"main\"} 1"), "{shown}");
    assert!(shown.contains("mailwright_vendor_exchange_seconds_count{account=\"main\"} 8"), "{shown}");
}
