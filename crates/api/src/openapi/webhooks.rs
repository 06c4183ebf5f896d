//! What we send: one webhook for each event.

use model::event::EventKind;
use model::view;
use serde_json::{Value, json};
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{RefBuilder, Schema, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{
    AllOfBuilder, ContentBuilder, KnownFormat, ObjectBuilder, OpenApi, PathItem, PathsBuilder, Ref, RefOr, Required,
    ResponseBuilder, SchemaFormat,
};

use super::answers;
use utoipa::{PartialSchema as _, ToSchema as _};

/// The view that the event's `data` is, and the call that shows the same.
const fn data(kind: EventKind) -> (&'static str, &'static str) {
    const ORDER: (&str, &str) = ("Order", "GET /orders/{id}");
    const DOMAIN: (&str, &str) = ("Domain", "GET /domains/{id}");
    const IMPORT: (&str, &str) = ("Import", "GET /domains/import/{id}");
    const SWAP: (&str, &str) = ("Swap", "GET /swaps/{id}");
    const INBOX: (&str, &str) = ("Inbox", "GET /inboxes/{id}");
    match kind {
        EventKind::OrderInProgress => ORDER,
        EventKind::OrderCompleted => ORDER,
        EventKind::OrderFailed => ORDER,
        EventKind::OrderActionRequired => ORDER,
        EventKind::OrderCancelScheduled => ORDER,
        EventKind::OrderCancelled => ORDER,
        EventKind::OrderRenewed => ORDER,
        EventKind::OrderCancelUndone => ORDER,
        EventKind::DomainConnected => DOMAIN,
        EventKind::DomainActionRequired => DOMAIN,
        EventKind::DomainForwardingUpdated => DOMAIN,
        EventKind::DomainForwardingFailed => DOMAIN,
        EventKind::DomainRenewed => DOMAIN,
        EventKind::DomainDnsDrifted => DOMAIN,
        EventKind::DomainDnsRestored => DOMAIN,
        EventKind::DomainImportCompleted => IMPORT,
        EventKind::DomainImportFailed => IMPORT,
        EventKind::DomainImportActionRequired => IMPORT,
        EventKind::SwapCreated => SWAP,
        EventKind::SwapInProgress => SWAP,
        EventKind::SwapCompleted => SWAP,
        EventKind::SwapFailed => SWAP,
        EventKind::SwapActionRequired => SWAP,
        EventKind::SwapCancelled => SWAP,
        EventKind::DomainDkimEnabled => DOMAIN,
        EventKind::InboxSuspended | EventKind::InboxDisconnected | EventKind::InboxRestored => INBOX,
        EventKind::InboxLinked => INBOX,
        EventKind::WebhookTest => ("WebhookEndpoint", "GET /webhook_endpoints/{id}"),
    }
}

/// Describes every event as a webhook.
pub(super) fn describe(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let mut webhooks = PathsBuilder::new();
    components.schemas.insert(view::Why::name().into_owned(), view::Why::schema());
    components.schemas.insert(view::Told::name().into_owned(), view::Told::schema());
    for kind in EventKind::ALL {
        components.schemas.insert(name(*kind), body(*kind));
        webhooks = webhooks.path(kind.as_str(), PathItem::new(HttpMethod::Post, operation(*kind)));
    }
    components.parameters.extend(HEADERS.map(|(name, text)| (name.to_owned(), RefOr::T(header(name, text)))));
    document.webhooks = Some(webhooks.build());
}

fn name(kind: EventKind) -> String {
    format!("{kind:?}Event")
}

fn body(kind: EventKind) -> RefOr<Schema> {
    let text = |description: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    let id = text("Its id, the same on every attempt: handle each id once.")
        .pattern(Some(answers::pattern("evt")))
        .examples([json!("evt_01JTZ8A1B2C3D4E5F6G7H8J9K0")]);
    let at = text("When it happened.")
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .examples([json!("2026-05-08T12:14:33Z")]);
    let body = ObjectBuilder::new()
        .description(Some(kind.meaning()))
        .property("id", id)
        .property("type", text("What happened.").enum_values(Some([kind.as_str()])))
        .property("created_at", at)
        .property("data", shown(kind));
    ["id", "type", "created_at", "data"].into_iter().fold(body, ObjectBuilder::required).into()
}

fn shown(kind: EventKind) -> RefOr<Schema> {
    let (view, call) = data(kind);
    let shown = |description: String| {
        RefBuilder::new().ref_location_from_schema_name(view).description(Some(description)).build()
    };
    if !explains(kind) {
        return shown(format!("What `{call}` showed at that moment.")).into();
    }
    AllOfBuilder::new()
        .description(Some(format!(
            "What `{call}` showed at that moment, and beside it why this was told and what to do."
        )))
        .item(Ref::from_schema_name(view))
        // A swap has its reason itself; generators of code cannot join two fields of one name.
        .item(Ref::from_schema_name(if view == "Swap" { "WhatToDo" } else { "Why" }))
        .into()
}

/// Whether somebody has to act, or something failed or was called off: then it is said why.
const fn explains(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::OrderActionRequired
            | EventKind::OrderFailed
            | EventKind::DomainActionRequired
            | EventKind::DomainForwardingFailed
            | EventKind::DomainImportActionRequired
            | EventKind::DomainImportFailed
            | EventKind::SwapActionRequired
            | EventKind::SwapFailed
            | EventKind::SwapCancelled
    )
}

fn operation(kind: EventKind) -> Operation {
    let reach = if kind.published() {
        "Sent to every endpoint that does not filter events, and to those that name it."
    } else {
        "Sent only to endpoints that name it in `events`."
    };
    let reach =
        if kind == EventKind::WebhookTest { "Sent to the endpoint that is tested, and to no other." } else { reach };
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(name(kind)))).build();
    let body = RequestBodyBuilder::new()
        .description(Some("Signed over the exact bytes: verify them before they are parsed."))
        .content("application/json", content)
        .required(Some(Required::True));
    let parameters = HEADERS.map(|(name, _)| RefOr::Ref(Ref::new(format!("#/components/parameters/{name}"))));
    let response = |text: &str| ResponseBuilder::new().description(text).build();
    let mut operation = OperationBuilder::new()
        .tag("Events")
        .operation_id(Some(kind.as_str().replace('.', "_")))
        .summary(Some(kind.meaning().trim_end_matches('.')))
        .description(Some(reach))
        .request_body(Some(body.build()))
        .response("2XX", response("Received. Answer within 15 seconds, and do the work afterwards."))
        .response("410", response("Nothing is listening here any more: the endpoint is disabled."))
        .response("default", response("Anything else, redirects included, is tried again: five attempts in 24 hours."))
        .security(SecurityRequirement::default())
        .build();
    operation.parameters = Some(parameters.into());
    operation
}

const HEADERS: [(&str, &str); 7] = [
    ("Peeker-Event-Id", "The event's id, the same on every attempt."),
    ("Peeker-Timestamp", "When this attempt was made, in Unix seconds. Refuse what is older than five minutes."),
    (
        "Peeker-Signature",
        "`v1=` and the lower-case hex HMAC-SHA256 over `{timestamp}.{raw body}`, keyed by the bytes of the endpoint's \
         secret as it stands. While a rotation overlaps there are two, with a comma between.",
    ),
    ("webhook-id", "The event's id (Standard Webhooks)."),
    ("webhook-timestamp", "When this attempt was made, in Unix seconds (Standard Webhooks)."),
    (
        "webhook-signature",
        "`v1,` and the base64 HMAC-SHA256 over `{id}.{timestamp}.{raw body}`, keyed by what the secret after `whsec_` \
         decodes to (Standard Webhooks). While a rotation overlaps there are two, with a space between.",
    ),
    (
        TRACE,
        "Where in a trace this attempt stands, for receivers that record traces (W3C Trace Context); not sent when there \
         is none. An order goes on with the trace of the request that placed it.",
    ),
];

const TRACE: &str = model::trace::HEADER;

fn header(name: &str, text: &str) -> Parameter {
    let (pattern, example): (String, Value) = match name {
        "Peeker-Event-Id" | "webhook-id" => (answers::pattern("evt"), json!("evt_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
        "Peeker-Signature" => {
            let hex = "5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd";
            ("^v1=[0-9a-f]{64}(,v1=[0-9a-f]{64})?$".into(), json!(format!("v1={hex}")))
        }
        "webhook-signature" => (
            "^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)?$".into(),
            json!("v1,UleoaefsvtqjKv+mLNyj+lHK1+d6Dlb/U20M6OEI2L0="),
        ),
        TRACE => (
            "^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$".into(),
            json!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ),
        _ => ("^[0-9]{10,11}$".into(), json!("1778242473")),
    };
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(if name == TRACE { Required::False } else { Required::True })
        .description(Some(text))
        .schema(Some(schema))
        .example(Some(example))
        .build()
}
