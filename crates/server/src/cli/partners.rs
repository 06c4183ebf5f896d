//! `mailwright partners`.

use app::operator::{NewPartner, PartnerWish};
use clap::{ArgGroup, Subcommand, ValueEnum};
use model::partner::{Partner, Tier};
use serde_json::json;

use super::admin::Desk;
use super::limit::{Limit, limit, shown};
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
        /// The most that its orders may cost in a calendar month, in each environment
        #[arg(long, value_name = "CENTS|none", value_parser = limit)]
        spend_limit: Option<Limit>,
    },
    /// Change a partner; what is not named stays
    #[command(group = ArgGroup::new("change").required(true).multiple(true))]
    Set {
        /// The partner's id or name
        #[arg(long)]
        partner: String,
        /// Decides the premium swap quota
        #[arg(long, value_enum, group = "change")]
        tier: Option<TierName>,
        /// The most that its orders may cost in a calendar month, in each environment
        #[arg(long, value_name = "CENTS|none", value_parser = limit, group = "change")]
        spend_limit: Option<Limit>,
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
        Action::Create { name, tier, spend_limit } => {
            let spend_limit_cents = spend_limit.and_then(|limit| limit.0);
            let wanted = NewPartner { name: name.clone(), tier: tier_of(*tier), spend_limit_cents };
            let partner = desk.create_partner(wanted).await?;
            let value = json!({ "id": partner.id, "name": partner.name });
            out::either(common.format, &value, || format!("Partner {} is {}.", partner.name, partner.id))
        }
        Action::Set { partner, tier, spend_limit } => {
            let id = desk.partner(partner).await?.id;
            let spend_limit_cents = spend_limit.map(|limit| limit.0);
            let partner = desk.change_partner(id, PartnerWish { tier: tier.map(tier_of), spend_limit_cents }).await?;
            out::either(common.format, &row(&partner), || format!("Partner {} is changed.", partner.name))
        }
        Action::List => list(&desk, common).await,
    }
}

/// Makes a partner with a name of its own and no spend limit.
pub(super) async fn create(desk: &Desk, name: &str, tier: Tier) -> Result<Partner, Fail> {
    Ok(desk.create_partner(NewPartner { name: name.to_owned(), tier, spend_limit_cents: None }).await?)
}

fn row(one: &Partner) -> serde_json::Value {
    json!({
        "id": one.id,
        "name": one.name,
        "tier": one.tier.as_str(),
        "spend_limit_cents": one.spend_limit_cents,
        "created_at": one.created_at,
    })
}

async fn list(desk: &Desk, common: &Common) -> Result<(), Fail> {
    let partners = store::partners::all(&mut desk.store.read().await?).await?;
    let values: Vec<_> = partners.iter().map(row).collect();
    out::either(common.format, &values, || {
        let rows = partners.iter().map(|one| {
            let (limit, since) = (shown(one.spend_limit_cents), one.created_at.to_string());
            vec![one.id.to_string(), one.name.clone(), one.tier.as_str().into(), limit, since]
        });
        out::table(&["ID", "NAME", "TIER", "SPEND LIMIT", "SINCE"], rows.collect())
    })
}

const fn tier_of(name: TierName) -> Tier {
    match name {
        TierName::Base => Tier::Base,
        TierName::Premium => Tier::Premium,
        TierName::Vip => Tier::Vip,
        TierName::VipPlus => Tier::VipPlus,
    }
}
