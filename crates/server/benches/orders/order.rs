//! The one order that is placed again and again: as a request, and as what the store is asked to write.

use model::domain::{DomainName, MailProvider, NameAnswer, Verdict};
use model::order::{Placing, SequencerLogin, Size, UserRef, Wanted};
use model::persona::Persona;
use model::secret::Secret;
use serde_json::json;

const CUSTOMER: &str = "alex@acme.com";
const LOGIN: &str = "bench@example.com";
const PASSWORD: &str = "not-a-real-password";
const TARGET: &str = "https://acme.com";
const PEOPLE: [(&str, &str); 2] = [("Alex", "Rivera"), ("Sam", "Lee")];

/// Google inboxes on one domain.
const INBOXES: usize = 2;

/// How many of so many domains are Google's and Microsoft's: 1 + 1, 15 + 4, 80 + 20.
const fn split(domains: usize) -> (usize, usize) {
    let microsoft = (domains + 3) / 5;
    (domains - microsoft, microsoft)
}

/// Names that nobody else orders, all of one length.
fn names(domains: usize, stamp: &str) -> impl Iterator<Item = String> {
    (0..domains).map(move |n| format!("bench-{stamp}-{n:03}.com"))
}

/// Ten digits that tell one order from every other.
pub(crate) fn stamp(number: u64) -> String {
    format!("{number:010}")
}

/// The body of `POST /orders`.
pub(crate) fn body(domains: usize, stamp: &str) -> String {
    let (google, microsoft) = split(domains);
    let personas =
        PEOPLE.map(|(first, last)| json!({ "first_name": first, "last_name": last, "profile_picture_url": "" }));
    json!({
        "user": CUSTOMER,
        "google_licenses": google * INBOXES,
        "microsoft_licenses": microsoft,
        "sequencer": { "provider": "smartlead", "login_email": LOGIN, "login_password": PASSWORD },
        "domains": names(domains, stamp).collect::<Vec<_>>(),
        "personas": personas,
        "forwarding_url": TARGET,
    })
    .to_string()
}

/// The same order as the API would have read it.
pub(crate) fn placing(domains: usize, stamp: &str) -> Placing {
    let (google, microsoft) = split(domains);
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let persona = |(first, last): (&str, &str)| Persona {
        first_name: first.into(),
        last_name: last.into(),
        profile_picture_url: Some(String::new()),
        addresses: vec![],
    };
    let wanted = |name| Wanted { name: DomainName::stored(name), forwarding_url: None, provider: None };
    Placing {
        user: Some(UserRef::Email(CUSTOMER.into())),
        size: Size::Licenses {
            google: number(google * INBOXES),
            microsoft: number(microsoft),
            google_inboxes_per_domain: number(INBOXES),
        },
        sequencer: Some(SequencerLogin {
            client_id: None,
            provider: model::order::SequencerProvider::Smartlead,
            login_email: Some(LOGIN.into()),
            login_password: Some(Secret::plain(PASSWORD)),
            api_key: None,
        }),
        domains: names(domains, stamp).map(wanted).collect(),
        personas: PEOPLE.into_iter().map(persona).collect(),
        forwarding_url: Some(TARGET.into()),
        max_total_cents: None,
        quote_id: None,
        reference: None,
        metadata: [].into(),
        dkim: None,
    }
}

/// What the sandbox's registrar says about names that nobody has.
pub(crate) fn answers(placing: &Placing) -> Vec<NameAnswer> {
    let verdict = Verdict::Buyable {
        price_cents: 1300,
        renewal_price_cents: 1500,
        usable_for: vec![MailProvider::Google, MailProvider::Microsoft],
    };
    placing.domains.iter().map(|one| NameAnswer::new(one.name.clone(), verdict.clone())).collect()
}
