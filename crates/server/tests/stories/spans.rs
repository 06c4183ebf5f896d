//! What is under way can be told by its ids: every try of a step, every call, every delivery and every write has a span.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use model::run::RunKind;
use tracing::Dispatch;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::subscriber::set_default;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry;

use crate::support::{Rig, order_body};

type Fields = BTreeMap<&'static str, String>;

/// Every span that was opened, with its fields.
#[derive(Clone, Default)]
struct Opened(Arc<Mutex<Vec<(&'static str, Fields)>>>);

struct Reading(Fields);

impl Visit for Reading {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

impl<S: tracing::Subscriber> Layer<S> for Opened {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let mut reading = Reading(Fields::new());
        attributes.record(&mut reading);
        self.0.lock().unwrap().push((attributes.metadata().name(), reading.0));
    }
}

impl Opened {
    fn named(&self, name: &str) -> Vec<Fields> {
        self.0.lock().unwrap().iter().filter(|(one, _)| *one == name).map(|(_, fields)| fields.clone()).collect()
    }
}

#[tokio::test]
async fn whatever_is_under_way_says_whose_it_is() {
    let opened = Opened::default();
    // With one subscriber in the process, a span that another test's thread meets first would be off for all.
    let _second = Dispatch::new(registry());
    let _guard = set_default(registry().with(opened.clone()));
    let rig = Rig::sqlite().await;
    rig.endpoint("https://acme.com/hook").await;
    let order = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    let domain = rig.order(&order).await["domains"][0]["id"].as_str().unwrap().to_owned();
    let steps = opened.named("step");
    for step in RunKind::Provision.spec().steps {
        let tried = steps.iter().find(|fields| fields["step"] == step.as_str()).expect("every step has a span");
        assert_eq!((&tried["order"], &tried["domain"]), (&order, &domain), "{step:?}");
        assert!(tried["run"].starts_with("run_") && tried["attempt"] == "1", "{tried:?}");
    }
    let roles: Vec<_> = opened.named("call").into_iter().map(|fields| fields["role"].clone()).collect();
    for role in ["registrar", "dns", "sequencer"] {
        assert!(roles.iter().any(|one| one.starts_with(role)), "{role}: {roles:?}");
    }
    let deliveries = opened.named("delivery");
    assert!(deliveries.iter().any(|fields| fields.values().any(|value| value.starts_with("dlv_"))), "{deliveries:?}");
    assert!(!opened.named("write_group").is_empty());
    let kinds: Vec<_> = opened.named("write").into_iter().map(|fields| fields["kind"].clone()).collect();
    assert!(kinds.iter().any(|kind| kind == "Settlement"), "{kinds:?}");
}
