//! `POST /orders/pending/{act}/resolve`

use app::actions::ResolveAction;
use model::id::ActionId;
use model::view;

use super::body;
use crate::answer::{Answer, Data};
use crate::body::Unknown;
use crate::call::Once;
use crate::caller::Full;
use crate::told;
use crate::v1::id::PathId;

/// Resolve a pending action
///
/// Says that what was asked for is done, or sends what was asked for; it is looked at at once. The action closes when
/// the step gets on, a moment later: its own webhook tells. An answer that could come too late for a look that is under
/// way is refused (`being_looked_at`): send it again. One that comes when the action is resolved is refused too
/// (`already_resolved`), unless it is the one that resolved it; an empty body then shows the action.
#[utoipa::path(post, path = "/orders/pending/{id}/resolve", operation_id = "resolve_pending_action",
    tag = "Pending actions",
    params(("id" = String, Path, description = "The action's id.", example = "act_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    request_body(content = Option<body::Resolution>, description = "Empty when it is done and should be looked at.",
        examples(
            ("look_again" = (summary = "Any type: it is done, look again", value = json!({}))),
            ("give_up" = (summary = "Any type: let the domain go for a credit", value = json!({ "give_up": true }))),
            ("google_profile_picture" = (summary = "google_profile_picture: another picture",
                value = json!({ "profile_picture_url": "https://acme.com/alex.jpg" }))),
            ("nameservers" = (summary = "nameservers: they are set", value = json!({}))),
            ("sequencer_login" = (summary = "sequencer_login: the login that works",
                value = json!({ "login_email": "peeker@yourcompany.com", "login_password": "a-new-password" }))),
            ("sequencer_key" = (summary = "sequencer_login: an API key of the sequencer",
                value = json!({ "api_key": "b1f0c1d2-…" }))),
            ("registration" = (summary = "registration: another name in place of this one",
                value = json!({ "replacement_domain": "acme-mail.net" }))),
            ("registration_price" = (summary = "registration, price_changed: allow a higher total",
                value = json!({ "max_total_cents": 9000 }))),
            ("mailboxes_by_hand" = (summary = "mail_provider, mailboxes_by_hand: they are there, with their records",
                value = json!({ "mailboxes": {
                    "made": true,
                    "records": [
                        { "type": "TXT", "name": "@", "value": "google-site-verification=3fYq0f0uXk" },
                        { "type": "MX", "name": "@", "value": "1 smtp.google.com" },
                        { "type": "TXT", "name": "@", "value": "v=spf1 include:_spf.google.com ~all" },
                        { "type": "TXT", "name": "google._domainkey.acme-mail.com", "value": "v=DKIM1; k=rsa; p=MIIBIjAN…" },
                    ],
                    "logins": [{ "email": "alex.rivera@acme-mail.com", "password": "an-app-password" }],
                } }))),
            ("dkim_needs_enabling" = (summary = "mail_provider, dkim_needs_enabling: the key that the console shows",
                value = json!({ "dkim_record": { "name": "google._domainkey", "value": "v=DKIM1; k=rsa; p=MIIBIjAN…" } }))),
            ("inbox_access_needed" = (summary = "mail_provider, inbox_access_needed: an app password for each inbox",
                value = json!({ "logins": [{ "email": "alex.rivera@acme-mail.com", "password": "an-app-password" }] }))),
            ("mail_provider" = (summary = "mail_provider: it is done at the provider", value = json!({}))),
            ("forwarding" = (summary = "forwarding: another address to forward to",
                value = json!({ "forwarding_url": "https://acme.com" }))))),
    responses(
        (status = 200, description = "The action as it stands now.", body = Data<view::Action>),
        (status = 400, description = "`invalid_request`: a field that does not answer this action, or \
            `domain_provider_mismatch`.", body = crate::openapi::ErrorBody),
        (status = 402, description = "`spend_limit_exceeded`: what a replacement, or a higher price, costs now would go over \
            a monthly limit; `details.scope` says whether the key's or the partner's.", body = crate::openapi::ErrorBody),
        (status = 404, description = "`not_found`: no such action.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`domain_unavailable`, `price_changed`, or `conflict` (`being_looked_at`: send it again in a \
            moment; `already_resolved`: `details` says with what, and what the domain is now; `not_in_the_making`, \
            `already_stopped`, `in_a_swap`).", body = crate::openapi::ErrorBody),
        (status = 503, description = "`provider_not_configured`: there is no registrar in the live environment.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(PathId(id): PathId<ActionId>, Once(call): Once<Full>) -> Answer {
    let loopback = call.app.lets_in_loopback(call.caller.environment);
    let resolution = call.body.read(Unknown::Refused, |fields| body::read(fields, loopback))?;
    let case = ResolveAction::confirmed(&call.app, &call.caller.scope, id, resolution, call.now.partner()).await;
    // Whoever has a link of it can follow that.
    let told = |view: view::Action| told::secret(told::ok(view));
    call.perform_prepared(case, move |done| told(view::Action::of(&done.value.action, &done.value.around))).await
}
