//! name.com as a registrar.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use model::action::ActionReason;
use model::clock::{MINUTE, Time};
use model::domain::{DomainName, MailProvider, NameAnswer, Unavailable, Verdict};
use model::money::Cents;
use model::world::World;
use serde_json::json;

use super::contact::contacts;
use super::wire::{Contact, Domain, Found, No, Page, Pricing, Receipt, Results, cents};
use super::{MAX_IN_FLIGHT, Namecom, accepted, done, unpaid};
use crate::call::Call;
use crate::delegation;
use crate::roles::{Bought, Charged, Holding, Purpose, Registrar, Unverified};
use crate::term::{self, LONGEST};
use crate::trouble::{Refused, Trouble, UnderWay};
use crate::vendor::{Answer, Method};

/// How soon an order that does not show yet is looked at again.
const LOOK_AGAIN: i64 = 15 * MINUTE;
/// How soon the vendor has prices again when it has none: "in a few minutes".
const PRICED_AGAIN: i64 = 5 * MINUTE;
/// How long somebody who chooses waits for the answer about some names.
const BROWSING: Duration = Duration::from_secs(15);
/// As many names as it takes at once.
const AT_ONCE: usize = 50;
/// As many names as are asked for at once of the account's list.
const PER_PAGE: u64 = 250;
/// More pages than an account has, whatever the vendor says.
const MOST_PAGES: u64 = 1_000;

#[async_trait]
impl Registrar for Namecom {
    async fn check(&self, _world: &World, names: &[DomainName], _purpose: Purpose) -> Result<Vec<NameAnswer>, Trouble> {
        let some = async |names: &[DomainName]| (names.to_vec(), self.verdicts(names).await);
        let all: Vec<_> = stream::iter(names.chunks(AT_ONCE)).map(some).buffer_unordered(MAX_IN_FLIGHT).collect().await;
        let mut answers = vec![];
        for (names, verdicts) in all {
            match verdicts {
                Ok(verdicts) => answers.extend(verdicts),
                // What the operator has to mend is not the names' fault.
                Err(Trouble::Misconfigured(words)) => return Err(Trouble::Misconfigured(words)),
                Err(trouble) => {
                    answers.extend(names.into_iter().map(|name| NameAnswer::errored(name, trouble.until())));
                }
            }
        }
        Ok(answers)
    }

    async fn ensure_registered(&self, call: &Call, max_cents: Cents) -> Result<Bought, Trouble> {
        let name = &call.subject;
        if let Some(domain) = self.domain(name).await? {
            self.ensure_no_own_renewal(call, &domain).await?;
            return Ok(self.with_its_order(call, expires(&domain)?).await);
        }
        if self.is_under_way(call).await? {
            return Err(under_way(call));
        }
        self.ensure_buyable(name, max_cents).await?;
        let answer = self.create(call).await?;
        if !answer.is_success() {
            return Err(refused(call, &answer));
        }
        let receipt: Receipt = answer.json()?;
        // The receipt is the vendor's word; the name in the account is the fact.
        let Ok(Some(domain)) = self.domain(name).await else { return Err(under_way(call)) };
        self.ensure_no_own_renewal(call, &domain).await?;
        Ok(receipt.bought(expires(&domain)?))
    }

    async fn registered(&self, call: &Call) -> Result<Option<Bought>, Trouble> {
        match self.domain(&call.subject).await? {
            Some(domain) => Ok(Some(self.with_its_order(call, expires(&domain)?).await)),
            None if self.is_under_way(call).await? => Err(under_way(call)),
            None => Ok(None),
        }
    }

    async fn ensure_renewed(&self, call: &Call, beyond: Time, max_cents: Cents) -> Result<Bought, Trouble> {
        let name = &call.subject;
        let until = self.ours(name).await?;
        if until > beyond {
            return Ok(Bought::until(until));
        }
        let Some(years) = term::missing(until, beyond, term::least(name), call.now) else {
            let words = format!("{name} cannot be renewed for more than {LONGEST} years ahead.");
            return Err(Trouble::Refused(Refused::ForGood(words)));
        };
        let pricing = self.pricing(name, years).await?;
        if pricing.renewal()? > max_cents {
            return Err(ask(ActionReason::PriceChanged));
        }
        // Nothing keeps the vendor from renewing twice.
        if let Some(at) = self.renewal_shows_at(call).await? {
            return Err(Trouble::UnderWay(UnderWay::Renewal, at));
        }
        let mut body = json!({ "years": years });
        if let (true, Some(price)) = (pricing.premium, pricing.renewal_price) {
            body["purchasePrice"] = price.into();
        }
        let path = ["domains", &format!("{name}:renew")];
        let answer = self.call(Self::request("renew", Method::Post, &path).body(body)).await?;
        if !answer.is_success() {
            return Err(refused(call, &answer));
        }
        let receipt: Receipt = answer.json()?;
        match self.ours(name).await {
            Ok(until) if until > beyond => Ok(receipt.bought(until)),
            // It was accepted and does not show: whoever asks again would buy it again.
            _ => Err(Trouble::UnderWay(UnderWay::Renewal, call.now.plus(LOOK_AGAIN))),
        }
    }

    async fn expiry(&self, call: &Call) -> Result<Time, Trouble> {
        self.ours(&call.subject).await
    }

    async fn renewal_price(&self, call: &Call) -> Result<Cents, Trouble> {
        let least = term::least(&call.subject);
        let total = self.pricing(&call.subject, least).await?.renewal()?;
        Ok(a_year(total, least))
    }

    async fn ensure_nameservers(&self, call: &Call, nameservers: &[String]) -> Result<(), Trouble> {
        let name = &call.subject;
        let Some(domain) = self.domain(name).await? else { return Err(ask(ActionReason::RegistrarRejected)) };
        if delegation::is(&domain.nameservers, nameservers) {
            return Ok(());
        }
        let path = ["domains", &format!("{name}:setNameservers")];
        let request = Self::request("delegate", Method::Post, &path).body(json!({ "nameservers": nameservers }));
        let answer = self.call(request).await?;
        match answer.status {
            400 => Err(ask(ActionReason::RegistrarRejected)),
            _ => accepted(&answer),
        }
    }

    async fn portfolio(&self, _world: &World) -> Result<Vec<Holding>, Trouble> {
        let (mut all, mut page) = (vec![], 1);
        loop {
            let request = Self::request("list_domains", Method::Get, &["domains"]);
            let request = request.query("perPage", PER_PAGE.to_string()).query("page", page.to_string());
            let answer = self.call(request).await?;
            let read: Page = done(&answer)?;
            all.extend(read.domains.iter().filter_map(Domain::held));
            match read.next_page {
                Some(next) if next > page && next <= MOST_PAGES => page = next,
                // A list that goes round in circles is not one.
                Some(_) => return Err(answer.unclear()),
                None => return Ok(all),
            }
        }
    }

    async fn unverified(&self, _world: &World) -> Result<Vec<Unverified>, Trouble> {
        let of = |contact: Contact| Unverified {
            names: contact.domains.iter().filter_map(|name| DomainName::parse(name).ok()).collect(),
            until: contact.verify_by,
        };
        Ok(self.unverified_contacts().await?.into_iter().map(of).collect())
    }

    async fn charges(&self, _world: &World) -> Result<Option<Vec<Charged>>, Trouble> {
        self.charged().await.map(Some)
    }
}

impl Namecom {
    async fn verdicts(&self, names: &[DomainName]) -> Result<Vec<NameAnswer>, Trouble> {
        let names_only: Vec<_> = names.iter().map(DomainName::as_str).collect();
        // Without the type it also tells of names that somebody else would sell.
        let body = json!({ "domainNames": names_only, "purchaseType": "registration" });
        let request = Self::request("check", Method::Post, &["domains:checkAvailability"]).body(body);
        let answer = self.call(request.looks().within(BROWSING)).await?;
        // None of them can be read.
        let found = if answer.status == 422 { vec![] } else { done::<Results>(&answer)?.results };
        let found: BTreeMap<_, _> = found.iter().map(|one| (one.domain_name.to_ascii_lowercase(), one)).collect();
        let answer = |name: &DomainName| match found.get(name.as_str()) {
            Some(found) => found.answer(name),
            None => NameAnswer::not(name.clone(), Unavailable::Invalid),
        };
        Ok(names.iter().map(answer).collect())
    }

    async fn ensure_buyable(&self, name: &DomainName, max_cents: Cents) -> Result<(), Trouble> {
        let answers = self.verdicts(std::slice::from_ref(name)).await?;
        match answers.into_iter().next().map(|answer| answer.verdict) {
            Some(Verdict::Buyable { price_cents, .. }) if price_cents <= max_cents => Ok(()),
            Some(Verdict::Buyable { .. } | Verdict::Not(Unavailable::Premium)) => Err(ask(ActionReason::PriceChanged)),
            Some(Verdict::Not(Unavailable::Taken)) => Err(ask(ActionReason::NameTaken)),
            Some(Verdict::Not(Unavailable::Invalid)) => Err(ask(ActionReason::RegistrarRejected)),
            Some(Verdict::Not(Unavailable::Errored | Unavailable::Stale)) | None => Err(Trouble::Later(None)),
        }
    }

    /// Buys. The price of an ordinary name is not sent: the vendor does not want it.
    async fn create(&self, call: &Call) -> Result<Answer, Trouble> {
        let mut domain = json!({ "domainName": call.subject.as_str(), "autorenewEnabled": false });
        if let Some(registrant) = &call.registrant {
            domain["contacts"] = contacts(registrant);
        }
        let body = json!({ "domain": domain, "purchaseType": "registration" });
        let request = |key: String| {
            let request = Self::request("register", Method::Post, &["domains"]).body(body.clone());
            request.header("x-idempotency-key", key)
        };
        let key = format!("{}/{}", call.reference, call.nudges);
        let answer = self.call(request(key.clone())).await?;
        // The no of an hour ago says nothing of now; that it was a no is certain.
        if !answer.is_success() && answer.header("x-idempotent-replay").is_some() {
            return self.call(request(format!("{key}/{}", call.now.seconds()))).await;
        }
        Ok(answer)
    }

    async fn pricing(&self, name: &DomainName, years: i64) -> Result<Pricing, Trouble> {
        let path = ["domains", &format!("{name}:getPricing")];
        let request = Self::request("price", Method::Get, &path).query("years", years.to_string());
        let answer = self.call(request.within(BROWSING)).await?;
        match answer.status {
            422 if says(&answer, "pricing") => Err(Trouble::Later(None)),
            _ => done(&answer),
        }
    }

    /// When a name that is ours runs out.
    async fn ours(&self, name: &DomainName) -> Result<Time, Trouble> {
        match self.domain(name).await? {
            Some(domain) => expires(&domain),
            None => Err(ask(ActionReason::RegistrarRejected)),
        }
    }

    /// The years of a name are bought by us, or not at all. Of a name that has run out nothing can be changed there.
    async fn ensure_no_own_renewal(&self, call: &Call, domain: &Domain) -> Result<(), Trouble> {
        if domain.autorenew_enabled == Some(false) || expires(domain)? <= call.now {
            return Ok(());
        }
        let request = Self::request("stop_renewing", Method::Patch, &["domains", call.subject.as_str()]);
        let answer = self.call(request.body(json!({ "autorenewEnabled": false }))).await?;
        if !answer.is_success() {
            tracing::warn!(name = call.subject.as_str(), "name.com does not stop renewing a name by itself");
        }
        Ok(())
    }
}

impl Found {
    fn answer(&self, name: &DomainName) -> NameAnswer {
        let least = term::least(name);
        let why = |why| NameAnswer::not(name.clone(), why);
        if !self.purchasable {
            return why(if self.may_change() { Unavailable::Errored } else { Unavailable::Taken });
        }
        let is_ordinary = self.purchase_type.as_deref().is_none_or(|kind| kind == "registration");
        if self.premium == Some(true) || !is_ordinary {
            return why(Unavailable::Premium);
        }
        let price = |price: &Option<serde_json::Number>| price.as_ref().and_then(cents);
        match (price(&self.purchase_price), price(&self.renewal_price)) {
            (Some(price_cents), Some(renewal)) => {
                let renewal_price_cents = a_year(renewal, least);
                let usable_for = MailProvider::ALL.to_vec();
                let verdict = Verdict::Buyable { price_cents, renewal_price_cents, usable_for };
                NameAnswer { least_years: least, ..NameAnswer::new(name.clone(), verdict) }
            }
            _ => why(Unavailable::Errored),
        }
    }

    /// Whether it is the registry that is not there, rather than the name.
    fn may_change(&self) -> bool {
        let reason = self.reason.as_deref().unwrap_or_default().to_ascii_lowercase();
        ["maintenance", "temporar", "try again", "timeout", "timed out"].iter().any(|word| reason.contains(word))
    }
}

impl Domain {
    fn held(&self) -> Option<Holding> {
        let name = DomainName::parse(&self.domain_name).ok()?;
        Some(Holding { name, expires_at: self.expire_date, renews_itself: self.autorenew_enabled })
    }
}

impl Pricing {
    /// What the term costs, in cents.
    fn renewal(&self) -> Result<Cents, Trouble> {
        self.renewal_price.as_ref().and_then(cents).ok_or(Trouble::Later(None))
    }
}

impl Receipt {
    fn bought(&self, until: Time) -> Bought {
        let vendor_id = self.order.map(|order| order.to_string());
        Bought { vendor_id, paid_cents: self.total_paid.as_ref().and_then(cents), ..Bought::until(until) }
    }
}

/// What a year of a term costs, rounded up.
const fn a_year(total: Cents, years: i64) -> Cents {
    (total + years - 1) / years
}

fn expires(domain: &Domain) -> Result<Time, Trouble> {
    domain.expire_date.ok_or(Trouble::Later(None))
}

/// Whether a no speaks of something. There are no codes.
fn says(answer: &Answer, word: &str) -> bool {
    answer.json::<No>().unwrap_or_default().message.to_ascii_lowercase().contains(word)
}

/// What it means that nothing was bought.
fn refused(call: &Call, answer: &Answer) -> Trouble {
    match answer.status {
        400 if says(answer, "price") => ask(ActionReason::PriceChanged),
        400 if says(answer, "not available") => ask(ActionReason::NameTaken),
        402 => unpaid(),
        // An earlier try under this key asked for something else, and what became of it does not show yet.
        409 => Trouble::Later(Some(call.now.plus(LOOK_AGAIN))),
        422 if says(answer, "pricing") => Trouble::Later(Some(call.now.plus(PRICED_AGAIN))),
        451 => Trouble::Refused(Refused::ForGood(format!("{} cannot be registered for legal reasons.", call.subject))),
        _ => ask(ActionReason::RegistrarRejected),
    }
}

const fn ask(reason: ActionReason) -> Trouble {
    Trouble::Refused(Refused::Ask(reason))
}

const fn under_way(call: &Call) -> Trouble {
    Trouble::UnderWay(UnderWay::Registration, call.now.plus(LOOK_AGAIN))
}
