//! What resolves an action.

use model::action::Answer;
use model::secret::Secret;
use utoipa::ToSchema;

use super::by_hand::{self, MadeByHand, SentLogin};
use super::signing::{self, SentKey};
use crate::body::{Fields, Spot};
use crate::v1::orders::sequencer::login_email;
use crate::web_address;

/// What resolves an action; which fields depends on its type. An empty body says that what was asked for is done.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `read` reads")]
pub(crate) struct Resolution {
    /// `google_profile_picture`: another public address of the picture.
    #[schema(format = "uri", max_length = 2048, example = "https://acme.com/alex.jpg")]
    profile_picture_url: Option<String>,
    /// `sequencer_login`: the login's e-mail address, together with its password.
    #[schema(max_length = 254, example = "peeker@yourcompany.com")]
    login_email: Option<String>,
    /// `sequencer_login`: the login's password. It is sealed and never comes back.
    #[schema(value_type = Option<String>, format = Password, write_only, min_length = 1, max_length = 500,
        example = "a-new-password")]
    login_password: Option<Secret>,
    /// `sequencer_login`: an API key of the sequencer, in place of a login. It is sealed and never comes back.
    #[schema(value_type = Option<String>, format = Password, write_only, min_length = 1, max_length = 500,
        example = "b1f0c1d2-…")]
    api_key: Option<Secret>,
    /// `registration` / `price_changed`: the most that the whole order may cost; at a renewal, the most that another year
    /// of the name may cost.
    #[schema(minimum = 0, maximum = 1_000_000_000, example = 9000)]
    max_total_cents: Option<i64>,
    /// `registration`: another name in place of this one.
    #[schema(min_length = 1, max_length = 255, example = "acme-mail.net")]
    replacement_domain: Option<String>,
    /// `forwarding`: another address to forward to.
    #[schema(format = "uri", max_length = 2048, example = "https://acme.com")]
    forwarding_url: Option<String>,
    /// `mail_provider` / `mailboxes_by_hand`: what was made by hand.
    mailboxes: Option<MadeByHand>,
    /// `mail_provider` / `dkim_needs_enabling`: the key that the mail provider's console shows. It is published, and its name is
    /// looked at again.
    dkim_record: Option<SentKey>,
    /// `mail_provider` / `inbox_access_needed`, `inbox_login_fails`, `smtp_auth_needed`: how to log in to inboxes of the domain: at least those that are
    /// not linked, and whose owners have not consented. A password takes the place of the consent of its inbox.
    #[schema(max_items = 100)]
    logins: Option<Vec<SentLogin>>,
    /// Give the domain up: its whole part is credited, a name that was bought goes to the inventory.
    #[schema(example = true)]
    give_up: Option<bool>,
}

/// Reads it; exactly one answer, or none.
pub(super) fn read(fields: &Fields<'_>, loopback: bool) -> Option<Answer> {
    let address = |spot: &Spot<'_>| web_address::read(spot, loopback);
    let picture = fields.optional("profile_picture_url", address).map(Answer::Picture);
    let target = fields.optional("forwarding_url", address).map(Answer::Target);
    let most = fields.optional("max_total_cents", |spot| spot.integer(0..=1_000_000_000)).map(Answer::MaxTotal);
    let name = fields.optional("replacement_domain", Spot::domain_name).map(Answer::Replacement);
    let give_up = fields.optional("give_up", Spot::flag).unwrap_or(false).then_some(Answer::GiveUp);
    let sent = [
        ("login_email", login(fields)),
        ("api_key", fields.optional("api_key", |spot| spot.text(1..=500).map(Secret::plain)).map(Answer::ApiKey)),
        ("profile_picture_url", picture),
        ("forwarding_url", target),
        ("max_total_cents", most),
        ("replacement_domain", name),
        ("give_up", give_up),
        ("mailboxes", fields.optional("mailboxes", by_hand::read).map(Answer::Mailboxes)),
        ("logins", fields.optional("logins", by_hand::logins).map(Answer::Logins)),
        ("dkim_record", fields.optional("dkim_record", signing::read).map(Answer::SigningKey)),
    ];
    let mut sent = sent.into_iter().filter_map(|(field, answer)| Some((field, answer?)));
    let first = sent.next();
    if let Some((second, _)) = sent.next() {
        return fields.refuse(second, "Send one answer: this field and another cannot both be followed.");
    }
    Some(first.map_or(Answer::Again, |(_, answer)| answer))
}

fn login(fields: &Fields<'_>) -> Option<Answer> {
    let either = fields.given("login_email") || fields.given("login_password");
    let email = fields.required_if(either, "login_email", login_email);
    let password = fields.required_if(either, "login_password", |spot| spot.text(1..=500).map(Secret::plain));
    Some(Answer::Login { email: email?, password: password? })
}
