//! `POST /domains/availability`

use std::collections::HashMap;

use model::clock::Time;
use model::domain::{DomainName, MailProvider, NameAnswer, NameFault, Unavailable, Verdict};
use model::money::{CURRENCY, Cents, PriceBook};
use serde::Serialize;
use store::domains;
use utoipa::ToSchema;

use crate::answer::{self, Answer, Data};
use crate::body::Fields;
use crate::call::Call;
use crate::caller::Limited;

/// The most characters of a name.
const LONGEST: usize = 255;

/// Names to look at.
#[derive(ToSchema)]
pub(crate) struct Candidates {
    /// Each is answered in a row of its own, in this order.
    #[schema(min_items = 1, max_items = 50, example = json!(["acme-mail.com", "team-acme.com", "premium-acme.com"]))]
    domains: Vec<String>,
}

impl Candidates {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let domains = fields.required("domains", |spot| spot.list(1..=50, |item| item.any_text().map(str::to_owned)));
        Some(Self { domains: domains? })
    }
}

/// What can be had, and for how much.
#[derive(Serialize, ToSchema)]
pub(crate) struct Availability {
    /// One row for each name that was sent, in the same order.
    domains: Vec<Row>,
}

/// What is known of one name.
#[derive(Serialize, ToSchema)]
pub(crate) struct Row {
    /// The name in lower case; of one that cannot be read, the first 255 characters
    /// as they were sent.
    #[schema(example = "acme-mail.com")]
    domain: String,
    /// Whether it can be bought.
    #[schema(example = true)]
    available: bool,
    /// The first year in cents, or the first `years`. Only on names that can be bought.
    #[schema(value_type = Option<i64>, nullable = false, minimum = 0, example = 1300)]
    #[serde(skip_serializing_if = "Option::is_none")]
    price_cents: Option<Cents>,
    /// Each further year in cents. Only on names that can be bought.
    #[schema(value_type = Option<i64>, nullable = false, minimum = 0, example = 1500)]
    #[serde(skip_serializing_if = "Option::is_none")]
    renewal_price_cents: Option<Cents>,
    /// For how many years it is sold at least, and renewed at a time: said where that is more than one.
    #[schema(nullable = false, minimum = 2, maximum = 10, example = 2)]
    #[serde(skip_serializing_if = "Option::is_none")]
    years: Option<i64>,
    /// Always `usd`. Only on names that can be bought.
    #[schema(nullable = false, example = "usd")]
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
    /// Which providers can use it. Only on names that can be bought.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    usable_for: Option<Vec<MailProvider>>,
    /// Said when the registry wants a premium price.
    #[schema(nullable = false, example = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    premium: Option<bool>,
    /// Why it cannot be bought. Only on names that cannot.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Unavailable>,
    /// When to ask again. Only on names that are `errored` or `stale`.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false, example = "2026-05-18T09:30:10Z")]
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_at: Option<Time>,
    /// What is wrong with it, in words. Only on names that are `invalid`.
    #[schema(nullable = false, max_length = 400, example = "is a subdomain; send the root name that is registered")]
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The name that was probably meant, where one is near. Only on names that are `invalid`.
    #[schema(nullable = false, max_length = 253, example = "acme-mail.com")]
    #[serde(skip_serializing_if = "Option::is_none")]
    did_you_mean: Option<String>,
}

/// What a registrar wants for a name.
struct Offer<'a> {
    price: Cents,
    renewal: Cents,
    years: i64,
    usable_for: &'a [MailProvider],
}

impl Row {
    fn available(domain: String, offer: &Offer<'_>, book: &PriceBook) -> Self {
        let Offer { price, renewal, years, usable_for } = offer;
        Self {
            domain,
            available: true,
            price_cents: Some(book.name(*price)),
            renewal_price_cents: Some(book.name(*renewal)),
            years: Some(*years).filter(|years| *years > 1),
            currency: Some(CURRENCY),
            usable_for: Some(usable_for.to_vec()),
            premium: None,
            reason: None,
            retry_at: None,
            message: None,
            did_you_mean: None,
        }
    }

    fn unavailable(domain: String, reason: Unavailable, retry_at: Option<Time>) -> Self {
        Self {
            domain,
            available: false,
            price_cents: None,
            renewal_price_cents: None,
            years: None,
            currency: None,
            usable_for: None,
            premium: (reason == Unavailable::Premium).then_some(true),
            reason: Some(reason),
            retry_at,
            message: None,
            did_you_mean: None,
        }
    }

    fn invalid(text: String, fault: &NameFault) -> Self {
        let did_you_mean = fault.meant().map(ToOwned::to_owned);
        Self { message: Some(fault.sentence()), did_you_mean, ..Self::unavailable(text, Unavailable::Invalid, None) }
    }
}

/// Check names
///
/// Says of up to 50 names whether they can be bought, for how much, and which providers can use
/// them. A name that is no name is a row too. Answers are at most five minutes old.
#[utoipa::path(post, path = "/domains/availability", operation_id = "check_availability", tag = "Domains",
    request_body = Candidates,
    responses(
        (status = 200, description = "A row for each name.", body = Data<Availability>),
        (status = 503, description = "`provider_not_configured`: there is no registrar in the live environment.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(call: Call<Limited>) -> Answer {
    let app = &call.app;
    let sent = call.body.read(app.unknown(), Candidates::read)?.domains;
    let names: Vec<DomainName> = distinct(&sent);
    let world = &call.caller.scope.world;
    let held = domains::holders(&mut app.store.read().await?, world, &names).await?;
    let answers = app.catalog.browse(world, &names, call.now.partner()).await?;
    let mut verdicts: HashMap<_, _> = answers.into_iter().map(|answer| (answer.name.clone(), answer)).collect();
    // The registrar may not know yet what we have just been asked to buy.
    verdicts
        .extend(held.into_iter().map(|domain| (domain.name.clone(), NameAnswer::not(domain.name, Unavailable::Taken))));
    let book = app.rules.of(world).book;
    let rows = sent.into_iter().map(|text| row(text, &verdicts, &book)).collect();
    Ok(answer::ok(Availability { domains: rows }))
}

fn distinct(sent: &[String]) -> Vec<DomainName> {
    let mut names: Vec<_> = sent.iter().filter_map(|text| DomainName::parse(text).ok()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What is no name is given back as it was sent, as far as a name can be long.
fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
    }
    text
}

fn row(text: String, answers: &HashMap<DomainName, NameAnswer>, book: &PriceBook) -> Row {
    let name = match DomainName::parse(&text) {
        Ok(name) => name,
        Err(fault) => return Row::invalid(cut(text), &fault),
    };
    if !name.is_sold() {
        return Row::invalid(name.to_string(), &NameFault::NotSold);
    }
    let answer = answers.get(&name);
    match answer.map(|answer| &answer.verdict) {
        Some(Verdict::Buyable { price_cents, renewal_price_cents, usable_for }) => {
            let years = answer.map_or(1, |answer| answer.least_years);
            let (price, renewal) = (*price_cents, *renewal_price_cents);
            Row::available(name.to_string(), &Offer { price, renewal, years, usable_for }, book)
        }
        Some(Verdict::Not(reason)) => {
            Row::unavailable(name.to_string(), *reason, answer.and_then(|answer| answer.retry_at))
        }
        None => Row::unavailable(name.to_string(), Unavailable::Errored, None),
    }
}
