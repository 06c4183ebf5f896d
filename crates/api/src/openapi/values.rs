//! What the values of an enumeration mean, beside its description.

use std::fmt::Write as _;

use model::action::ActionReason;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};

/// The values of a schema, each with what it means.
type Meanings = (&'static str, &'static [(&'static str, &'static str)]);

const MEANINGS: &[Meanings] = &[
    (
        "ActionType",
        &[
            ("google_profile_picture", "a persona's picture cannot be used"),
            ("nameservers", "an imported name does not use our nameservers"),
            ("sequencer_login", "the sequencer refuses the login"),
            ("registration", "the name cannot be bought as it is"),
            ("mail_provider", "something has to be done at the mail provider"),
            ("forwarding", "the address to forward to cannot be used"),
        ],
    ),
    (
        "CheckName",
        &[
            ("mx", "who receives the domain's mail"),
            ("spf", "which servers may send mail of the domain"),
            ("dkim", "the keys that its mail is signed with"),
            ("dmarc", "what receivers are to do with other mail"),
            ("mailboxes", "whether the mail provider has the mailboxes"),
            ("sequencer", "whether the sequencer gets into them, to send and to read"),
            ("first_mail", "what the receiver of a first mail has found, where the operator has one sent"),
        ],
    ),
    (
        "ConsentStatus",
        &[
            ("waiting", "nobody has answered yet"),
            ("checking", "the owner said yes, and it is looked whether that lets anybody in"),
            ("granted", "it lets the sequencer in: the inbox is being linked"),
            ("declined", "the owner said no; the link can be opened again"),
            ("wrong_account", "it was given for another account than the inbox, and was not taken"),
            ("incomplete", "it leaves out something that was asked for"),
            ("lapsed", "the mail provider gave nothing for it, or does not let it in any more"),
        ],
    ),
    (
        "AccessKind",
        &[
            ("oauth", "the inbox's owner has consented to the operator's application"),
            ("password", "an app password that was sent for it"),
        ],
    ),
    (
        "NoPassword",
        &[
            (
                "held_by_consent",
                "its owner has let the operator's application in, which is worth nothing to another one",
            ),
            ("not_given", "nobody has sent one"),
            ("deleted", "the inbox is gone"),
        ],
    ),
    (
        "DomainStatus",
        &[
            ("available", "in your inventory, free for an order"),
            ("pending", "ordered; nothing has begun"),
            ("registering", "being bought"),
            ("configuring", "DNS and the mail domain are being set up"),
            ("provisioning", "inboxes are being made"),
            ("connecting", "inboxes are being linked to the sequencer"),
            ("active", "everything works"),
            ("action_required", "waits for somebody: see the pending action"),
            ("failed", "given up; what was not delivered is credited"),
            ("retiring", "kept warm after a premium swap"),
            ("releasing", "leaving its order"),
            ("released", "gone from its order; a name that you bought has a new entry in your inventory"),
        ],
    ),
    (
        "ImportReason",
        &[
            ("invalid", "not a domain name"),
            ("not_root", "a subdomain or a public suffix; send the name that is registered"),
            ("not_registered", "nobody has registered it; it can be bought"),
            ("already_imported", "it is in your inventory or in an order already"),
            ("live_mail", "mail is received at it now; send `\"replace_live_mail\": true` to go on"),
            ("signed", "its zone is signed (DNSSEC): have the DS record removed at the registrar, and import it again"),
            (
                "locked",
                "its registrar or registry lets nobody change it: have the lock taken off at the registrar, and import it again",
            ),
            (
                "suspended",
                "its registry has it on hold, or about to be deleted, restored or moved: have that mended at the registrar, and import it again",
            ),
            ("zone_refused", "the DNS host does not take it; ask the operator"),
        ],
    ),
    (
        "TimelineStepState",
        &[
            ("pending", "its turn has not come"),
            ("running", "it is being tried, or is the next thing that is"),
            ("waiting", "it is tried or looked at again by itself, at `next_try_at`"),
            ("asking", "it waits for an answer to the pending action `action_id`"),
            ("done", "it is done"),
            ("failed", "it was given up; `trouble` says why"),
            ("skipped", "the run ended without it"),
        ],
    ),
    (
        "Unavailable",
        &[
            ("taken", "somebody has it"),
            ("premium", "the registry wants a premium price, which is never paid"),
            ("invalid", "not a name that can be registered: a subdomain, a public suffix, a bad label"),
            ("errored", "the registrar failed for this name; ask again"),
            ("stale", "the answer is old and a fresh one has not come in time; ask again"),
        ],
    ),
];

/// Adds to the description of an enumeration what each of its values means.
pub(super) fn explain(document: &mut OpenApi) {
    for (name, values) in MEANINGS {
        append(document, name, values.iter().copied());
    }
    let reasons = ActionReason::ALL.iter().map(|reason| (reason.as_str(), reason.sentence()));
    append(document, "ActionReason", reasons);
}

fn append<'a>(document: &mut OpenApi, name: &str, values: impl Iterator<Item = (&'a str, &'a str)>) {
    let schemas = &mut document.components.get_or_insert_default().schemas;
    let Some(RefOr::T(Schema::Object(object))) = schemas.get_mut(name) else { return };
    let mut text = object.description.take().unwrap_or_default();
    text.push('\n');
    for (value, meaning) in values {
        // Writing to a text cannot fail.
        let _ = write!(text, "\n- `{value}`: {meaning}");
    }
    object.description = Some(text);
}
