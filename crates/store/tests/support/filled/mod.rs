//! A row of every table, each field with a value of its own. No field is left to a default: a new one does not compile
//! until it is here.

use model::bundle::{Bundle, BundleStatus, Terms};
use model::delivery::{DisabledReason, Endpoint};
use model::domain::MailProvider;
use model::event::EventKind;
use model::order::{Dkim, Need};
use model::partner::{ApiKey, Partner, Preset, Tier};
use model::persona::Persona;
use model::quote::{Held, Quote, QuotedCost, QuotedName};
use model::secret::Secret;
use model::user::{User, UserStatus};
use model::world::Environment;

pub(crate) mod ordered;
pub(crate) mod worked;

use super::fill::{Fill, Values};

pub(crate) fn partner(fill: &Fill) -> Partner {
    let (fixed, new) = fill.values();
    Partner {
        id: fixed.id(),
        name: fixed.text(),
        tier: new.pick(Tier::Vip, Tier::VipPlus),
        test_epoch: new.number(),
        test_offset: new.number(),
        spend_limit_cents: Some(new.number()),
        sequencer_key: Some(Secret::plain(new.text())),
        is_mended: new.pick(false, true),
        dkim: new.pick(Dkim::Later, Dkim::Required),
        created_at: fixed.time(),
        version: fill.version(),
    }
}

pub(crate) fn api_key(fill: &Fill) -> ApiKey {
    let (fixed, new) = fill.values();
    ApiKey {
        id: fixed.id(),
        partner: fixed.id(),
        environment: Environment::Live,
        preset: Preset::Limited,
        hash: fixed.text(),
        hint: fixed.text(),
        spend_limit_cents: Some(new.number()),
        rate_per_minute: Some(new.number()),
        created_at: fixed.time(),
        revoked_at: Some(new.time()),
        version: fill.version(),
    }
}

pub(crate) fn endpoint(fill: &Fill) -> Endpoint {
    let (fixed, new) = fill.values();
    Endpoint {
        id: fixed.id(),
        partner: fixed.id(),
        environment: Environment::Live,
        url: new.text(),
        events: Some(vec![new.pick(EventKind::OrderFailed, EventKind::SwapFailed)]),
        disabled: new.pick(Some(DisabledReason::Gone), None),
        from_cli: true,
        secret: Secret::plain(new.text()),
        old_secret: Some(Secret::plain(new.text())),
        old_secret_until: Some(new.time()),
        failing_since: Some(new.time()),
        created_at: fixed.time(),
        version: fill.version(),
    }
}

pub(crate) fn user(fill: &Fill) -> User {
    let (fixed, new) = fill.values();
    User {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        email: new.text(),
        email_folded: new.text(),
        first_name: Some(new.text()),
        last_name: Some(new.text()),
        client_id: Some(new.number()),
        sequencer_key: Some(Secret::plain(new.text())),
        status: new.pick(UserStatus::Active, UserStatus::Deleted),
        created_at: fixed.time(),
        version: fill.version(),
    }
}

pub(crate) fn bundle(fill: &Fill) -> Bundle {
    let (fixed, new) = fill.values();
    Bundle {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        terms: Terms {
            name: new.text(),
            monthly_sending_volume: new.number(),
            google_percent: Some(new.number()),
            send_on_weekends: new.pick(true, false),
            google_inboxes_per_domain: new.number(),
        },
        status: new.pick(BundleStatus::Archived, BundleStatus::Active),
        created_at: fixed.time(),
        version: fill.version(),
    }
}

pub(crate) fn quote(fill: &Fill) -> Quote {
    let (fixed, _) = fill.values();
    Quote {
        id: fixed.id(),
        partner: fixed.id(),
        world: fixed.world(),
        total_cents: fixed.number(),
        key: Some(fixed.id()),
        names: vec![QuotedName {
            name: fixed.name(),
            cost: Some(QuotedCost { first_cents: fixed.number(), renewal_cents: fixed.number() }),
            provider: Some(MailProvider::Microsoft),
            account: Some("account".to_owned()),
        }],
        held: Held {
            need: Some(Need {
                google_licenses: fixed.number(),
                google_domains: fixed.number(),
                microsoft_domains: fixed.number(),
                google_inboxes_per_domain: fixed.number(),
            }),
            google_license_cents: fixed.number(),
            microsoft_license_cents: fixed.number(),
            domain_margin_cents: fixed.number(),
            domain_margin_percent: fixed.number(),
        },
        expires_at: fixed.time(),
        created_at: fixed.time(),
    }
}

fn persona(values: &Values<'_>) -> Persona {
    Persona {
        first_name: values.text(),
        last_name: values.text(),
        profile_picture_url: Some(values.text()),
        addresses: vec![values.text()],
    }
}
