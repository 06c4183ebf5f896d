//! What premium swaps are held against: who may, how soon again, how many.

use super::{COOLDOWN, Swap, SwapKind, SwapStatus};
use crate::clock::Time;
use crate::domain::{Domain, MailProvider};
use crate::partner::Tier;
use crate::refusal::{Code, Fault, Refusal};

/// What is counted when a premium swap is asked for, with the partner locked.
#[derive(Clone, Debug)]
pub struct Premium {
    /// What the partner has agreed on.
    pub tier: Tier,
    /// The partner's active Microsoft domains in this world.
    pub active: i64,
    /// When each premium swap of the last 30 days was asked for, oldest first; failed ones are left out.
    pub used: Vec<Time>,
    /// The swaps that the domain came by, newest first.
    pub lineage: Vec<Swap>,
}

impl Premium {
    /// Checks them all.
    ///
    /// # Errors
    /// `conflict` for another provider or within the cooldown, `quota_exceeded`.
    pub(super) fn check(&self, domain: &Domain, now: Time) -> Result<(), Refusal> {
        if domain.provider != Some(MailProvider::Microsoft) {
            let message = format!("{} is not a Microsoft domain. Swap it with type standard.", domain.name);
            return Err(Fault::new(Code::Conflict, message).at("type").with("reason", "microsoft_only").into());
        }
        self.check_cooldown(domain, now)?;
        self.check_quota(now)
    }

    fn check_cooldown(&self, domain: &Domain, now: Time) -> Result<(), Refusal> {
        let premium = |swap: &&Swap| swap.kind == SwapKind::Premium && swap.status == SwapStatus::Completed;
        let last = self.lineage.iter().filter(premium).filter_map(|swap| swap.finished_at).max();
        match last.map(|at| at.plus(COOLDOWN)).filter(|ends| *ends > now) {
            None => Ok(()),
            Some(ends) => {
                let message = format!(
                    "{} came by a premium swap less than 30 days ago. Wait until {ends}, or swap it with type standard.",
                    domain.name
                );
                let fault = Fault::new(Code::Conflict, message).at("domain_id").with("reason", "cooldown");
                Err(fault.with("ends_at", ends.to_string()).into())
            }
        }
    }

    fn check_quota(&self, now: Time) -> Result<(), Refusal> {
        let percent = self.tier.premium_swap_percent();
        let limit = quota(self.active, percent);
        let used: Vec<_> = self.used.iter().filter(|at| at.plus(COOLDOWN) > now).collect();
        let count = i64::try_from(used.len()).unwrap_or(i64::MAX);
        if count < limit {
            return Ok(());
        }
        let over = usize::try_from(count - limit).unwrap_or(0);
        let frees_at = used.get(over).map(|at| at.plus(COOLDOWN).to_string());
        let message = format!(
            "{count} of {limit} premium swaps of the last 30 days are used: {percent} % of {} active Microsoft domains, \
             at least one. Wait for one to become free, or swap with type standard.",
            self.active
        );
        let fault = Fault::new(Code::QuotaExceeded, message)
            .with("limit", limit)
            .with("used", count)
            .with("active_domains", self.active)
            .with("percent", percent)
            .with("frees_at", frees_at);
        Err(fault.into())
    }
}

/// How many premium swaps a partner may ask for in 30 days.
const fn quota(active: i64, percent: i64) -> i64 {
    let share = active * percent / 100;
    if share > 1 { share } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_is_a_floor_and_at_least_one() {
        for (active, percent, limit) in
            [(1, 20, 1), (4, 60, 2), (9, 20, 1), (10, 20, 2), (14, 20, 2), (100, 30, 30), (7, 40, 2)]
        {
            assert_eq!(quota(active, percent), limit, "{active} {percent}");
        }
    }
}
