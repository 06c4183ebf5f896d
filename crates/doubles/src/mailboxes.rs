//! The mailboxes of a tenant, for whoever keeps real ones for it.

/// An address, and the password that opens it, where its owner has made one.
pub type Mailbox = (String, Option<String>);

type Tell = dyn Fn(&[Mailbox]) + Send + Sync;

/// Whoever keeps them, and what they were told.
#[derive(Default)]
pub(crate) struct Keeper {
    tell: Option<Box<Tell>>,
    told: Vec<Mailbox>,
}

impl Keeper {
    pub(crate) fn tell_to(&mut self, tell: impl Fn(&[Mailbox]) + Send + Sync + 'static) {
        self.tell = Some(Box::new(tell));
    }

    /// These are all, which is told when it is news.
    pub(crate) fn are(&mut self, mailboxes: Vec<Mailbox>) {
        if mailboxes != self.told {
            self.tell.iter().for_each(|tell| tell(&mailboxes));
            self.told = mailboxes;
        }
    }
}
