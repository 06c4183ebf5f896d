//! What is under way can be told by its ids: every try of a step, every call, every delivery and every write has a span.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use model::run::RunKind;
use tracing::Dispatch;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::set_default;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry;
use tracing_subscriber::registry::LookupSpan;

use crate::support::{Rig, order_body};

type Fields = BTreeMap<&'static str, String>;

/// Where a span is among those that were opened.
struct Place(usize);

/// Every span that was opened, with its fields.
#[derive(Clone, Default)]
struct Opened(Arc<Mutex<Vec<(&'static str, Fields)>>>);

struct Reading(Fields);

impl Visit for Reading {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Opened {
    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut reading = Reading(Fields::new());
        values.record(&mut reading);
        let place = context.span(id).and_then(|span| span.extensions().get::<Place>().map(|place| place.0));
        if let Some(place) = place {
            self.0.lock().unwrap()[place].1.extend(reading.0);
        }
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut reading = Reading(Fields::new());
        attributes.record(&mut reading);
        let span = context.span(id).unwrap();
        // Whoever is within another span is about the same.
        let around = span.parent().and_then(|span| span.extensions().get::<Place>().map(|place| place.0));
        let mut opened = self.0.lock().unwrap();
        let inherited = around.map(|place| opened[place].1.clone()).unwrap_or_default();
        reading.0 = inherited.into_iter().chain(reading.0).collect();
        opened.push((attributes.metadata().name(), reading.0));
        span.extensions_mut().insert(Place(opened.len() - 1));
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
    for call in opened.named("call") {
        assert!(call["account"] == "sandbox" && call["order"] == order && call["domain"] == domain, "{call:?}");
    }
    for delivery in opened.named("delivery") {
        assert!(delivery["event"].starts_with("evt_") && delivery["order"] == order, "{delivery:?}");
    }
    assert!(opened.named("delivery").iter().any(|one| one.get("domain") == Some(&domain)));
    let requests = opened.named("request");
    assert!(requests.iter().any(|one| one["path"] == "/partner/v1/orders" && one["order"] == order), "{requests:?}");
    let deliveries = opened.named("delivery");
    assert!(deliveries.iter().any(|fields| fields.values().any(|value| value.starts_with("dlv_"))), "{deliveries:?}");
    assert!(!opened.named("write_group").is_empty());
    let kinds: Vec<_> = opened.named("write").into_iter().map(|fields| fields["kind"].clone()).collect();
    assert!(kinds.iter().any(|kind| kind == "Settlement"), "{kinds:?}");
}
