//! `POST /domains/forwarding`

use crate::told;
use app::forwardings::StartForwarding;
use model::forwarding::Wish;
use model::view;
use utoipa::ToSchema;

use crate::answer::{Answer, Data};
use crate::body::Fields;
use crate::call::Once;
use crate::caller::Full;
use crate::web_address;

/// Another target for some domains.
#[derive(ToSchema)]
pub(crate) struct NewForwarding {
    /// Ids and names, in any mixture; a domain that is named twice counts once.
    #[schema(min_items = 1, max_items = 25, example = json!(["acme-mail.com", "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0"]))]
    domains: Vec<String>,
    /// Where their web addresses are to lead: a public http or https address.
    #[schema(format = "uri", max_length = 2048, example = "https://acme.com/offer")]
    forwarding_url: String,
}

impl NewForwarding {
    fn read(fields: &Fields<'_>, loopback: bool) -> Option<Self> {
        let domains =
            fields.required("domains", |spot| spot.list(1..=25, |one| one.text(1..=300).map(ToOwned::to_owned)));
        let forwarding_url = fields.required("forwarding_url", |spot| web_address::read(spot, loopback));
        Some(Self { domains: domains?, forwarding_url: forwarding_url? })
    }
}

/// Change where domains forward to
///
/// For up to 25 domains that work. The target is opened once from our side before anything is changed; each domain
/// ends by itself, with `domain.forwarding_updated` or `domain.forwarding_failed`. One that leads there already is
/// completed at once; one that does not exist or does not work has failed at once, and only this answer says so.
/// When a domain is in two jobs, the later one wins.
#[utoipa::path(post, path = "/domains/forwarding", operation_id = "create_forwarding", tag = "Forwarding",
    request_body = NewForwarding,
    responses((status = 202, description = "The job as it is now.", body = Data<view::Forwarding>)))]
pub(crate) async fn handler(Once(call): Once<Full>) -> Answer {
    let loopback = call.app.lets_in_loopback(call.caller.environment);
    let wanted = call.body.read(call.app.unknown(), |fields| NewForwarding::read(fields, loopback))?;
    let wish = Wish { domains: wanted.domains, url: wanted.forwarding_url };
    call.perform(StartForwarding { wish }, |done| told::accepted(view::Forwarding::of(&done.value))).await
}
