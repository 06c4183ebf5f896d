//! Renewals, at a vendor that sells none: it renews a name by itself, where that is switched on, in the month before the
//! name runs out. So renewing is: switch it on, wait until the date has moved, switch it off.
//!
//! What it charges then is what a year costs then; no limit can be given. The price is looked at each time, and when it has
//! risen above the limit, the switch goes off again.

use model::action::ActionReason;
use model::clock::{DAY, HOUR, MINUTE, Time};
use model::domain::DomainName;
use model::money::Cents;
use serde_json::json;

use super::order::{Registration, Standing, Workflow, ask};
use super::{Cloudflare, Right};
use crate::call::Call;
use crate::roles::Bought;
use crate::term::{self, LONGEST};
use crate::trouble::{Refused, Trouble};
use crate::vendor::Method;

/// How long before a name runs out the vendor renews it at the earliest.
const AHEAD: i64 = 30 * DAY;
/// How soon a date that has not moved is looked at again.
const LOOK_AGAIN: i64 = 6 * HOUR;
/// How soon it is looked at after it was switched on.
const SWITCHED: i64 = 5 * MINUTE;

impl Cloudflare {
    pub(super) async fn renewed(&self, call: &Call, beyond: Time, max_cents: Cents) -> Result<Bought, Trouble> {
        let Standing::Held(name, expires) = self.standing(call).await? else {
            return Err(ask(ActionReason::RegistrarRejected));
        };
        if expires > beyond {
            self.ensure_own_renewal(&name, false).await?;
            return Ok(Bought::until(expires));
        }
        let least = term::least(&call.subject);
        let Some(years) = term::missing(expires, beyond, least, call.now) else {
            let words = format!("{} cannot be renewed for more than {LONGEST} years ahead.", call.subject);
            return Err(Trouble::Refused(Refused::ForGood(words)));
        };
        if self.further(&call.subject).await?.saturating_mul(years) > max_cents {
            self.ensure_own_renewal(&name, false).await?;
            return Err(ask(ActionReason::PriceChanged));
        }
        self.ensure_own_renewal(&name, true).await?;
        // Where it is due already, it may be done as soon as it is switched on.
        let wait = if name.auto_renew { LOOK_AGAIN } else { SWITCHED };
        Err(Trouble::Later(Some(call.now.plus(wait).max(expires.plus(-AHEAD)))))
    }

    /// Has the vendor renew a name by itself, or not.
    pub(super) async fn ensure_own_renewal(&self, name: &Registration, is_on: bool) -> Result<(), Trouble> {
        if name.auto_renew == is_on {
            return Ok(());
        }
        let domain = DomainName::stored(name.domain_name.to_ascii_lowercase());
        let operation = if is_on { "start_renewing" } else { "stop_renewing" };
        let request = self.registrar(operation, Method::Patch, &["registrations", domain.as_str()]);
        let workflow: Workflow = self.get(request.body(json!({ "auto_renew": is_on })), Right::Names).await?;
        if workflow.has_succeeded() {
            return Ok(());
        }
        // Otherwise it is looked at again before anything is taken for done.
        Err(if workflow.has_failed() { ask(ActionReason::RegistrarRejected) } else { Trouble::Later(None) })
    }
}
