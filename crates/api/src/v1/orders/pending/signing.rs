//! The key that somebody sends who has it made in a mail provider's console.

use model::by_hand::Record;
use model::dns::RrType;
use utoipa::ToSchema;

use crate::body::Spot;

/// The record that a mail provider's console shows for DKIM.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `read` reads")]
pub(crate) struct SentKey {
    /// Its type: TXT, unless the console shows a CNAME.
    #[schema(value_type = Option<String>, pattern = "^(TXT|CNAME)$", example = "TXT")]
    r#type: Option<RrType>,
    /// Its name, as the console shows it or whole.
    #[schema(min_length = 1, max_length = 255, example = "google._domainkey")]
    name: String,
    /// Its value. A long one may come whole or in quoted strings. Its key is checked: RSA of 1024 to 4096 bits, or Ed25519.
    #[schema(min_length = 1, max_length = 2048, example = "v=DKIM1; k=rsa; p=MIIBIjAN…")]
    value: String,
}

pub(super) fn read(spot: &Spot<'_>) -> Option<Record> {
    const TYPES: &[&str] = &["TXT", "CNAME"];
    spot.object(|fields| {
        let known = |text: &str| TYPES.contains(&text).then(|| RrType::parse(text)).flatten();
        let rtype = fields.optional("type", |spot| spot.one_of(TYPES, known)).unwrap_or(RrType::Txt);
        let name = fields.required("name", |spot| spot.text(1..=255).map(str::to_owned));
        let value = fields.required("value", |spot| spot.text(1..=2048).map(str::to_owned));
        Some(Record { rtype, name: name?, value: value? })
    })
}
