//! What the account was charged, as its invoices tell it.

use model::domain::DomainName;
use model::intent::IntentKind;

use super::wire::{Charge, ChargeItem, Page};
use super::{Dnsimple, done};
use crate::dollars;
use crate::roles::Charged;
use crate::trouble::Trouble;
use crate::vendor::Method;

/// As many charges as one page has.
const PER_PAGE: u64 = 100;
/// More pages than an account has, whatever the vendor says.
const MOST_PAGES: u64 = 1_000;

impl Dnsimple {
    /// Everything that was charged for names and has not been given back.
    pub(super) async fn charged(&self) -> Result<Vec<Charged>, Trouble> {
        let (mut all, mut page) = (vec![], 1);
        loop {
            let request = self.request("list_charges", Method::Get, &["billing", "charges"]);
            let request = request.query("per_page", PER_PAGE.to_string()).query("page", page.to_string());
            let read: Page<Charge> = done(&self.call(request).await?)?;
            let kept = read.data.iter().filter(|charge| !matches!(charge.state.as_str(), "refunded" | "failed"));
            all.extend(kept.flat_map(Charge::charged));
            if page >= read.pagination.total_pages.min(MOST_PAGES) {
                return Ok(all);
            }
            page += 1;
        }
    }
}

impl Charge {
    fn charged(&self) -> Vec<Charged> {
        let of = |item: &ChargeItem| {
            let what = item.product_type.strip_prefix("domain-")?;
            let name = DomainName::parse(item.product_reference.as_deref()?).ok()?;
            let cents = dollars::cents(&item.amount).filter(|cents| *cents > 0)?;
            Some(Charged { name, kind: kind(what), cents, at: self.invoiced_at, vendor_id: self.reference.clone() })
        };
        self.items.iter().filter_map(of).collect()
    }
}

fn kind(what: &str) -> Option<IntentKind> {
    match what {
        "registration" => Some(IntentKind::Register),
        "renewal" => Some(IntentKind::Renew),
        _ => None,
    }
}
