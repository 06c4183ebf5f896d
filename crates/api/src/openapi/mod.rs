//! The description of the API: what no single route can say.

use model::refusal::Code;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ArrayBuilder, RefBuilder, Schema};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, ContentBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{OpenApi as _, ToSchema};

mod answers;
mod headers;
mod refusals;
mod repeats;
mod sent;
mod values;
mod walk;
mod webhooks;

pub(crate) use sent::NO_CONTROL;

/// What every error says.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// What went wrong.
    error: ErrorObject,
}

/// An error.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorObject {
    /// What to branch on. New codes may be added.
    code: Code,
    /// What is wrong, and what to do next.
    #[schema(example = "Send a whole number from 1 to 10000000; -5 was sent.")]
    message: String,
    /// Where in the request, as a path.
    #[schema(nullable = false, example = "personas[0].first_name")]
    field: Option<String>,
    /// Facts that depend on the code. When there are several faults, `errors` lists them all, each
    /// with `code`, `field` and `message`; of very many it lists some, and `errors_left_out` counts the rest.
    #[schema(value_type = Option<Object>, nullable = false)]
    details: Option<Map<String, Value>>,
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Partner API",
        description = "Order domains and inboxes for your customers, and have them linked to a sequencer.\n\n\
            Keys that begin with `pk_test_` speak to a sandbox: same calls, same answers, no money, no outside call.\n\n\
            Every answer carries `Peeker-Request-Id`. Times are UTC. Money is whole US cents. Bodies are JSON of at most \
            1 MiB, and may be packed by gzip (`Content-Encoding: gzip`)."
    ),
    servers((url = "/")),
    external_docs(url = "/guides", description = "Guides: buying, importing, swapping, webhooks, the sandbox"),
    components(schemas(ErrorBody)),
    security(("api_key" = [])),
    tags(
        (name = "Me", description = "The key and its partner."),
        (name = "Users", description = "Your customers."),
        (name = "Bundles", description = "Saved order sizes."),
        (name = "Domains", description = "Names, before and after they are bought."),
        (name = "Imports", description = "Names that your customers have registered elsewhere."),
        (name = "Forwarding", description = "Where the web addresses of domains lead."),
        (name = "Orders", description = "Placing orders and following them."),
        (name = "Swaps", description = "Other names for domains and for the inboxes on them."),
        (name = "Pending actions", description = "What waits for you or your customer."),
        (name = "Inboxes", description = "The inboxes of your orders."),
        (name = "Ledger", description = "Every charge and every credit, one line each."),
        (name = "Events", description = "What happened, newest first; the same as webhooks carry."),
        (name = "Sandbox", description = "The sandbox's clock, and beginning anew; for test keys."),
        (name = "Webhooks", description = "Where events are sent, and what became of each that was."),
        (name = "Health", description = "For load balancers; no key is needed.")
    )
)]
struct Frame;

/// The description without any route.
pub(crate) fn frame() -> OpenApi {
    let mut frame = Frame::openapi();
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("pk_live_… or pk_test_…")
        .description(Some("An API key, shown once when the operator creates it."))
        .build();
    frame.components.get_or_insert_default().add_security_scheme("api_key", SecurityScheme::Http(scheme));
    frame
}

/// Adds to every operation what is the same for all of them.
pub(crate) fn finished(mut document: OpenApi) -> OpenApi {
    for (path, item) in &mut document.paths.paths {
        let behind_the_gate = path.starts_with("/partner/");
        if let Some(operation) = item.post.as_mut().filter(|_| behind_the_gate) {
            repeats::say(operation);
        }
        for (reads_body, operation) in walk::operations(item) {
            if behind_the_gate {
                add_common_refusals(operation, reads_body);
            }
            headers::say(operation, behind_the_gate);
        }
    }
    refer_from_envelopes(&mut document);
    sent::tighten(&mut document);
    let_bodies_be_left_out(&mut document);
    headers::describe(&mut document);
    webhooks::describe(&mut document);
    answers::bound(&mut document);
    refusals::exemplify(&mut document);
    values::explain(&mut document);
    walk::of_components(&mut document, describe_nullable);
    document
}

const COMMON: &[(Code, Needs)] = &[
    (Code::InvalidRequest, Needs::Body),
    (Code::Unauthorized, Needs::Nothing),
    (Code::Forbidden, Needs::Permission),
    (Code::PayloadTooLarge, Needs::Body),
    (Code::UnsupportedMediaType, Needs::Body),
    (Code::RateLimited, Needs::Nothing),
    (Code::Busy, Needs::Nothing),
    (Code::Internal, Needs::Nothing),
];

/// What an operation must have for an error to be possible.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    Body,
    Permission,
}

/// Said in the operation id of every call that any key may make.
const READS: &[&str] = &["get_", "list_"];

fn add_common_refusals(operation: &mut Operation, reads_body: bool) {
    let reads = operation.operation_id.as_deref().is_some_and(|id| READS.iter().any(|start| id.starts_with(start)));
    for (code, needs) in COMMON {
        let possible = match needs {
            Needs::Nothing => true,
            Needs::Body => reads_body,
            Needs::Permission => !reads,
        };
        if possible {
            let said = operation.responses.responses.entry(code.status().to_string());
            let said = said.or_insert_with(|| RefOr::T(refusal(*code)));
            // A call that has a reason of its own for the same status has this one as well.
            if let (RefOr::T(response), Code::Busy) = (said, code)
                && !response.description.contains("`busy`")
            {
                response.description = format!("{} Or {}", response.description, meaning(*code));
            }
        }
    }
}

fn meaning(code: Code) -> String {
    format!("`{}`: {}.", code.as_str(), code.meaning())
}

fn refusal(code: Code) -> utoipa::openapi::Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build();
    ResponseBuilder::new().description(meaning(code)).content("application/json", content).build()
}

/// The envelopes are written out with what they hold; this makes them refer to it, so that each thing
/// is described once.
fn refer_from_envelopes(document: &mut OpenApi) {
    let Some(components) = &mut document.components else { return };
    let names: Vec<_> = components.schemas.keys().cloned().collect();
    for name in &names {
        let Some((envelope, held)) = name.split_once('_').filter(|(_, held)| names.iter().any(|name| name == held))
        else {
            continue;
        };
        let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(name) else { continue };
        let data = match envelope {
            "List" => {
                let rows = ArrayBuilder::new().items(Ref::from_schema_name(held)).description(Some("The rows."));
                Schema::Array(rows.build()).into()
            }
            _ => {
                let reference = RefBuilder::new().ref_location_from_schema_name(held);
                RefOr::Ref(reference.description(Some("What was asked for.")).build())
            }
        };
        object.properties.insert("data".to_owned(), data);
    }
}

/// A property that may be null is a choice between null and a reference, and its description stands at the
/// reference, where readers and generators of code pass it over.
fn describe_nullable(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(object)) = schema else { return };
    for property in object.properties.values_mut() {
        let RefOr::T(Schema::OneOf(choice)) = property else { continue };
        let described = choice.items.iter_mut().find_map(|item| match item {
            RefOr::Ref(reference) if !reference.description.is_empty() => Some(&mut reference.description),
            _ => None,
        });
        if let Some(description) = described.filter(|_| choice.description.is_none()) {
            choice.description = Some(std::mem::take(description));
        }
    }
}

/// A body none of whose fields has to be there may be left out: that is the same as an empty object.
fn let_bodies_be_left_out(document: &mut OpenApi) {
    let Some(components) = &document.components else { return };
    let free = |name: &str| match components.schemas.get(name) {
        Some(RefOr::T(Schema::Object(object))) => object.required.is_empty(),
        _ => false,
    };
    for (_, operation) in document.paths.paths.values_mut().flat_map(walk::operations) {
        let Some(RefOr::T(body)) = &mut operation.request_body else { continue };
        let mut names = body.content.values().filter_map(|content| match content {
            RefOr::T(Content { schema: Some(RefOr::Ref(reference)), .. }) => reference.ref_location.rsplit('/').next(),
            _ => None,
        });
        if names.any(free) {
            body.required = Some(Required::False);
        }
    }
}

/// The same object with other fields required.
pub(crate) fn requiring(schema: RefOr<Schema>, fields: &[&str], description: &str) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.required = fields.iter().map(ToString::to_string).collect();
            object.description = Some(description.to_owned());
            RefOr::T(Schema::Object(object))
        }
        other => other,
    }
}
