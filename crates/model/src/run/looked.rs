//! What a look at a domain that works means for its inboxes.

use super::{Looked, Memory, Mended, Mending};
use crate::clock::Time;
use crate::evidence::{LinkLook, MailboxState};
use crate::inbox::{Inbox, InboxStatus, LinkStatus};

impl Memory {
    /// Whether something was put right, or may have been, since the domain was last well.
    #[must_use]
    pub const fn has_put_right(&self) -> bool {
        self.may_mend || self.mended.is_some()
    }

    /// What a look means for what is put right next.
    pub(super) fn see(&mut self, looked: &Looked, now: Time) {
        self.may_mend = looked.mending == Mending::Wanted;
        if looked.mending == Mending::Tried {
            self.mended = Some(Mended { at: now, nudges: self.nudges });
        } else if looked.is_well {
            self.mended = None;
        }
    }
}

impl Looked {
    /// The inboxes that are not any more as their rows say.
    pub(super) fn changed(&self, inboxes: &[Inbox]) -> impl Iterator<Item = Inbox> {
        let lives = |inbox: &&Inbox| matches!(inbox.status, InboxStatus::Active | InboxStatus::Suspended);
        let now = |inbox: &Inbox| Inbox { status: self.status(inbox), link: self.link(inbox), ..inbox.clone() };
        inboxes
            .iter()
            .filter(lives)
            .map(move |inbox| (inbox, now(inbox)))
            .filter(|(inbox, now)| *inbox != now)
            .map(|(_, now)| now)
    }

    /// What cannot take mail is suspended, whoever has shut it, or taken its licence.
    fn status(&self, inbox: &Inbox) -> InboxStatus {
        let found = self.mailboxes.iter().find(|one| one.email.eq_ignore_ascii_case(&inbox.email));
        match found.map(|one| one.state) {
            Some(MailboxState::Works) => InboxStatus::Active,
            Some(MailboxState::Suspended | MailboxState::Unlicensed | MailboxState::Missing) => InboxStatus::Suspended,
            None => inbox.status,
        }
    }

    /// One that is not linked yet is not lost.
    fn link(&self, inbox: &Inbox) -> LinkStatus {
        let found = self.links.iter().find(|one| one.email.eq_ignore_ascii_case(&inbox.email));
        match (inbox.link, found.map(LinkLook::fails)) {
            (LinkStatus::Linked, Some(true)) => LinkStatus::Failed,
            (LinkStatus::Failed, Some(false)) => LinkStatus::Linked,
            (link, _) => link,
        }
    }
}
