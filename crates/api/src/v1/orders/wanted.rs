//! The names of an order.

use std::collections::HashMap;

use model::domain::MailProvider;
use model::order::Wanted;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body::Spot;

/// A name, or a name with wishes of its own.
#[derive(ToSchema)]
#[schema(example = "acme-mail.com")]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what `list` reads")]
pub(crate) enum WantedDomain {
    /// The name.
    Name(SentName),
    /// The name with wishes of its own.
    Detailed(DetailedDomain),
}

/// A domain's name, in any case and spelling: `Bücher.example` is `xn--bcher-kva.example`.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 255, example = "acme-mail.com")]
#[expect(dead_code, reason = "describes what `list` reads")]
pub(crate) struct SentName(String);

/// A name with wishes of its own.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `list` reads")]
pub(crate) struct DetailedDomain {
    /// The name.
    #[schema(min_length = 1, max_length = 255, example = "acme-mail.com")]
    domain: String,
    /// Where its web address redirects to, in place of the order's.
    #[schema(format = "uri", max_length = 2048, example = "https://acme.com/offer")]
    forwarding_url: Option<String>,
    /// Who is to host its mailboxes; otherwise we choose.
    provider: Option<MailProvider>,
}

/// More names than any order can have, so that a wrong count is told as one.
const MOST: usize = 1000;

/// Reads the names; each may be there once.
pub(super) fn list<'a>(spot: &Spot<'a>, address: impl Fn(&Spot<'a>) -> Option<String> + Copy) -> Option<Vec<Wanted>> {
    let (mut seen, mut n) = (HashMap::new(), 0);
    // Too few or too many for the size is the decision's to say, with the counts.
    spot.list(0..=MOST, |item| {
        let here = n;
        n += 1;
        let wanted = entry(item, address)?;
        match seen.insert(wanted.name.clone(), here) {
            None => Some(wanted),
            Some(first) => item.refuse(format!("{} is already at domains[{first}]. Send each name once.", wanted.name)),
        }
    })
}

fn entry<'a>(item: &Spot<'a>, address: impl Fn(&Spot<'a>) -> Option<String>) -> Option<Wanted> {
    match item.value() {
        Value::String(_) => Some(Wanted { name: item.domain_name()?, forwarding_url: None, provider: None }),
        Value::Object(_) => item.object(|fields| {
            let name = fields.required("domain", Spot::domain_name);
            let forwarding_url = fields.optional("forwarding_url", address);
            let provider =
                fields.optional("provider", |spot| spot.one_of(&["google", "microsoft"], MailProvider::parse));
            Some(Wanted { name: name?, forwarding_url, provider })
        }),
        _ => item.refuse("Send a name, or an object with `domain`."),
    }
}
