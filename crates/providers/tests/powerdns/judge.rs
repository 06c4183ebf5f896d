//! The description that the server gives of itself judges what it is asked: paths, methods and bodies.

use model::dns::RrType;
use model::domain::DomainName;
use providers::conformance::{self, Maker};
use providers::roles::{Account as _, DnsHost as _};
use providers::vendor::Exchange;
use serde_json::{Value, json};

use super::stage::{Stage, call, set};
use crate::servers::powerdns::API_KEY;
use crate::support::start;

/// What the server says of itself: Swagger 2.0.
struct Judge(Value);

impl Judge {
    async fn of(stage: &Stage) -> Self {
        let url = format!("http://{}/api/docs", stage.server.api);
        let client = reqwest::Client::builder().build().unwrap();
        let request = client.get(url).header("x-api-key", API_KEY).header("accept", "application/json");
        Self(request.send().await.unwrap().json().await.unwrap())
    }

    /// What is wrong with a request; nothing where all is well.
    fn fault(&self, exchange: &Exchange) -> Option<String> {
        let url = url::Url::parse(&exchange.url).unwrap();
        let path = url.path().strip_prefix(self.0["basePath"].as_str().unwrap())?;
        let said: Vec<_> = path.trim_end_matches('/').split('/').collect();
        let is_it = |template: &str| {
            let template: Vec<_> = template.split('/').collect();
            template.len() == said.len()
                && template
                    .iter()
                    .zip(&said)
                    .all(|(one, other)| one == other || (one.starts_with('{') && !other.is_empty()))
        };
        let paths = self.0["paths"].as_object().unwrap();
        let Some((_, known)) = paths.iter().find(|(template, _)| is_it(template)) else {
            return Some(format!("{path} is no path"));
        };
        let method = exchange.method.to_ascii_lowercase();
        let Some(operation) = known.get(&method) else { return Some(format!("{method} {path} is no operation")) };
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let Some(body) = parameters.into_iter().find(|one| one["in"] == "body") else {
            return (!exchange.request_body.is_empty()).then(|| format!("{method} {path} takes no body"));
        };
        let sent: Value = serde_json::from_str(&exchange.request_body).unwrap();
        self.body(&body["schema"], &sent)
    }

    fn body(&self, schema: &Value, sent: &Value) -> Option<String> {
        let mut definitions = self.0["definitions"].clone();
        // A field that nobody knows is a mistake of ours, whatever the server makes of it.
        for one in definitions.as_object_mut().unwrap().values_mut() {
            one["additionalProperties"] = json!(false);
        }
        let whole = json!({ "allOf": [schema], "definitions": definitions });
        let validator = jsonschema::options().with_draft(jsonschema::Draft::Draft4).build(&whole).unwrap();
        validator.iter_errors(sent).next().map(|fault| fault.to_string())
    }
}

#[tokio::test]
async fn everything_that_is_asked_is_in_its_description() {
    let Some(stage) = Stage::new().await else { return };
    let Some((cast, _sandbox)) = stage.cast().await else { return };
    let judge = Judge::of(&stage).await;
    let maker = Maker::new(call("any.com").world, start(), |n| DomainName::stored(format!("free-{n}.com")));
    conformance::dns_host(&cast, &maker).await;
    stage.adapter.examine().await.unwrap();
    let seen = stage.seen.0.lock().unwrap().clone();
    for exchange in &seen {
        assert_eq!(judge.fault(exchange), None, "{} {} {}", exchange.method, exchange.url, exchange.request_body);
    }
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        assert!(seen.iter().any(|exchange| exchange.method == method), "{method} was never judged");
    }
}

/// A judge that takes anything is not looking.
#[tokio::test]
async fn the_judge_refuses_junk() {
    let Some(stage) = Stage::new().await else { return };
    let judge = Judge::of(&stage).await;
    stage.adapter.ensure_zone(&call("acme.com")).await.unwrap();
    stage.adapter.ensure_records(&call("acme.com"), &[set("acme.com", RrType::Txt, &["one"])]).await.unwrap();
    let seen = stage.seen.0.lock().unwrap().clone();
    let write = seen.iter().find(|exchange| exchange.method == "PATCH").unwrap();
    for (right, wrong) in [
        ("\"changetype\":\"REPLACE\",", ""),
        ("\"ttl\":300", "\"ttl\":\"300\""),
        ("\"content\"", "\"value\""),
        ("\"disabled\":false", "\"disabled\":0"),
    ] {
        let body = write.request_body.replace(right, wrong);
        assert_ne!(body, write.request_body, "{right} was not in it");
        assert!(judge.fault(&Exchange { request_body: body, ..write.clone() }).is_some(), "{wrong}");
    }
    for (method, path) in
        [("PATCH", "/api/v1/servers/localhost"), ("GET", "/api/v1/zones"), ("POST", "/api/v1/servers")]
    {
        let url = format!("http://{}{path}", stage.server.api);
        let junk = Exchange { url, method: method.into(), request_body: String::new(), ..write.clone() };
        assert!(judge.fault(&junk).is_some(), "{method} {path}");
    }
}
