//! `mailwright keys`.

use std::collections::HashMap;

use app::operator::KeyWish;
use clap::{ArgGroup, Subcommand, ValueEnum};
use model::id::{Id, KeyId};
use model::partner::{ApiKey, Preset};
use model::world::Environment;
use serde_json::{Value, json};

use super::admin::Desk;
use super::limit::{Limit, limit, shown};
use super::{Common, Fail, out};

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Make a key and print it once
    Create {
        /// The partner's id or name
        #[arg(long)]
        partner: String,
        /// Which world the key speaks for
        #[arg(long, value_enum)]
        environment: EnvironmentName,
        /// What the key may do
        #[arg(long, value_enum, default_value_t = PresetName::Full)]
        preset: PresetName,
        /// The most that orders placed with it may cost in a calendar month
        #[arg(long, value_name = "CENTS|none", value_parser = limit)]
        spend_limit: Option<Limit>,
    },
    /// Change a key's limits; what is not named stays
    #[command(group = ArgGroup::new("change").required(true).multiple(true))]
    Set {
        /// The key's id, as `keys list` shows it
        #[arg(long)]
        key: String,
        /// The most that orders placed with it may cost in a calendar month
        #[arg(long, value_name = "CENTS|none", value_parser = limit, group = "change")]
        spend_limit: Option<Limit>,
        /// Requests a minute; 0 is no limit, none the configured default
        #[arg(long, value_name = "NUMBER|none", value_parser = limit, group = "change")]
        rate_limit: Option<Limit>,
    },
    /// List the keys; the keys themselves are not kept
    List {
        /// Only this partner's, by id or name
        #[arg(long)]
        partner: Option<String>,
    },
    /// Revoke a key at once
    Revoke {
        /// The key's id, as `keys list` shows it
        id: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum EnvironmentName {
    Test,
    Live,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum PresetName {
    Full,
    Limited,
    Read,
}

pub(super) const fn environment_of(name: EnvironmentName) -> Environment {
    match name {
        EnvironmentName::Test => Environment::Test,
        EnvironmentName::Live => Environment::Live,
    }
}

const fn preset_of(name: PresetName) -> Preset {
    match name {
        PresetName::Full => Preset::Full,
        PresetName::Limited => Preset::Limited,
        PresetName::Read => Preset::Read,
    }
}

pub(super) async fn run(action: &Action, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    match action {
        Action::Create { partner, environment, preset, spend_limit } => {
            let partner = desk.partner(partner).await?;
            let (environment, preset) = (environment_of(*environment), preset_of(*preset));
            let limit = spend_limit.and_then(|limit| limit.0);
            let new = desk.new_key(&partner, environment, preset, limit);
            let (record, key) = (&new.record, &new.key);
            let value = json!({
                "id": record.id,
                "key": key,
                "environment": record.environment,
                "preset": record.preset,
                "partner_id": record.partner,
            });
            out::either_secret(common.format, &value, || {
                format!("{key}\n\nThis is the only time the key is shown. Its record is {}.", record.id)
            })?;
            desk.put_in_force(new.prepared()).await
        }
        Action::Set { key, spend_limit, rate_limit } => {
            let key = set(&desk, key, *spend_limit, *rate_limit).await?;
            out::either(common.format, &row(&key), || format!("Key {} is changed.", key.id))
        }
        Action::List { partner } => list(&desk, partner.as_deref(), common).await,
        Action::Revoke { id } => revoke(&desk, id, common).await,
    }
}

fn row(one: &ApiKey) -> Value {
    json!({
        "id": one.id,
        "partner_id": one.partner,
        "environment": one.environment,
        "preset": one.preset,
        "hint": one.hint,
        "spend_limit_cents": one.spend_limit_cents,
        "rate_per_minute": one.rate_per_minute,
        "created_at": one.created_at,
        "revoked_at": one.revoked_at,
    })
}

async fn set(desk: &Desk, id: &str, spend: Option<Limit>, rate: Option<Limit>) -> Result<ApiKey, Fail> {
    let key = KeyId::opaque(id);
    if store::keys::get(&mut desk.store.read().await?, &key).await?.is_none() {
        return Err(no_key(id));
    }
    let wish = KeyWish { spend_limit_cents: spend.map(|limit| limit.0), rate_per_minute: rate.map(|limit| limit.0) };
    Ok(desk.change_key(key, wish).await?)
}

/// A key itself is never repeated: what is printed ends up in logs.
fn no_key(id: &str) -> Fail {
    Fail::refused(match id.starts_with("pk_") {
        true => "give the id of a key, key_…, and not the key itself; `mailwright keys list` shows the ids".to_owned(),
        false => format!("there is no key {id}; `mailwright keys list` shows them"),
    })
}

async fn list(desk: &Desk, partner: Option<&str>, common: &Common) -> Result<(), Fail> {
    let partner = match partner {
        Some(text) => Some(desk.partner(text).await?.id),
        None => None,
    };
    let keys = store::keys::list(&mut desk.store.read().await?, partner.as_ref()).await?;
    let values: Vec<_> = keys.iter().map(row).collect();
    let partners = store::partners::all(&mut desk.store.read().await?).await?;
    let names: HashMap<_, _> = partners.into_iter().map(|partner| (partner.id, partner.name)).collect();
    out::either(common.format, &values, || {
        let rows = keys.iter().map(|one| {
            let state = one.revoked_at.map_or_else(|| "in use".to_owned(), |at| format!("revoked {at}"));
            let hint = format!("pk_{}_…{}", one.environment.as_str(), one.hint);
            let rate = one.rate_per_minute.map_or_else(|| "default".to_owned(), |rate| rate.to_string());
            let limits = [shown(one.spend_limit_cents), rate];
            let name = names.get(&one.partner).cloned().unwrap_or_default();
            let first = [one.id.to_string(), hint, one.preset.as_str().into(), name];
            first.into_iter().chain(limits).chain([state]).collect()
        });
        out::table(&["ID", "KEY", "PRESET", "PARTNER", "SPEND LIMIT", "RATE", "STATE"], rows.collect())
    })
}

async fn revoke(desk: &Desk, id: &str, common: &Common) -> Result<(), Fail> {
    let keys = store::keys::list(&mut desk.store.read().await?, None).await?;
    let Some(key) = keys.into_iter().find(|key| key.id.to_string() == id) else {
        return Err(no_key(id));
    };
    let revoked_at = desk.revoke_key(key.id).await?.revoked_at;
    let value = json!({ "id": id, "revoked_at": revoked_at });
    out::either(common.format, &value, || format!("Key {id} is revoked; requests with it are refused from now on."))
}
