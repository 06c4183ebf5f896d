//! Cloudflare as a registrar.

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use model::action::ActionReason;
use model::clock::{MINUTE, Time};
use model::domain::{DomainName, NameAnswer, Unavailable, Verdict};
use model::money::Cents;
use model::world::World;
use serde_json::{Value, json};

use super::order::{Registration, Standing, Workflow, ask, failed, under_way};
use super::price::PER_CHECK;
use super::wire::No;
use super::zone::sorted;
use super::{Cloudflare, MAX_IN_FLIGHT, Right, registrant};
use crate::call::Call;
use crate::roles::{Bought, Holding, Purpose, Registrar};
use crate::term;
use crate::trouble::{Refused, Trouble};
use crate::vendor::Method;

/// As many names as one page of the portfolio has.
const PER_PAGE: &str = "50";
/// More pages than an account has, whatever the vendor says.
const MOST_PAGES: usize = 1_000;

/// The price of all the years that a name has to be bought for.
fn for_all_years(verdict: Verdict, years: i64) -> Verdict {
    match verdict {
        Verdict::Buyable { price_cents, renewal_price_cents, usable_for } => Verdict::Buyable {
            price_cents: price_cents + renewal_price_cents * (years - 1),
            renewal_price_cents,
            usable_for,
        },
        no @ Verdict::Not(_) => no,
    }
}

#[async_trait]
impl Registrar for Cloudflare {
    async fn check(&self, _world: &World, names: &[DomainName], _purpose: Purpose) -> Result<Vec<NameAnswer>, Trouble> {
        let some = async |names: &[DomainName]| self.some(names).await;
        let parts: Vec<_> =
            stream::iter(names.chunks(PER_CHECK)).map(some).buffer_unordered(MAX_IN_FLIGHT).collect().await;
        let all: Vec<_> = parts.into_iter().collect::<Result<_, _>>()?;
        Ok(all.concat())
    }

    async fn ensure_registered(&self, call: &Call, max_cents: Cents) -> Result<Bought, Trouble> {
        match self.standing(call).await? {
            Standing::Held(name, expires) => {
                self.ensure_own_renewal(&name, false).await?;
                Ok(Bought::until(expires))
            }
            Standing::Lost => Err(ask(ActionReason::RegistrarRejected)),
            Standing::Coming(at) => Err(under_way(at)),
            Standing::Waiting(reason) => Err(ask(reason)),
            // A person has seen to what it failed for: then it is tried again.
            Standing::Failed(trouble) if call.nudges == 0 => Err(trouble),
            Standing::Failed(_) | Standing::Nothing => self.buy(call, max_cents).await,
        }
    }

    async fn registered(&self, call: &Call) -> Result<Option<Bought>, Trouble> {
        match self.standing(call).await? {
            Standing::Held(_, expires) => Ok(Some(Bought::until(expires))),
            Standing::Coming(at) => Err(under_way(at)),
            // It may go on any day, and be paid for then.
            Standing::Waiting(_) => Err(under_way(call.now.plus(60 * MINUTE))),
            Standing::Lost | Standing::Failed(_) | Standing::Nothing => Ok(None),
        }
    }

    async fn ensure_renewed(&self, call: &Call, beyond: Time, max_cents: Cents) -> Result<Bought, Trouble> {
        self.renewed(call, beyond, max_cents).await
    }

    async fn ensure_no_renewal(&self, call: &Call) -> Result<(), Trouble> {
        match self.standing(call).await? {
            Standing::Held(name, _) => self.ensure_own_renewal(&name, false).await,
            _ => Ok(()),
        }
    }

    async fn expiry(&self, call: &Call) -> Result<Time, Trouble> {
        match self.standing(call).await? {
            Standing::Held(_, expires) => Ok(expires),
            _ => Err(ask(ActionReason::RegistrarRejected)),
        }
    }

    async fn renewal_price(&self, call: &Call) -> Result<Cents, Trouble> {
        self.further(&call.subject).await
    }

    async fn ensure_nameservers(&self, call: &Call, nameservers: &[String]) -> Result<(), Trouble> {
        let name = &call.subject;
        // Names of the sandbox are delegated nowhere.
        if self.is_sandbox {
            return Ok(());
        }
        let own = self.zone(name).await?.map(|zone| zone.servers());
        if own.as_ref().is_some_and(|own| *own == sorted(nameservers.iter())) {
            return Ok(());
        }
        Err(Trouble::Refused(Refused::ForGood(format!(
            "A name that is registered at Cloudflare stays on the servers of its zone there: host the zone of {name} in the \
             same account."
        ))))
    }

    async fn portfolio(&self, _world: &World) -> Result<Vec<Holding>, Trouble> {
        let (mut all, mut cursor) = (vec![], String::new());
        for _ in 0..MOST_PAGES {
            let request = self.registrar("list_names", Method::Get, &["registrations"]).query("per_page", PER_PAGE);
            let request = if cursor.is_empty() { request } else { request.query("cursor", cursor.as_str()) };
            let page = match self.ask::<Vec<Registration>>(request).await? {
                Ok(page) => page,
                Err(no) => return Err(self.refused(&no, Right::Names)),
            };
            let next = page.result_info.cursor.clone().unwrap_or_default();
            all.extend(page.only()?.iter().filter_map(holding));
            if next.is_empty() || next == cursor {
                break;
            }
            cursor = next;
        }
        Ok(all)
    }
}

/// A name, where it is had and not only ordered.
fn holding(registration: &Registration) -> Option<Holding> {
    let name = DomainName::parse(&registration.domain_name).ok().filter(|_| registration.is_held())?;
    Some(Holding { name, expires_at: registration.expires_at, renews_itself: Some(registration.auto_renew) })
}

impl Cloudflare {
    /// What is said of at most [`PER_CHECK`] names.
    async fn some(&self, names: &[DomainName]) -> Result<Vec<NameAnswer>, Trouble> {
        let asked: Vec<_> = names.iter().map(DomainName::as_str).collect();
        let checks = match self.checks(&asked).await {
            Ok(checks) => checks,
            // What the operator has to mend is not the names' fault.
            Err(Trouble::Misconfigured(words)) => return Err(Trouble::Misconfigured(words)),
            Err(trouble) => {
                let errored = |name: &DomainName| NameAnswer::errored(name.clone(), trouble.until());
                return Ok(names.iter().map(errored).collect());
            }
        };
        let answer = |name: &DomainName| {
            let check = checks.iter().find(|check| check.name.eq_ignore_ascii_case(name.as_str()));
            // The vendor leaves out what it takes for no name.
            let Some(check) = check else { return NameAnswer::not(name.clone(), Unavailable::Invalid) };
            let years = term::least(name);
            NameAnswer { least_years: years, ..NameAnswer::new(name.clone(), for_all_years(check.verdict(), years)) }
        };
        Ok(names.iter().map(answer).collect())
    }

    async fn buy(&self, call: &Call, max_cents: Cents) -> Result<Bought, Trouble> {
        let name = &call.subject;
        let years = term::least(name);
        // The order itself names no price.
        let price = match for_all_years(self.verdict(name).await?, years) {
            Verdict::Buyable { price_cents, .. } if price_cents <= max_cents => price_cents,
            Verdict::Buyable { .. } | Verdict::Not(Unavailable::Premium) => {
                return Err(ask(ActionReason::PriceChanged));
            }
            Verdict::Not(Unavailable::Taken) => return self.taken(call).await,
            Verdict::Not(Unavailable::Invalid) => return Err(ask(ActionReason::RegistrarRejected)),
            Verdict::Not(Unavailable::Errored | Unavailable::Stale) => return Err(Trouble::Later(None)),
        };
        let request = self.registrar("register", Method::Post, &["registrations"]);
        let workflow: Workflow = match self.ask(request.body(order(call, years))).await? {
            Ok(envelope) => envelope.only()?,
            Err(no) => return Err(self.not_ordered(call, &no)),
        };
        if workflow.has_succeeded() {
            let looked = async || self.registration(name).await.ok().flatten()?.expires_at;
            let expires = match workflow.expires() {
                Some(expires) => Some(expires),
                None => looked().await,
            };
            if let Some(expires) = expires {
                return Ok(Bought { paid_cents: Some(price), ..Bought::until(expires) });
            }
        }
        match workflow.standing(call.now) {
            Standing::Waiting(reason) => Err(ask(reason)),
            Standing::Failed(trouble) => Err(trouble),
            Standing::Coming(at) => Err(under_way(at)),
            Standing::Held(..) | Standing::Lost | Standing::Nothing => Err(under_way(call.now.plus(MINUTE))),
        }
    }

    /// Somebody has the name: perhaps we, since a moment ago.
    async fn taken(&self, call: &Call) -> Result<Bought, Trouble> {
        match self.standing(call).await? {
            Standing::Held(_, expires) => Ok(Bought::until(expires)),
            Standing::Coming(at) => Err(under_way(at)),
            Standing::Waiting(_) | Standing::Lost | Standing::Failed(_) | Standing::Nothing => {
                Err(ask(ActionReason::NameTaken))
            }
        }
    }

    /// What it means that an order was not taken.
    fn not_ordered(&self, call: &Call, no: &No) -> Trouble {
        let is_there = no.status == 409 || no.says(&["in progress", "already"]);
        match no.status {
            403 => self.refused(no, Right::Names),
            // An order for it is there: the look says which.
            _ if is_there => Trouble::Later(Some(call.now.plus(MINUTE))),
            402 => failed("payment"),
            _ if call.registrant.is_none() && no.says(&["contact", "registrant", "address book"]) => {
                Trouble::Misconfigured(format!(
                    "Cloudflare wants to know whom names are registered for: set the registrant in the configuration, or a \
                     default contact in the account {} there.",
                    self.vendor.account()
                ))
            }
            _ => no.reason(failed),
        }
    }
}

/// An order for a name. The vendor does not renew it by itself, and shows strangers nobody's address. It says for how many
/// years it is, so that one whose ending wants more is refused, and not paid for twice.
fn order(call: &Call, years: i64) -> Value {
    let mut body = json!({
        "domain_name": call.subject.as_str(), "years": years, "auto_renew": false, "privacy_mode": "redaction",
    });
    if let Some(registrant) = &call.registrant {
        body["contacts"] = registrant::contacts(registrant);
    }
    body
}
