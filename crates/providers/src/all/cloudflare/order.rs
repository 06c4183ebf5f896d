//! What has become of an order for a name, as the account tells it.

use model::action::ActionReason;
use model::clock::{DAY, HOUR, MINUTE, Time};
use model::domain::DomainName;
use serde::Deserialize;
use serde_json::Value;

use super::{Cloudflare, Right};
use crate::call::Call;
use crate::trouble::{Refused, Trouble, UnderWay};
use crate::vendor::Method;

/// How long an order that came to nothing keeps the next one from being made without a word of a person. The vendor asks
/// for that word; an older one belongs to somebody who has given up.
const FRESH: i64 = DAY;

/// A name as the account has it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Registration {
    pub(super) domain_name: String,
    /// `active`, `registration_pending`, `transfer_pending`, `expired`, `suspended`, `redemption_period` or
    /// `pending_delete`.
    status: String,
    pub(super) auto_renew: bool,
    #[serde(default)]
    pub(super) expires_at: Option<Time>,
}

/// How far an order has come.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Workflow {
    /// `pending`, `in_progress`, `action_required`, `blocked`, `succeeded` or `failed`.
    state: String,
    created_at: Time,
    updated_at: Time,
    #[serde(default)]
    context: Value,
    #[serde(default)]
    error: Option<Failure>,
}

#[derive(Clone, Debug, Deserialize)]
struct Failure {
    code: String,
}

/// What the account has of a name.
#[derive(Clone, Debug)]
pub(super) enum Standing {
    /// The name, until then.
    Held(Registration, Time),
    /// The name, and it cannot be used any more: the registry is about to delete it.
    Lost,
    /// An order that goes on without anybody: look again then.
    Coming(Time),
    /// An order that waits for a person.
    Waiting(ActionReason),
    /// An order that came to nothing a short while ago.
    Failed(Trouble),
    /// Nothing.
    Nothing,
}

impl Registration {
    /// Whether the vendor has it, whatever the registry says of it.
    pub(super) fn is_held(&self) -> bool {
        matches!(self.status.as_str(), "active" | "expired" | "suspended")
    }

    fn standing(self) -> Result<Option<Standing>, Trouble> {
        match (self.status.as_str(), self.expires_at) {
            ("registration_pending", _) => Ok(None),
            ("redemption_period" | "pending_delete", _) => Ok(Some(Standing::Lost)),
            (_, Some(expires)) if self.is_held() => Ok(Some(Standing::Held(self, expires))),
            (status, _) => {
                tracing::warn!(status, "Cloudflare tells of a name in a state that says nothing of it");
                Err(Trouble::Later(None))
            }
        }
    }
}

impl Workflow {
    /// When the name runs out that came of it, where that is told.
    pub(super) fn expires(&self) -> Option<Time> {
        let registration = self.context.get("registration")?;
        serde_json::from_value::<Registration>(registration.clone()).ok()?.expires_at
    }

    /// Whether a name came of it.
    pub(super) fn has_succeeded(&self) -> bool {
        self.state == "succeeded"
    }

    /// Whether it came to nothing.
    pub(super) fn has_failed(&self) -> bool {
        self.state == "failed"
    }

    /// What it means that an order has come this far, and the name is not there.
    pub(super) fn standing(&self, now: Time) -> Standing {
        match self.state.as_str() {
            "action_required" => Standing::Waiting(self.asked_for()),
            // Somebody else takes their time, and nobody here can hurry them.
            "blocked" => Standing::Coming(now.plus(HOUR)),
            "failed" if self.is_fresh(now) => Standing::Failed(self.failure()),
            // The name was had once, and is not in the account any more.
            "failed" => Standing::Nothing,
            "succeeded" if !self.is_fresh(now) => Standing::Nothing,
            _ => Standing::Coming(now.plus(self.pause(now))),
        }
    }

    fn is_fresh(&self, now: Time) -> bool {
        now < self.updated_at.plus(FRESH)
    }

    /// How soon it is looked at again, in microseconds: most take minutes, and some take days.
    const fn pause(&self, now: Time) -> i64 {
        let age = now.0.saturating_sub(self.created_at.0);
        if age < 10 * MINUTE {
            MINUTE
        } else if age < DAY {
            15 * MINUTE
        } else {
            HOUR
        }
    }

    /// What a person has to do. The vendor names it freely; what is about a mail or a contact is the registrant's.
    fn asked_for(&self) -> ActionReason {
        let words = self.context.to_string().to_lowercase();
        let is_registrants = ["verif", "confirm", "contact", "email"].iter().any(|word| words.contains(word));
        let action = self.context.get("action").map(Value::to_string);
        tracing::warn!(action, "an order at Cloudflare waits for a person");
        if is_registrants { ActionReason::RegistrantUnverified } else { ActionReason::RegistrarRejected }
    }

    /// Why it came to nothing.
    pub(super) fn failure(&self) -> Trouble {
        let code = self.error.as_ref().map(|error| error.code.to_lowercase()).unwrap_or_default();
        tracing::warn!(code, "an order at Cloudflare came to nothing");
        failed(&code)
    }
}

/// What it means that an order was refused in such words. Nobody has published them, so what they are about has to do.
pub(super) fn failed(words: &str) -> Trouble {
    let about = |words_of: &[&str]| words_of.iter().any(|word| words.contains(word));
    if about(&["payment", "billing", "card"]) {
        return Trouble::Misconfigured(
            "Cloudflare does not charge this account: look at its billing profile and its payment method there.".into(),
        );
    }
    if about(&["maximum number of domains", "domain_limit", "domain limit"]) {
        return Trouble::Misconfigured(
            "The account has as many names as Cloudflare lets one have (500): configure another account, or have the limit \
             raised."
                .into(),
        );
    }
    if about(&["not available", "not_available", "unavailable", "taken"]) {
        return ask(ActionReason::NameTaken);
    }
    if about(&["premium", "price"]) {
        return ask(ActionReason::PriceChanged);
    }
    ask(ActionReason::RegistrarRejected)
}

pub(super) const fn ask(reason: ActionReason) -> Trouble {
    Trouble::Refused(Refused::Ask(reason))
}

pub(super) const fn under_way(until: Time) -> Trouble {
    Trouble::UnderWay(UnderWay::Registration, until)
}

impl Cloudflare {
    /// A name in the account; `None` when it is not.
    pub(super) async fn registration(&self, name: &DomainName) -> Result<Option<Registration>, Trouble> {
        let request = self.registrar("look_at_name", Method::Get, &["registrations", name.as_str()]);
        self.find(request, Right::Names).await
    }

    /// What the account has of a name, and of the order for it.
    pub(super) async fn standing(&self, call: &Call) -> Result<Standing, Trouble> {
        let name = &call.subject;
        if let Some(registration) = self.registration(name).await?
            && let Some(standing) = registration.standing()?
        {
            return Ok(standing);
        }
        let path = ["registrations", name.as_str(), "registration-status"];
        let workflow: Option<Workflow> =
            self.find(self.registrar("look_at_order", Method::Get, &path), Right::Names).await?;
        Ok(workflow.map_or(Standing::Nothing, |workflow| workflow.standing(call.now)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Time = Time(1_800_000_000_000_000);

    fn workflow(state: &str, age: i64, more: Value) -> Workflow {
        let at = NOW.plus(-age);
        let mut value = json!({ "state": state, "created_at": at, "updated_at": at, "completed": false });
        value.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_order_is_looked_at_more_rarely_the_longer_it_takes() {
        for (state, age, pause) in [
            ("pending", 0, MINUTE),
            ("in_progress", MINUTE, MINUTE),
            ("in_progress", HOUR, 15 * MINUTE),
            ("in_progress", 3 * DAY, HOUR),
            ("something_new", 0, MINUTE),
            ("blocked", 0, HOUR),
            ("succeeded", 0, MINUTE),
        ] {
            let Standing::Coming(at) = workflow(state, age, json!({})).standing(NOW) else { panic!("{state}") };
            assert_eq!(at, NOW.plus(pause), "{state} {age}");
        }
    }

    #[test]
    fn what_came_to_nothing_long_ago_stands_in_nobodys_way() {
        let failed = |age| workflow("failed", age, json!({ "error": { "code": "registry_rejected", "message": "" } }));
        assert!(matches!(failed(HOUR).standing(NOW), Standing::Failed(_)));
        assert!(matches!(failed(2 * DAY).standing(NOW), Standing::Nothing));
        assert!(matches!(workflow("succeeded", 2 * DAY, json!({})).standing(NOW), Standing::Nothing));
    }

    #[test]
    fn an_order_that_waits_for_a_person_says_for_what() {
        for (context, reason) in [
            (json!({ "action": "confirm_registrant_email" }), ActionReason::RegistrantUnverified),
            (json!({ "action": { "type": "contact_verification" } }), ActionReason::RegistrantUnverified),
            (json!({ "action": "accept_agreement" }), ActionReason::RegistrarRejected),
            (json!(null), ActionReason::RegistrarRejected),
        ] {
            let waiting = workflow("action_required", 30 * DAY, json!({ "context": context }));
            assert!(matches!(waiting.standing(NOW), Standing::Waiting(told) if told == reason), "{context}");
        }
    }

    #[test]
    fn why_an_order_failed_is_told_by_what_can_be_done() {
        for (words, reason) in [
            ("domain_not_available", Some(ActionReason::NameTaken)),
            ("premium_not_supported", Some(ActionReason::PriceChanged)),
            ("registry_rejected", Some(ActionReason::RegistrarRejected)),
            ("payment_failed", None),
            ("the account has reached the maximum number of domains", None),
        ] {
            match reason {
                Some(reason) => assert_eq!(failed(words), ask(reason), "{words}"),
                None => assert!(matches!(failed(words), Trouble::Misconfigured(_)), "{words}"),
            }
        }
    }
}
