//! `mailwright partners`.

use std::path::{Path, PathBuf};

use app::operator::{NewPartner, PartnerWish};
use clap::{ArgGroup, Subcommand, ValueEnum};
use model::order::Dkim;
use model::partner::{Partner, Tier};
use model::secret::Secret;
use serde_json::json;
use store::file_modes;

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
        /// A file with an API key at the usual sequencer, for orders that bring none; an empty file takes it away
        #[arg(long, value_name = "FILE", group = "change")]
        sequencer_key_file: Option<PathBuf>,
        /// Whether what is found to be wrong with its domains later is put right, or only told
        #[arg(long, value_enum, group = "change")]
        mending: Option<Switch>,
        /// Whether its orders wait until mail is signed, where only a person can have that done; an order may say otherwise
        #[arg(long, value_enum, group = "change")]
        dkim: Option<DkimName>,
    },
    /// List the partners
    List,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Switch {
    On,
    Off,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum DkimName {
    Required,
    Later,
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
        Action::Set { partner, tier, spend_limit, sequencer_key_file, mending, dkim } => {
            let id = desk.partner(partner).await?.id;
            let spend_limit_cents = spend_limit.map(|limit| limit.0);
            let sequencer_key = sequencer_key_file.as_deref().map(key).transpose()?;
            let is_mended = mending.map(|switch| switch == Switch::On);
            let dkim = dkim.map(|name| match name {
                DkimName::Required => Dkim::Required,
                DkimName::Later => Dkim::Later,
            });
            let wish = PartnerWish { tier: tier.map(tier_of), spend_limit_cents, sequencer_key, is_mended, dkim };
            let partner = desk.change_partner(id, wish).await?;
            out::either(common.format, &row(&partner), || format!("Partner {} is changed.", partner.name))
        }
        Action::List => list(&desk, common).await,
    }
}

/// Makes a partner with a name of its own and no spend limit.
pub(super) async fn create(desk: &Desk, name: &str, tier: Tier) -> Result<Partner, Fail> {
    Ok(desk.create_partner(NewPartner { name: name.to_owned(), tier, spend_limit_cents: None }).await?)
}

/// The key in a file; none in an empty one.
fn key(file: &Path) -> Result<Option<Secret>, Fail> {
    let text = file_modes::read_secret(file);
    let text = text.map_err(|error| Fail::refused(format!("{} cannot be read: {error}", file.display())))?;
    let key = text.trim();
    if key.len() > 500 || key.contains(|one: char| !one.is_ascii_graphic()) {
        let file = file.display();
        return Err(Fail::refused(format!("{file} holds no API key: that is one word of at most 500 characters")));
    }
    Ok((!key.is_empty()).then(|| Secret::plain(key)))
}

fn row(one: &Partner) -> serde_json::Value {
    json!({
        "id": one.id,
        "name": one.name,
        "tier": one.tier.as_str(),
        "spend_limit_cents": one.spend_limit_cents,
        "sequencer_key": one.sequencer_key.is_some(),
        "mending": one.is_mended,
        "dkim": one.dkim.as_str(),
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
