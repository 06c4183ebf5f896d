//! Porkbun as a registrar.

use std::time::Duration;

use async_trait::async_trait;
use model::action::ActionReason;
use model::clock::{DAY, MINUTE, Time};
use model::domain::{DomainName, MailProvider, NameAnswer, Unavailable, Verdict};
use model::money::Cents;
use model::world::World;
use serde_json::{Value, json};

use super::quotes::Quote;
use super::wire::{Checked, Delegation, Domain, Got, Listed, No, Nothing, Pricing, Receipt};
use super::{Heard, Porkbun, heard};
use crate::call::Call;
use crate::delegation;
use crate::roles::{Bought, Holding, Purpose, Registrar};
use crate::term::{self, LONGEST};
use crate::trouble::{Refused, Trouble, UnderWay};
use crate::vendor::{Method, Request};

/// How soon what does not show yet is looked at again.
const LOOK_AGAIN: i64 = 15 * MINUTE;
/// How soon the same request is repeated that somebody else has under way.
const IN_USE: i64 = MINUTE;
/// How long nothing can be renewed after it was registered or renewed.
const TOO_SOON: i64 = 30 * DAY;
/// How long somebody who chooses waits for the answer about a name.
const BROWSING: Duration = Duration::from_secs(15);
/// More pages of names than an account has, whatever the vendor says.
const MOST_PAGES: usize = 1_000;
/// Ends of names that it sells on its pages only: their registries ask for more than the interface can say.
const NOT_SOLD: [&str; 6] = [".us", ".ca", ".eu", ".au", ".uk", ".it"];

/// How long a purchase may go on here at the most after nobody heard of it any more: the vendor has no list of them, and gives
/// up its own requests after minutes.
const ENDS_WITHIN: i64 = 30 * MINUTE;

#[async_trait]
impl Registrar for Porkbun {
    async fn check(&self, _world: &World, names: &[DomainName], _purpose: Purpose) -> Result<Vec<NameAnswer>, Trouble> {
        let mut answers = vec![];
        for name in names {
            answers.push(match self.quote(name).await {
                Ok(quote) => NameAnswer { least_years: quote.least, ..NameAnswer::new(name.clone(), quote.verdict) },
                // What the operator has to mend is not the name's fault.
                Err(Trouble::Misconfigured(words)) => return Err(Trouble::Misconfigured(words)),
                Err(trouble) => NameAnswer::errored(name.clone(), trouble.until()),
            });
        }
        Ok(answers)
    }

    async fn ensure_registered(&self, call: &Call, max_cents: Cents) -> Result<Bought, Trouble> {
        let name = &call.subject;
        if let Some(domain) = self.domain(name).await? {
            self.ensure_no_own_renewal(call, &domain).await?;
            return Ok(Bought::until(expires(call, &domain)?));
        }
        let believed = self.quotes.of(name).is_some();
        let cost = self.buyable(name, max_cents).await?;
        let body = json!({ "cost": cost, "agreeToTerms": "yes" });
        let receipt = match self.buy("register", &["domain", "create", name.as_str()], call, "", body).await? {
            Heard::Yes(receipt) => receipt,
            Heard::No(no) => {
                self.quotes.forget(name);
                return Err(match refused(call, &no) {
                    // It has changed since: what it is now may suffice.
                    trouble if believed && trouble == ask(ActionReason::PriceChanged) => Trouble::Later(None),
                    trouble => trouble,
                });
            }
        };
        self.quotes.forget(name);
        // The receipt is the vendor's word; the name in the account is the fact.
        let Ok(Some(domain)) = self.domain(name).await else { return Err(under_way(call)) };
        self.ensure_no_own_renewal(call, &domain).await?;
        let until = expires(call, &domain)?;
        Ok(Bought {
            vendor_id: receipt.order(),
            paid_cents: Some(receipt.cost().unwrap_or(cost)),
            ..Bought::until(until)
        })
    }

    async fn registered(&self, call: &Call) -> Result<Option<Bought>, Trouble> {
        match self.domain(&call.subject).await? {
            Some(domain) => Ok(Some(Bought::until(expires(call, &domain)?))),
            None => match call.asked_at.map(|at| at.plus(ENDS_WITHIN)).filter(|end| call.now < *end) {
                Some(end) => Err(Trouble::Later(Some(end))),
                None => Ok(None),
            },
        }
    }

    async fn ensure_renewed(&self, call: &Call, beyond: Time, max_cents: Cents) -> Result<Bought, Trouble> {
        let (mut order, mut paid) = (None, None);
        // It renews by the least term only, and each of them is a purchase of its own.
        for term in 0..=LONGEST {
            let domain = self.ours(call).await?;
            let until = expires(call, &domain)?;
            if until > beyond {
                return Ok(Bought { vendor_id: order, paid_cents: paid, ..Bought::until(until) });
            }
            let renewed = self.renew(call, &domain, beyond, max_cents - paid.unwrap_or(0)).await;
            let receipt = match renewed {
                // The term before it was bought: that must not be forgotten.
                Err(Trouble::Later(at)) if term > 0 => {
                    return Err(Trouble::UnderWay(UnderWay::Renewal, at.unwrap_or(call.now.plus(LOOK_AGAIN))));
                }
                renewed => renewed?,
            };
            paid = receipt.cost().map(|cost| paid.unwrap_or(0) + cost);
            order = receipt.order();
            if expires(call, &self.ours(call).await?)? <= until {
                break;
            }
        }
        // It was accepted and does not show: whoever asks again would buy it again.
        Err(Trouble::UnderWay(UnderWay::Renewal, call.now.plus(LOOK_AGAIN)))
    }

    async fn expiry(&self, call: &Call) -> Result<Time, Trouble> {
        expires(call, &self.ours(call).await?)
    }

    async fn renewal_price(&self, call: &Call) -> Result<Cents, Trouble> {
        let name = &call.subject;
        if let Some(price) = self.quote(name).await?.renewal {
            return Ok(price);
        }
        // What names with such an end cost in general: a dear one is not renewed through the interface anyway.
        let tld = name.as_str().split_once('.').map_or("", |(_, tld)| tld);
        let request = Request::new("prices", Method::Post, &["pricing", "get"]).body(json!({ "tlds": [tld] }));
        let pricing: Pricing = heard(&self.call(request.looks()).await?)?.done()?;
        pricing.renewal(tld).ok_or(Trouble::Later(None))
    }

    async fn ensure_nameservers(&self, call: &Call, nameservers: &[String]) -> Result<(), Trouble> {
        let name = call.subject.as_str();
        let now = match self.look::<Delegation>("look_at_delegation", &["domain", "getNs", name]).await? {
            Heard::Yes(delegation) => delegation.ns,
            Heard::No(no) => return Err(refused(call, &no)),
        };
        if delegation::is(&now, nameservers) {
            return Ok(());
        }
        let request = Request::new("delegate", Method::Post, &["domain", "updateNs", name]);
        match heard::<Nothing>(&self.call(request.body(json!({ "ns": nameservers }))).await?)? {
            Heard::Yes(_) => Ok(()),
            Heard::No(no) => Err(refused(call, &no)),
        }
    }

    async fn portfolio(&self, _world: &World) -> Result<Vec<Holding>, Trouble> {
        let (mut all, mut start, mut first) = (vec![], 0, None);
        for _ in 0..MOST_PAGES {
            let request = Request::new("list_domains", Method::Post, &["domain", "listAll"]);
            let answer = self.call(request.body(json!({ "start": start })).looks()).await?;
            let page = heard::<Listed>(&answer)?.done()?.domains;
            let Some(begin) = page.first().map(|domain| domain.domain.clone()) else { return Ok(all) };
            if first.replace(begin.clone()) == Some(begin) {
                // A list that never goes on is not one.
                return Err(answer.unclear());
            }
            start += page.len();
            all.extend(page.iter().filter_map(Domain::held));
        }
        Ok(all)
    }
}

impl Porkbun {
    /// A name as the account has it; `None` when it has not.
    async fn domain(&self, name: &DomainName) -> Result<Option<Domain>, Trouble> {
        match self.look::<Got>("look_at_domain", &["domain", "get", name.as_str()]).await? {
            Heard::Yes(got) => Ok(Some(got.domain).filter(Domain::is_here)),
            Heard::No(no) if matches!(no.code.as_str(), "DOMAIN_NOT_FOUND" | "INVALID_DOMAIN") => Ok(None),
            no @ Heard::No(_) => no.done().map(|_| None),
        }
    }

    async fn ours(&self, call: &Call) -> Result<Domain, Trouble> {
        self.domain(&call.subject).await?.ok_or(ask(ActionReason::RegistrarRejected))
    }

    /// What is said of a name, or was lately.
    async fn quote(&self, name: &DomainName) -> Result<Quote, Trouble> {
        match self.quotes.of(name) {
            Some(quote) => Ok(quote),
            None => self.asked(name).await,
        }
    }

    /// What is said of a name now.
    async fn asked(&self, name: &DomainName) -> Result<Quote, Trouble> {
        let not = |why| Quote { verdict: Verdict::Not(why), least: 1, renewal: None };
        if NOT_SOLD.iter().any(|end| name.as_str().ends_with(end)) {
            return Ok(not(Unavailable::Invalid));
        }
        let request = Request::new("check", Method::Post, &["domain", "checkDomain", name.as_str()]);
        let answer = self.call(request.body(json!({})).looks().within(BROWSING)).await?;
        let check = match heard::<Checked>(&answer)? {
            Heard::Yes(checked) => checked.response,
            Heard::No(no) if no.code == "INVALID_DOMAIN" => return Ok(not(Unavailable::Invalid)),
            no @ Heard::No(_) => return no.done().map(|_| not(Unavailable::Errored)),
        };
        let (least, renewal) = (check.least().unwrap_or_else(|| term::least(name)), check.renewal());
        let verdict = match (check.avail.as_str(), check.premium.as_deref()) {
            ("yes", Some("yes")) => Verdict::Not(Unavailable::Premium),
            ("yes", _) => Verdict::Buyable {
                price_cents: check.price(least).ok_or(Trouble::Later(None))?,
                renewal_price_cents: renewal.ok_or(Trouble::Later(None))?,
                usable_for: MailProvider::ALL.to_vec(),
            },
            ("no", _) => Verdict::Not(Unavailable::Taken),
            _ => return Err(answer.unclear()),
        };
        let quote = Quote { verdict, least, renewal };
        self.quotes.keep(name, quote.clone());
        Ok(quote)
    }

    /// What a name costs, where it can be bought for at most so much. A no is not believed from memory.
    async fn buyable(&self, name: &DomainName, max_cents: Cents) -> Result<Cents, Trouble> {
        let known = self.quotes.of(name).filter(|quote| matches!(quote.verdict, Verdict::Buyable { .. }));
        let quote = match known {
            Some(quote) => quote,
            None => self.asked(name).await?,
        };
        match quote.verdict {
            Verdict::Buyable { price_cents, .. } if price_cents <= max_cents => Ok(price_cents),
            Verdict::Buyable { .. } | Verdict::Not(Unavailable::Premium) => Err(ask(ActionReason::PriceChanged)),
            Verdict::Not(Unavailable::Taken) => Err(ask(ActionReason::NameTaken)),
            Verdict::Not(Unavailable::Invalid) => Err(ask(ActionReason::RegistrarRejected)),
            Verdict::Not(Unavailable::Errored | Unavailable::Stale) => Err(Trouble::Later(None)),
        }
    }

    /// Buys, under a key that says what: of the same price and the same state, so that it is never used for two things.
    async fn buy(
        &self,
        operation: &'static str,
        path: &[&str],
        call: &Call,
        state: &str,
        body: Value,
    ) -> Result<Heard<Receipt>, Trouble> {
        let request =
            |key: String| Request::new(operation, Method::Post, path).body(body.clone()).header("idempotency-key", key);
        let key = format!("{}/{}/{}{state}", call.reference, call.nudges, body["cost"]);
        let answer = self.call(request(key.clone())).await?;
        let receipt = heard(&answer)?;
        // The no of some hours ago says nothing of now; that it was a no is certain.
        if matches!(receipt, Heard::No(_)) && answer.header("idempotent-replayed").is_some() {
            return heard(&self.call(request(format!("{key}/{}", call.now.seconds()))).await?);
        }
        Ok(receipt)
    }

    /// Renews by the least term.
    async fn renew(&self, call: &Call, domain: &Domain, beyond: Time, max_cents: Cents) -> Result<Receipt, Trouble> {
        let (name, until) = (&call.subject, expires(call, domain)?);
        let least = term::least(name);
        let Some(years) = term::missing(until, beyond, least, call.now) else {
            let words = format!("{name} cannot be renewed for more than {LONGEST} years ahead.");
            return Err(Trouble::Refused(Refused::ForGood(words)));
        };
        let a_year = self.renewal_price(call).await?;
        // Nothing is begun that the limit would not let be finished.
        if a_year.saturating_mul(years + years % least) > max_cents {
            return Err(ask(ActionReason::PriceChanged));
        }
        let (body, state) = (json!({ "cost": a_year * least }), format!("/{}", until.seconds()));
        match self.buy("renew", &["domain", "renew", name.as_str()], call, &state, body).await? {
            Heard::Yes(receipt) => Ok(receipt),
            Heard::No(no) if no.code == "RENEWAL_TOO_SOON" => {
                let soonest = domain.created().map(|created| created.plus(TOO_SOON)).filter(|at| *at > call.now);
                Err(Trouble::Later(Some(soonest.unwrap_or_else(|| call.now.plus(DAY)))))
            }
            Heard::No(no) => {
                self.quotes.forget(name);
                Err(refused(call, &no))
            }
        }
    }

    /// The years of a name are bought by us, or not at all.
    async fn ensure_no_own_renewal(&self, call: &Call, domain: &Domain) -> Result<(), Trouble> {
        if domain.renews_itself() == Some(false) {
            return Ok(());
        }
        let path = ["domain", "updateAutoRenew", call.subject.as_str()];
        let request = Request::new("stop_renewing", Method::Post, &path).body(json!({ "status": "off" }));
        if let Heard::No(_) = heard::<Nothing>(&self.call(request).await?)? {
            tracing::warn!(name = call.subject.as_str(), "Porkbun does not stop renewing a name by itself");
        }
        Ok(())
    }
}

impl Domain {
    fn held(&self) -> Option<Holding> {
        let name = DomainName::parse(&self.domain).ok().filter(|_| self.is_here())?;
        Some(Holding { name, expires_at: self.expires(), renews_itself: self.renews_itself() })
    }
}

/// When a name runs out; one without a date is not the registry's yet.
fn expires(call: &Call, domain: &Domain) -> Result<Time, Trouble> {
    domain.expires().ok_or(under_way(call))
}

/// What a no means. Few of its codes are published.
fn refused(call: &Call, no: &No) -> Trouble {
    let mend = |words: &str| Trouble::Misconfigured(format!("Porkbun sells nothing to this account: {words}"));
    match no.code.as_str() {
        "API_ACCESS_DISABLED" => Trouble::Misconfigured(format!(
            "Porkbun's keys may not touch {}: let them touch all domains at https://porkbun.com/account/api.",
            call.subject
        )),
        "DOMAIN_NOT_AVAILABLE" => ask(ActionReason::NameTaken),
        "INSUFFICIENT_FUNDS" => mend("its credit does not suffice. Top it up there."),
        "IDEMPOTENCY_KEY_IN_USE" | "IDEMPOTENCY_KEY_MISMATCH" => Trouble::Later(Some(call.now.plus(IN_USE))),
        _ if no.speaks_of("spend") => {
            mend("what its keys may spend in a month is spent. Raise it at https://porkbun.com/account/api.")
        }
        _ if no.speaks_of("verif") => mend("its e-mail address and its telephone number have to be verified there."),
        _ if no.speaks_of("previous") => mend("the first name of an account has to be bought on its pages."),
        _ if no.speaks_of("cost") || no.speaks_of("price") => ask(ActionReason::PriceChanged),
        _ => ask(ActionReason::RegistrarRejected),
    }
}

const fn ask(reason: ActionReason) -> Trouble {
    Trouble::Refused(Refused::Ask(reason))
}

const fn under_way(call: &Call) -> Trouble {
    Trouble::UnderWay(UnderWay::Registration, call.now.plus(LOOK_AGAIN))
}
