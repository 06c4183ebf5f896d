//! Partners.

use model::audit::Act;
use model::change::Change;
use model::id::PartnerId;
use model::money::Cents;
use model::order::Dkim;
use model::partner::{Partner, Tier};
use model::refusal::{Code, Fault};
use model::secret::Secret;
use model::shown::is_hidden;
use store::{Failure, Halt, partners};

use super::{Did, Operator};

/// A partner that is wanted.
#[derive(Clone, Debug)]
pub struct NewPartner {
    /// 1 to 120 characters, unique in the installation.
    pub name: String,
    /// Decides the premium swap quota.
    pub tier: Tier,
    /// The most that its orders may cost in a calendar month, in each environment.
    pub spend_limit_cents: Option<Cents>,
}

/// What a partner should be; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct PartnerWish {
    /// The tier.
    pub tier: Option<Tier>,
    /// The limit, or that there is none.
    pub spend_limit_cents: Option<Option<Cents>>,
    /// The API key at the sequencer, or that there is none.
    pub sequencer_key: Option<Option<Secret>>,
    /// Whether what is found to be wrong with its domains is put right.
    pub is_mended: Option<bool>,
    /// Whether its orders wait for mail to be signed, where they do not say it.
    pub dkim: Option<Dkim>,
}

impl Operator {
    /// Makes a partner.
    ///
    /// # Errors
    /// `invalid_request` for a name that cannot be one, `already_exists` for one that is taken.
    pub async fn create_partner(&self, wanted: NewPartner) -> Result<Partner, Failure> {
        let name = wanted.name.trim();
        if name.is_empty() || name.chars().count() > 120 || name.contains(is_hidden) {
            let message =
                "a partner's name has 1 to 120 characters, without control characters and marks of writing direction";
            return Err(Fault::invalid("name", message).into());
        }
        if partners::by_id_or_name(&mut self.store.read().await?, name).await?.is_some() {
            let message = format!("there is a partner {name:?} already; choose another name");
            return Err(Fault::new(Code::AlreadyExists, message).at("name").into());
        }
        let NewPartner { tier, spend_limit_cents, .. } = wanted;
        let partner = Partner { tier, spend_limit_cents, ..Partner::new(self.ids.next(), name, self.now()) };
        let made = partner.clone();
        self.decide(move |_, _| {
            let mut change = Change::default();
            change.partners.insert.push(made.clone());
            let did = did(Act::PartnerCreate, &made);
            Box::pin(async move { Ok((change, did, ())) })
        })
        .await?;
        Ok(partner)
    }

    /// Changes a partner that is there.
    ///
    /// # Errors
    /// What goes wrong in the store.
    pub async fn change_partner(&self, id: PartnerId, wish: PartnerWish) -> Result<Partner, Failure> {
        self.decide(move |tx, _| {
            let (id, wish) = (id.clone(), wish.clone());
            Box::pin(async move {
                let partner = partners::get(tx, &id).await?.ok_or(Halt::Clash)?;
                let tier = wish.tier.unwrap_or(partner.tier);
                let spend_limit_cents = wish.spend_limit_cents.unwrap_or(partner.spend_limit_cents);
                let sequencer_key = wish.sequencer_key.unwrap_or_else(|| partner.sequencer_key.clone());
                let is_mended = wish.is_mended.unwrap_or(partner.is_mended);
                let dkim = wish.dkim.unwrap_or(partner.dkim);
                let partner = Partner { tier, spend_limit_cents, sequencer_key, is_mended, dkim, ..partner };
                let mut change = Change::default();
                change.partners.update.push(partner.clone());
                Ok((change, did(Act::PartnerChange, &partner), partner))
            })
        })
        .await
    }
}

fn did(act: Act, partner: &Partner) -> Did {
    Did { act, partner: Some(partner.id.clone()), environment: None, subject: None }
}
