//! `mailwright keys`.

use clap::{Subcommand, ValueEnum};
use model::change::Change;
use model::partner::{ApiKey, Preset};
use model::world::Environment;
use serde_json::json;

use super::admin::Desk;
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
        Action::Create { partner, environment, preset } => {
            let partner = desk.partner(partner).await?;
            let (record, key) = desk.make_key(&partner, environment_of(*environment), preset_of(*preset)).await?;
            let value = json!({
                "id": record.id,
                "key": key,
                "environment": record.environment,
                "preset": record.preset,
                "partner_id": record.partner,
            });
            out::either(common.format, &value, || {
                format!("{key}\n\nThis is the only time the key is shown. Its record is {}.", record.id)
            });
            Ok(())
        }
        Action::List { partner } => list(&desk, partner.as_deref(), common).await,
        Action::Revoke { id } => revoke(&desk, id, common).await,
    }
}

async fn list(desk: &Desk, partner: Option<&str>, common: &Common) -> Result<(), Fail> {
    let partner = match partner {
        Some(text) => Some(desk.partner(text).await?.id),
        None => None,
    };
    let keys = store::keys::list(&mut desk.store.read().await?, partner.as_ref()).await?;
    let row = |one: &ApiKey| {
        json!({
            "id": one.id,
            "partner_id": one.partner,
            "environment": one.environment,
            "preset": one.preset,
            "hint": one.hint,
            "created_at": one.created_at,
            "revoked_at": one.revoked_at,
        })
    };
    let values: Vec<_> = keys.iter().map(row).collect();
    out::either(common.format, &values, || {
        let rows = keys.iter().map(|one| {
            let state = one.revoked_at.map_or_else(|| "in use".to_owned(), |at| format!("revoked {at}"));
            let shown = format!("pk_{}_…{}", one.environment.as_str(), one.hint);
            vec![one.id.to_string(), shown, one.preset.as_str().into(), one.partner.to_string(), state]
        });
        out::table(&["ID", "KEY", "PRESET", "PARTNER", "STATE"], rows.collect())
    });
    Ok(())
}

async fn revoke(desk: &Desk, id: &str, common: &Common) -> Result<(), Fail> {
    let keys = store::keys::list(&mut desk.store.read().await?, None).await?;
    let Some(key) = keys.into_iter().find(|key| key.id.to_string() == id) else {
        return Err(Fail::refused(format!("there is no key {id}; `mailwright keys list` shows them")));
    };
    let revoked_at = key.revoked_at.unwrap_or_else(|| desk.now());
    if key.revoked_at.is_none() {
        let mut change = Change::default();
        change.keys.update.push(ApiKey { revoked_at: Some(revoked_at), ..key });
        desk.write(change).await?;
    }
    let value = json!({ "id": id, "revoked_at": revoked_at });
    out::either(common.format, &value, || format!("Key {id} is revoked; requests with it are refused from now on."));
    Ok(())
}
