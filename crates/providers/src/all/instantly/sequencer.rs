//! The role: several inboxes at a time.

use async_trait::async_trait;
use futures_util::FutureExt as _;
use model::access::AccessKind;

use super::accounts::{Accounts, Wrote, key};
use super::linking::Linked;
use super::{AT_ONCE, Instantly};
use crate::call::Call;
use crate::roles::{Link, Part, Reachable, Sequencer, SequencerLogin};
use crate::several::{Miss, Tried, each};
use crate::trouble::Trouble;

/// As many are linked and warmed up before others are begun: far less calls than the vendor takes in a second, and less than it
/// warms up at once.
const A_FEW: usize = 25;

#[async_trait]
impl Sequencer for Instantly {
    fn takes(&self) -> &'static [AccessKind] {
        &[AccessKind::Password]
    }

    fn needs_key(&self) -> bool {
        true
    }

    async fn ensure_linked(&self, _: &Call, login: &SequencerLogin, inboxes: &[Reachable]) -> Part<(String, String)> {
        if inboxes.is_empty() {
            return Part { done: vec![], trouble: None };
        }
        match self.accounts(login) {
            Ok(accounts) => accounts.linked(inboxes).await.part(),
            Err(trouble) => Part { done: vec![], trouble: Some(trouble) },
        }
    }

    async fn ensure_unlinked(&self, _: &Call, login: &SequencerLogin, emails: &[String]) -> Result<(), Trouble> {
        if emails.is_empty() {
            return Ok(());
        }
        let accounts = self.accounts(login)?;
        let unlink = emails.iter().map(|email| accounts.ensure_gone(email).boxed());
        each(unlink.collect(), AT_ONCE).await.all().map(|_| ()).map_err(Miss::trouble)
    }

    async fn links(&self, _: &Call, login: &SequencerLogin, emails: &[String]) -> Result<Option<Vec<Link>>, Trouble> {
        if emails.is_empty() {
            return Ok(Some(vec![]));
        }
        let accounts = self.accounts(login)?;
        let look = emails.iter().map(|email| accounts.link_of(email).boxed());
        let links = each(look.collect(), AT_ONCE).await.all().map_err(Miss::trouble)?;
        Ok(Some(links.into_iter().flatten().collect()))
    }
}

impl Accounts<'_> {
    /// A few after another, each few to its end: where the vendor's limit is reached, those before are done.
    async fn linked(&self, inboxes: &[Reachable]) -> Tried<(String, String)> {
        let mut all = Tried::default();
        for some in inboxes.chunks(A_FEW) {
            let few = self.few_linked(some).await;
            all.done.extend(few.done);
            few.missed.into_iter().for_each(|miss| all.miss(miss));
            if all.is_over() {
                break;
            }
        }
        all
    }

    async fn few_linked(&self, inboxes: &[Reachable]) -> Tried<(String, String)> {
        let link = inboxes.iter().map(|inbox| self.ensure(inbox).boxed());
        let Tried { done, missed } = each(link.collect(), AT_ONCE).await;
        let (cold, mut linked): (Vec<_>, Vec<_>) =
            done.into_iter().partition(|one| self.knobs.warmup.is_some() && !one.is_warming);
        let warmed = if cold.is_empty() { Ok(()) } else { self.warmed(&cold).await };
        if warmed.is_ok() {
            linked.extend(cold);
        }
        let done = linked.into_iter().map(|one| (one.email.clone(), key(&one.email))).collect();
        let mut few = Tried { done, missed };
        warmed.err().into_iter().for_each(|miss| few.miss(miss));
        few
    }

    /// What is not warmed up is not linked yet: it is found again at the next try.
    async fn warmed(&self, some: &[Linked]) -> Result<(), Miss> {
        let emails: Vec<_> = some.iter().map(|one| one.email.clone()).collect();
        match self.warm_up(&emails).await? {
            Wrote::Yes(_) => Ok(()),
            Wrote::Unclear | Wrote::NotThere => Err(Trouble::Unknown.into()),
            Wrote::No(_) => Err(Trouble::Later(None).into()),
        }
    }
}
