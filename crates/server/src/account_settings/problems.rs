//! What is wrong with what the configuration says of accounts, before any of them is opened.

use std::collections::BTreeMap;

use model::id::{Id as _, PartnerId};
use model::role::Role;
use providers::all::KINDS;
use providers::kind::Kind;
use providers::roster::NOBODY;

use super::{AccountConfig, CastConfig, FieldValue, LiveConfig, RegistrantConfig};

/// The accounts by their names.
pub(super) type Accounts = BTreeMap<String, AccountConfig>;

/// Names that mean something else where accounts are named.
const TAKEN: [&str; 3] = [providers::all::sim::ACCOUNT, NOBODY, "all"];

/// A kind of account by its name.
pub(crate) fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.descriptor.name == name)
}

/// Everything that is wrong, each sentence beginning with its setting.
pub(crate) fn problems(accounts: &Accounts, live: &LiveConfig, cast: &CastConfig) -> Vec<String> {
    let mut problems = vec![];
    for (name, account) in accounts {
        let key = format!("accounts.{name}");
        if let Some(fault) = name_fault(name) {
            problems.push(format!("{key} {fault}"));
        }
        problems.extend(of_account(account).into_iter().map(|problem| format!("{key}.{problem}")));
    }
    problems.extend(of_live(accounts, live));
    problems.extend(cast.problems(accounts));
    problems
}

fn name_fault(name: &str) -> Option<&'static str> {
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    if TAKEN.contains(&name) {
        return Some("has a name that means something else; choose another");
    }
    let is_name = (1..=40).contains(&name.len()) && name.bytes().all(fine);
    (!is_name).then_some("has a name that is none; use up to 40 of a-z, 0-9, - and _")
}

fn of_account(account: &AccountConfig) -> Vec<String> {
    let Some(kind) = kind(&account.kind) else {
        let known: Vec<_> = KINDS.iter().map(|kind| kind.descriptor.name).collect();
        return vec![format!("kind = {:?} is none that there is; there are: {}", account.kind, known.join(", "))];
    };
    let mut problems = vec![];
    for field in kind.descriptor.fields {
        match account.fields.get(field.key) {
            None if field.optional => {}
            None => problems.push(format!("{} is missing: {}", field.key, field.label)),
            Some(FieldValue::Kept(_)) if !field.secret => {
                problems.push(format!("{} is no secret; write it as it is", field.key));
            }
            Some(FieldValue::Kept(_)) => {}
            // What was written may be the secret.
            Some(_) if field.secret => problems.push(format!(
                "{} is a secret and stands in the configuration; write {{ file = \"…\" }}, {{ env = \"…\" }} or {{ credential = \"…\" }}",
                field.key
            )),
            Some(_) => {}
        }
    }
    let known = |key: &String| kind.descriptor.fields.iter().any(|field| field.key == key);
    let unknown = account.fields.keys().filter(|key| !known(key));
    let fields: Vec<_> = kind.descriptor.fields.iter().map(|field| field.key).collect();
    problems.extend(unknown.map(|key| format!("{key} is no field of {}; it has: {}", account.kind, fields.join(", "))));
    let amounts = [
        ("most_domains", account.most_domains),
        ("most_users", account.most_users),
        ("seat_cents", account.seat_cents),
        ("day_cap_cents", account.day_cap_cents),
        ("month_cap_cents", account.month_cap_cents),
    ];
    let negative = amounts.into_iter().filter(|(_, amount)| amount.is_some_and(|amount| amount < 0));
    problems.extend(negative.map(|(key, _)| format!("{key} is below 0")));
    problems
}

fn of_live(accounts: &Accounts, live: &LiveConfig) -> Vec<String> {
    let mut problems = vec![];
    for role in Role::ALL {
        for name in live.of(*role) {
            problems
                .extend(of_entrant(accounts, live, *role, name).map(|fault| format!("live.{} {fault}", role.as_str())));
        }
    }
    if live.margin_percent < 0 || live.margin_percent > 1_000 {
        problems.push(format!("live.margin_percent = {} is out of range; use 0 to 1000", live.margin_percent));
    }
    let amounts = [
        ("margin_cents", live.margin_cents, "what is added to the registrar's price, be it 0"),
        ("day_cap_cents", live.day_cap_cents, "the most that may be spent in a day"),
        ("month_cap_cents", live.month_cap_cents, "the most that may be spent in a month"),
    ];
    for (key, amount, what) in amounts {
        match amount.cents() {
            None if live.plays() => {
                problems.push(format!("live.{key} is unset; before anything is bought, set {what}"))
            }
            Some(cents) if cents < 0 => problems.push(format!("live.{key} is below 0")),
            None | Some(_) => {}
        }
    }
    problems.extend(of_registrant("live.registrant", &live.registrant));
    for (partner, registrant) in &live.registrants {
        if !is_partner(partner) {
            problems.push(format!("live.registrants names {partner:?}, {NO_PARTNER}"));
        }
        problems.extend(of_registrant(&format!("live.registrants.{partner}"), registrant));
    }
    problems
}

/// What stands against an account in a role for live keys.
fn of_entrant(accounts: &Accounts, live: &LiveConfig, role: Role, name: &str) -> Option<String> {
    let is_sandbox = accounts.get(name).is_some_and(|account| account.sandbox);
    let of_sandbox = || is_sandbox.then(|| format!("names {name:?}, which is an account of the vendor's sandbox"));
    entrant_fault(accounts, live.of(role), role, name).or_else(of_sandbox)
}

/// What stands against an account in a role, for whomever; `all` are those that were named for it.
pub(super) fn entrant_fault(accounts: &Accounts, all: &[String], role: Role, name: &str) -> Option<String> {
    let Some(account) = accounts.get(name) else {
        return Some(format!("names {name:?}, and there is no [accounts.{name}]"));
    };
    if all.iter().filter(|one| *one == name).count() > 1 {
        return Some(format!("names {name:?} twice"));
    }
    let kind = kind(&account.kind)?;
    let plays = kind.descriptor.roles.contains(&role);
    (!plays).then(|| format!("names {name:?}; {} cannot be that", kind.descriptor.title))
}

/// What is wrong with the name of a partner that can be none.
pub(super) const NO_PARTNER: &str = "which is no partner's id; `mailwright partners list` has them (org_…)";

/// Whether a partner can have this id.
pub(super) fn is_partner(text: &str) -> bool {
    let rest = text.strip_prefix(PartnerId::PREFIX).and_then(|rest| rest.strip_prefix('_'));
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn of_registrant(key: &str, said: &RegistrantConfig) -> Vec<String> {
    let contact = said.contact();
    let problems = contact.map(|contact| contact.problems()).unwrap_or_default();
    problems.into_iter().map(|(field, fault)| format!("{key}.{field} {fault}")).collect()
}

/// The roles that no account plays for live keys.
pub(crate) fn not_played(live: &LiveConfig) -> Vec<Role> {
    Role::ALL.iter().copied().filter(|role| *role != Role::Observer && live.of(*role).is_empty()).collect()
}
