//! A registrar that follows the sandbox's names.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::consents::{ConsentSource, Told};
use app::{CatalogError, Looking, NameSource};
use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use model::domain::{Domain, DomainName, MailProvider, NameAnswer, Unavailable, Verdict};
use model::world::{Environment, World};

#[derive(Default)]
pub(crate) struct Names {
    sold: Mutex<HashSet<String>>,
    prices: Mutex<HashMap<String, i64>>,
    confirmations: AtomicUsize,
    meanwhile: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl Names {
    /// Lets somebody else buy a name.
    pub(crate) fn sell(&self, name: &str) {
        self.sold.lock().expect("not poisoned").insert(name.into());
    }

    /// Asks another price for a name than 1300 cents.
    pub(crate) fn price(&self, name: &str, cents: i64) {
        self.prices.lock().expect("not poisoned").insert(name.into(), cents);
    }

    /// Lets something happen while the registrar is asked the next time.
    pub(crate) fn meanwhile(&self, what: impl Future<Output = ()> + Send + 'static) {
        *self.meanwhile.lock().expect("not poisoned") = Some(what.boxed());
    }

    /// How often names were confirmed.
    pub(crate) fn confirmations(&self) -> usize {
        self.confirmations.load(Ordering::SeqCst)
    }

    fn verdict(&self, name: &DomainName, fresh: bool) -> Verdict {
        let label = name.first_label();
        assert!(!label.starts_with("panic-"), "asked to panic");
        let sold = self.sold.lock().expect("not poisoned").contains(name.as_str());
        for (beginning, reason) in [
            ("taken-", Unavailable::Taken),
            ("premium-", Unavailable::Premium),
            ("errored-", Unavailable::Errored),
            ("stale-", Unavailable::Stale),
        ] {
            if label.starts_with(beginning) {
                return Verdict::Not(reason);
            }
        }
        if sold || (fresh && label.starts_with("sold-")) {
            return Verdict::Not(Unavailable::Taken);
        }
        let mut usable_for = vec![MailProvider::Google, MailProvider::Microsoft];
        usable_for.truncate(if label.starts_with("team-") { 1 } else { 2 });
        let price_cents = self.prices.lock().expect("not poisoned").get(name.as_str()).copied().unwrap_or(1_300);
        Verdict::Buyable { price_cents, renewal_price_cents: 1_500, usable_for }
    }
}

impl ConsentSource for Names {
    fn page(&self, _: &Domain, _: MailProvider, _: Told<'_>) -> Option<String> {
        None
    }
}

#[async_trait]
impl NameSource for Names {
    async fn check(
        &self,
        world: &World,
        names: &[DomainName],
        looking: Looking<'_>,
    ) -> Result<Vec<NameAnswer>, CatalogError> {
        if world.environment() == Environment::Live {
            return Err(CatalogError::NotConfigured);
        }
        let fresh = looking != Looking::Browsing;
        self.confirmations.fetch_add(usize::from(fresh), Ordering::SeqCst);
        // Others get their turn, as they do while a real registrar thinks.
        tokio::task::yield_now().await;
        let meanwhile = self.meanwhile.lock().expect("not poisoned").take();
        if let Some(meanwhile) = meanwhile {
            meanwhile.await;
        }
        if names.iter().any(|name| name.as_str() == "away.com") {
            return Err(CatalogError::Unreachable);
        }
        let least_years = |name: &DomainName| if name.as_str().ends_with(".ai") { 2 } else { 1 };
        let answer = |name: &DomainName| {
            let answer = NameAnswer::new(name.clone(), self.verdict(name, fresh));
            NameAnswer { least_years: least_years(name), ..answer }
        };
        Ok(names.iter().map(answer).collect())
    }
}
