//! What a mail host has to keep when mailboxes are renamed. Whether a mailbox is there is seen by linking it.

use model::domain::{DomainName, MailProvider};
use model::run::StepName;

use super::maker::Maker;
use super::patience::{refused, settled};
use super::stage::{addresses, filled, linked, login, mailbox, mailboxes, reachable, verified};
use crate::call::Call;
use crate::cast::Cast;
use crate::roles::MailboxSpec;
use crate::trouble::{Refused, Trouble};

/// Tries after which a call that cannot succeed has done what it can.
const TRIES: usize = 5;

/// A ready name, its mailboxes, and how they are renamed.
struct Desk<'a> {
    cast: &'a Cast,
    maker: &'a Maker,
    provider: MailProvider,
    name: DomainName,
    boxes: Vec<String>,
}

impl<'a> Desk<'a> {
    async fn new(cast: &'a Cast, maker: &'a Maker, provider: MailProvider, count: usize) -> Self {
        let name = verified(cast, maker, provider).await;
        let wanted = mailboxes(&name, count);
        filled(cast, maker, provider, &name, &wanted).await;
        Self { cast, maker, provider, boxes: addresses(&wanted), name }
    }

    fn called(&self, local: &str, first_name: &str) -> MailboxSpec {
        MailboxSpec { first_name: first_name.into(), ..mailbox(&format!("{local}@{}", self.name)) }
    }

    async fn rename(&self, run: &str, from: &str, to: &MailboxSpec) {
        let call = self.maker.later_call(&self.name, run);
        settled(&call, async |call| self.cast.mail(self.provider).ensure_renamed(call, from, to).await).await;
    }

    async fn refuse(&self, run: &str, from: &str, to: &MailboxSpec) -> Refused {
        let call = self.maker.later_call(&self.name, run);
        refused(&call, async |call| self.cast.mail(self.provider).ensure_renamed(call, from, to).await).await
    }

    /// Holds that mailboxes are at these addresses.
    async fn finds(&self, emails: &[String]) {
        let there = linked(self.cast, self.maker, &self.name, emails).await;
        assert_eq!(there.len(), emails.len(), "each of {emails:?} has its mailbox");
    }

    /// Holds that no mailbox is at an address any more: nobody can log into it.
    async fn misses(&self, email: &String) {
        let call = self.maker.call(&self.name, StepName::LinkSequencer);
        for _ in 0..TRIES {
            let part =
                self.cast.sequencer.ensure_linked(&call, &login(), &reachable(std::slice::from_ref(email))).await;
            assert!(part.done.is_empty(), "a mailbox that was renamed is not at its old address {email}");
        }
    }
}

pub(super) async fn mailboxes_are_renamed_once(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let desk = Desk::new(cast, maker, provider, 2).await;
    let (old, other) = (&desk.boxes[0], &desk.boxes[1]);
    let same = mailbox(old);
    desk.rename("same", old, &same).await;
    let shown = MailboxSpec { first_name: "Joan".into(), ..same };
    for run in ["shown", "shown", "shown_again"] {
        desk.rename(run, old, &shown).await;
    }
    let new = desk.called("joan.doe", "Joan");
    for run in ["moved", "moved", "moved_again"] {
        desk.rename(run, old, &new).await;
    }
    desk.rename("retouched", old, &desk.called("joan.doe", "Joanna")).await;
    desk.misses(old).await;
    desk.finds(&[new.email, other.clone()]).await;
}

pub(super) async fn nobody_loses_an_address(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let desk = Desk::new(cast, maker, provider, 2).await;
    let (one, other) = (&desk.boxes[0], &desk.boxes[1]);
    let call = maker.later_call(&desk.name, "collision");
    for _ in 0..TRIES {
        let answer = cast.mail(provider).ensure_renamed(&call, one, &mailbox(other)).await;
        let waits = matches!(answer, Err(Trouble::Later(_) | Trouble::UnderWay(..) | Trouble::Unknown));
        assert!(waits, "an address that a mailbox has is not given to another, and may become free: {answer:?}");
    }
    let elsewhere = mailbox("jane@somebody-else.example.net");
    let missing = format!("nobody@{}", desk.name);
    for (run, from, to) in [("elsewhere", one, elsewhere), ("missing", &missing, desk.called("new", "Jane"))] {
        let no = desk.refuse(run, from, &to).await;
        assert!(matches!(no, Refused::ForGood(_)), "{from} cannot be renamed to {}: {no:?}", to.email);
    }
    desk.finds(&desk.boxes).await;
}

pub(super) async fn addresses_can_be_passed_on(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let desk = Desk::new(cast, maker, provider, 2).await;
    let (one, other) = (&desk.boxes[0], &desk.boxes[1]);
    let away = desk.called("away", "June");
    desk.rename("away", other, &away).await;
    desk.rename("follow", one, &mailbox(other)).await;
    desk.finds(&[away.email, other.clone()]).await;
    desk.misses(one).await;
    desk.rename("back", other, &mailbox(one)).await;
    desk.finds(std::slice::from_ref(one)).await;
    let again = filled(cast, maker, provider, &desk.name, &[mailbox(other)]).await;
    assert_eq!(again, std::slice::from_ref(other), "an address that was given up can have a mailbox of its own");
    desk.finds(&desk.boxes).await;
}

/// A rename as a walk of the suite makes it.
pub(super) async fn renamed(cast: &Cast, provider: MailProvider, call: &Call, from: &str) -> Result<(), Trouble> {
    let to = MailboxSpec { first_name: "Joan".into(), ..mailbox(&format!("joan@{}", call.subject)) };
    cast.mail(provider).ensure_renamed(call, from, &to).await
}
