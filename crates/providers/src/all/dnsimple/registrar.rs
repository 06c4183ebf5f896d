//! DNSimple as a registrar.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use model::action::ActionReason;
use model::clock::{MINUTE, Time};
use model::domain::{DomainName, MailProvider, NameAnswer, Unavailable, Verdict};
use model::money::Cents;
use model::world::World;
use serde_json::json;

use super::wire::{Check, Data, Domain, Holding, Listed, Order, Page, Prices, cents};
use super::{Dnsimple, MAX_IN_FLIGHT, accepted, done, found};
use crate::call::Call;
use crate::delegation;
use crate::roles::{Bought, Charged, Holding as Held, Purpose, Registrar};
use crate::term::{self, LONGEST};
use crate::trouble::{Refused, Trouble, UnderWay};
use crate::vendor::{Answer, Method};

/// How soon an order that the registry has not confirmed is looked at again.
const LOOK_AGAIN: i64 = 15 * MINUTE;
/// How long somebody who chooses waits for the answer about one name.
const BROWSING: Duration = Duration::from_secs(15);

/// What a year of a name costs, in cents.
struct Price {
    first: Cents,
    further: Cents,
}

#[async_trait]
impl Registrar for Dnsimple {
    async fn check(&self, _world: &World, names: &[DomainName], _purpose: Purpose) -> Result<Vec<NameAnswer>, Trouble> {
        let verdict = async |name: &DomainName| (name.clone(), self.verdict(name).await);
        let verdicts: Vec<_> = stream::iter(names).map(verdict).buffer_unordered(MAX_IN_FLIGHT).collect().await;
        let answer = |(name, verdict)| match verdict {
            Ok(verdict) => Ok(NameAnswer::new(name, verdict)),
            // What the operator has to mend is not the name's fault.
            Err(Trouble::Misconfigured(words)) => Err(Trouble::Misconfigured(words)),
            Err(trouble) => Ok(NameAnswer::errored(name, trouble.until())),
        };
        verdicts.into_iter().map(answer).collect()
    }

    async fn ensure_registered(&self, call: &Call, max_cents: Cents) -> Result<Bought, Trouble> {
        let name = &call.subject;
        let known = self.domain(name).await?;
        if let Some(domain) = &known {
            match holding(domain)? {
                Holding::Registered(expires) => {
                    self.ensure_no_own_renewal(name, domain).await?;
                    return Ok(bought(domain, expires));
                }
                Holding::Ordered => return Err(under_way(call)),
                Holding::Hosted => {}
            }
        }
        let price = match self.verdict(name).await? {
            Verdict::Buyable { price_cents, .. } if price_cents <= max_cents => price_cents,
            Verdict::Buyable { .. } | Verdict::Not(Unavailable::Premium) => {
                return Err(ask(ActionReason::PriceChanged));
            }
            Verdict::Not(Unavailable::Taken) => return Err(ask(ActionReason::NameTaken)),
            Verdict::Not(Unavailable::Invalid) => return Err(ask(ActionReason::RegistrarRejected)),
            Verdict::Not(Unavailable::Errored | Unavailable::Stale) => return Err(Trouble::Later(None)),
        };
        let body = json!({ "registrant_id": self.registrant, "auto_renew": false });
        let path = ["registrar", "domains", name.as_str(), "registrations"];
        let answer = self.call(self.request("register", Method::Post, &path).body(body)).await?;
        if self.is_ordered(&answer)? {
            // The order is the vendor's word; the name in the account is the fact.
            let found = self.domain(name).await.ok().flatten();
            if let Some((domain, Holding::Registered(expires))) =
                found.and_then(|one| one.holding().map(|holding| (one, holding)))
            {
                return Ok(Bought { paid_cents: Some(price), ..bought(&domain, expires) });
            }
            return Err(under_way(call));
        }
        Err(ask(ActionReason::RegistrarRejected))
    }

    async fn registered(&self, call: &Call) -> Result<Option<Bought>, Trouble> {
        let Some(domain) = self.domain(&call.subject).await? else { return Ok(None) };
        match holding(&domain)? {
            Holding::Registered(expires) => Ok(Some(bought(&domain, expires))),
            Holding::Ordered => Err(under_way(call)),
            Holding::Hosted => Ok(None),
        }
    }

    async fn ensure_renewed(&self, call: &Call, beyond: Time, max_cents: Cents) -> Result<Bought, Trouble> {
        let name = &call.subject;
        let expires = self.ours(name).await?;
        if expires > beyond {
            return Ok(Bought::until(expires));
        }
        let Some(years) = term::missing(expires, beyond, 1, call.now) else {
            let words = format!("{name} cannot be renewed for more than {LONGEST} years ahead.");
            return Err(Trouble::Refused(Refused::ForGood(words)));
        };
        let price = self.price(name).await?.further;
        if price.saturating_mul(years) > max_cents {
            return Err(ask(ActionReason::PriceChanged));
        }
        let path = ["registrar", "domains", name.as_str(), "renewals"];
        let request = self.request("renew", Method::Post, &path).body(json!({ "period": years }));
        let answer = self.call(request).await?;
        if !self.is_ordered(&answer)? {
            return Err(ask(ActionReason::RegistrarRejected));
        }
        match self.ours(name).await {
            Ok(expires) if expires > beyond => Ok(Bought { paid_cents: Some(price * years), ..Bought::until(expires) }),
            // It was accepted and does not show: whoever asks again would buy it again.
            _ => Err(Trouble::UnderWay(UnderWay::Renewal, call.now.plus(LOOK_AGAIN))),
        }
    }

    async fn expiry(&self, call: &Call) -> Result<Time, Trouble> {
        self.ours(&call.subject).await
    }

    async fn renewal_price(&self, call: &Call) -> Result<Cents, Trouble> {
        Ok(self.price(&call.subject).await?.further)
    }

    async fn restore_price(&self, call: &Call) -> Result<Option<Cents>, Trouble> {
        Ok(self.prices(&call.subject).await?.restore_price.as_ref().and_then(cents))
    }

    async fn ensure_nameservers(&self, call: &Call, nameservers: &[String]) -> Result<(), Trouble> {
        let path = ["registrar", "domains", call.subject.as_str(), "delegation"];
        let answer = self.call(self.request("look_at_delegation", Method::Get, &path)).await?;
        let Some(now) = found::<Vec<String>>(&answer)? else { return Err(ask(ActionReason::RegistrarRejected)) };
        if delegation::is(&now, nameservers) {
            return Ok(());
        }
        let answer = self.call(self.request("delegate", Method::Put, &path).body(json!(nameservers))).await?;
        match answer.status {
            400 => Err(ask(ActionReason::RegistrarRejected)),
            _ => accepted(&answer),
        }
    }

    async fn portfolio(&self, _world: &World) -> Result<Vec<Held>, Trouble> {
        let (mut all, mut page) = (vec![], 1);
        loop {
            let request = self.request("list_domains", Method::Get, &["domains"]);
            let request = request.query("per_page", PER_PAGE.to_string()).query("page", page.to_string());
            let read: Page<Listed> = done(&self.call(request).await?)?;
            all.extend(read.data.iter().filter_map(Listed::held));
            if page >= read.pagination.total_pages.min(MOST_PAGES) {
                return Ok(all);
            }
            page += 1;
        }
    }

    async fn charges(&self, _world: &World) -> Result<Option<Vec<Charged>>, Trouble> {
        self.charged().await.map(Some)
    }
}

/// As many names as one page has.
const PER_PAGE: u64 = 100;
/// More pages than an account has, whatever the vendor says.
const MOST_PAGES: u64 = 1_000;

impl Listed {
    /// The name, where it is registered here and not only hosted.
    fn held(&self) -> Option<Held> {
        let Some(Holding::Registered(expires)) = self.domain.holding() else { return None };
        let name = DomainName::parse(&self.name).ok()?;
        Some(Held { name, expires_at: Some(expires), renews_itself: Some(self.domain.auto_renew) })
    }
}

impl Dnsimple {
    async fn verdict(&self, name: &DomainName) -> Result<Verdict, Trouble> {
        let path = ["registrar", "domains", name.as_str(), "check"];
        let answer = self.call(self.request("check", Method::Get, &path).within(BROWSING)).await?;
        if answer.status == 400 {
            return Ok(Verdict::Not(Unavailable::Invalid));
        }
        let check = done::<Data<Check>>(&answer)?.data;
        if !check.available {
            return Ok(Verdict::Not(Unavailable::Taken));
        }
        if check.premium {
            return Ok(Verdict::Not(Unavailable::Premium));
        }
        let prices = self.prices(name).await?;
        if prices.premium {
            return Ok(Verdict::Not(Unavailable::Premium));
        }
        let Price { first, further } = priced(&prices)?;
        let usable_for = MailProvider::ALL.to_vec();
        Ok(Verdict::Buyable { price_cents: first, renewal_price_cents: further, usable_for })
    }

    async fn prices(&self, name: &DomainName) -> Result<Prices, Trouble> {
        let path = ["registrar", "domains", name.as_str(), "prices"];
        let answer = self.call(self.request("price", Method::Get, &path).within(BROWSING)).await?;
        Ok(done::<Data<Prices>>(&answer)?.data)
    }

    async fn price(&self, name: &DomainName) -> Result<Price, Trouble> {
        priced(&self.prices(name).await?)
    }

    /// When a name that is ours runs out.
    async fn ours(&self, name: &DomainName) -> Result<Time, Trouble> {
        let Some(domain) = self.domain(name).await? else { return Err(ask(ActionReason::RegistrarRejected)) };
        match holding(&domain)? {
            Holding::Registered(expires) => Ok(expires),
            Holding::Ordered | Holding::Hosted => Err(ask(ActionReason::RegistrarRejected)),
        }
    }

    /// The years of a name are bought by us, or not at all.
    async fn ensure_no_own_renewal(&self, name: &DomainName, domain: &Domain) -> Result<(), Trouble> {
        if !domain.auto_renew {
            return Ok(());
        }
        let path = ["registrar", "domains", name.as_str(), "auto_renewal"];
        accepted(&self.call(self.request("stop_renewing", Method::Delete, &path)).await?)
    }

    /// Whether an order was taken, rather than refused.
    fn is_ordered(&self, answer: &Answer) -> Result<bool, Trouble> {
        match answer.status {
            400 => Ok(false),
            // The name or the contact it is for: the first was looked at just before.
            404 => Err(Trouble::Misconfigured(format!(
                "DNSimple does not find the contact {} in the account {}: set `registrant` to one that is there.",
                self.registrant, self.account
            ))),
            _ => Ok(!done::<Data<Order>>(answer)?.data.has_failed()),
        }
    }
}

fn bought(domain: &Domain, expires: Time) -> Bought {
    Bought { vendor_id: domain.id.map(|id| id.to_string()), ..Bought::until(expires) }
}

fn holding(domain: &Domain) -> Result<Holding, Trouble> {
    domain.holding().ok_or_else(|| {
        tracing::warn!(state = domain.state, "DNSimple tells of a domain in a state that we do not know");
        Trouble::Later(None)
    })
}

fn priced(prices: &Prices) -> Result<Price, Trouble> {
    match (cents(&prices.registration_price), cents(&prices.renewal_price)) {
        (Some(first), Some(further)) => Ok(Price { first, further }),
        _ => Err(Trouble::Later(None)),
    }
}

const fn ask(reason: ActionReason) -> Trouble {
    Trouble::Refused(Refused::Ask(reason))
}

const fn under_way(call: &Call) -> Trouble {
    Trouble::UnderWay(UnderWay::Registration, call.now.plus(LOOK_AGAIN))
}
