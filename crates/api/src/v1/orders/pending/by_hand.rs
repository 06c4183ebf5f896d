//! What somebody sends who makes mailboxes by hand.

use model::by_hand::{Handed, Login, Logins, Record};
use model::dns::RrType;
use model::refusal::Refusal;
use secrecy::SecretString;
use utoipa::ToSchema;

use crate::body::{Payload, Spot, Unknown};
use crate::v1::orders::sequencer::login_email;

/// What was made by hand at the mail provider. With `made`: false the records are published first, and it is asked again
/// for the mailboxes: a provider that wants to see its record before it lets mailboxes be made needs that.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `read` reads")]
pub(crate) struct MadeByHand {
    /// Whether the mailboxes are there, all that the action lists.
    #[schema(example = true)]
    made: bool,
    /// All records that the provider wants, in place of those that were sent before. When the mailboxes are there, an MX,
    /// an SPF and a DKIM record have to be among them.
    #[schema(max_items = 20)]
    records: Option<Vec<SentRecord>>,
    /// How to log in to the mailboxes, where you want that handed out with them. They are sealed and never come back here.
    #[schema(max_items = 100)]
    logins: Option<Vec<SentLogin>>,
}

/// A record as the mail provider's console shows it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `record` reads")]
pub(crate) struct SentRecord {
    /// Its type.
    #[schema(value_type = String, pattern = "^(TXT|MX|CNAME)$", example = "TXT")]
    r#type: RrType,
    /// Its whole name, or `@` for the domain's own.
    #[schema(min_length = 1, max_length = 255, example = "google._domainkey.acme-mail.com")]
    name: String,
    /// Its value: `1 smtp.google.com` for MX. A long text may come whole or in quoted strings.
    #[schema(min_length = 1, max_length = 2048, example = "v=spf1 include:_spf.google.com ~all")]
    value: String,
}

/// How to log in to a mailbox.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `login` reads")]
pub(crate) struct SentLogin {
    /// Its address.
    #[schema(max_length = 254, example = "alex.rivera@acme-mail.com")]
    email: String,
    /// Its password, or an app password.
    #[schema(value_type = String, format = Password, write_only, min_length = 1, max_length = 500)]
    password: SecretString,
}

/// Records that a mail provider may want.
const MOST_RECORDS: usize = 20;
/// Mailboxes that a domain may have.
const MOST_LOGINS: usize = 100;

/// Reads what somebody has written into a file, as it would stand in a body: `{"mailboxes": …}`.
///
/// # Errors
/// `invalid_request` with the path of everything that is wrong.
pub fn made_by_hand(text: &str) -> Result<Handed, Refusal> {
    Payload::of_text(text)?.read(Unknown::Refused, |fields| fields.required("mailboxes", read))
}

pub(super) fn read(spot: &Spot<'_>) -> Option<Handed> {
    spot.object(|fields| {
        let made = fields.required("made", Spot::flag);
        let records = fields.optional("records", |spot| spot.list(0..=MOST_RECORDS, record));
        let logins = fields.optional("logins", |spot| spot.list(0..=MOST_LOGINS, login));
        Some(Handed { made: made?, records: records.unwrap_or_default(), logins: logins.unwrap_or_default() })
    })
}

/// Reads the logins of inboxes that are there.
pub(super) fn logins(spot: &Spot<'_>) -> Option<Logins> {
    spot.list(1..=MOST_LOGINS, login).map(Logins)
}

fn record(spot: &Spot<'_>) -> Option<Record> {
    const TYPES: &[&str] = &["TXT", "MX", "CNAME"];
    spot.object(|fields| {
        let known = |text: &str| TYPES.contains(&text).then(|| RrType::parse(text)).flatten();
        let rtype = fields.required("type", |spot| spot.one_of(TYPES, known));
        let name = fields.required("name", |spot| spot.text(1..=255).map(str::to_owned));
        let value = fields.required("value", |spot| spot.text(1..=2048).map(str::to_owned));
        Some(Record { rtype: rtype?, name: name?, value: value? })
    })
}

fn login(spot: &Spot<'_>) -> Option<Login> {
    spot.object(|fields| {
        let email = fields.required("email", login_email);
        let password = fields.required("password", |spot| spot.text(1..=500).map(SecretString::from));
        Some(Login { email: email?, password: password? })
    })
}
