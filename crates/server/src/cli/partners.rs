//! `mailwright partners`.

use clap::{Subcommand, ValueEnum};
use model::change::Change;
use model::partner::{Partner, Tier};
use serde_json::json;

use super::admin::Desk;
use super::{Common, Fail, out};

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Make a partner
    Create {
        /// Its name, unique in this installation
        #[arg(long)]
        name: String,
        /// Decides the premium swap quota
        #[arg(long, value_enum, default_value_t = TierName::Base)]
        tier: TierName,
    },
    /// List the partners
    List,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum TierName {
    Base,
    Premium,
    Vip,
    VipPlus,
}

pub(super) async fn run(action: &Action, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    match action {
        Action::Create { name, tier } => {
            let partner = create(&desk, name, tier_of(*tier)).await?;
            let value = json!({ "id": partner.id, "name": partner.name });
            out::either(common.format, &value, || format!("Partner {} is {}.", partner.name, partner.id));
        }
        Action::List => list(&desk, common).await?,
    }
    Ok(())
}

/// Makes a partner with a name of its own.
pub(super) async fn create(desk: &Desk, name: &str, tier: Tier) -> Result<Partner, Fail> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
        return Err(Fail::refused("a partner's name has 1 to 120 characters"));
    }
    if store::partners::by_id_or_name(&mut desk.store.read().await?, name).await?.is_some() {
        return Err(Fail::refused(format!("there is a partner {name:?} already; choose another name")));
    }
    let partner = Partner {
        id: desk.ids.next(),
        name: name.to_owned(),
        tier,
        test_epoch: 1,
        test_offset: 0,
        spend_limit_cents: None,
        created_at: desk.now(),
        version: 1,
    };
    let mut change = Change::default();
    change.partners.insert.push(partner.clone());
    desk.write(change).await?;
    Ok(partner)
}

async fn list(desk: &Desk, common: &Common) -> Result<(), Fail> {
    let partners = store::partners::all(&mut desk.store.read().await?).await?;
    let row = |one: &Partner| json!({ "id": one.id, "name": one.name, "tier": one.tier.as_str(), "created_at": one.created_at });
    let values: Vec<_> = partners.iter().map(row).collect();
    out::either(common.format, &values, || {
        let rows = partners.iter().map(|one| {
            vec![one.id.to_string(), one.name.clone(), one.tier.as_str().into(), one.created_at.to_string()]
        });
        out::table(&["ID", "NAME", "TIER", "SINCE"], rows.collect())
    });
    Ok(())
}

const fn tier_of(name: TierName) -> Tier {
    match name {
        TierName::Base => Tier::Base,
        TierName::Premium => Tier::Premium,
        TierName::Vip => Tier::Vip,
        TierName::VipPlus => Tier::VipPlus,
    }
}
