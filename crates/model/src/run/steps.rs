//! Every step, and the lines of steps that workflows are.

use crate::domain::DomainStatus;
use crate::named::named;

named! {
    /// What a step does; `title` has it in words. New ones may be added.
    // One repeatable conversation with one provider. Append-only: names are in rows and references.
    pub enum StepName {
        /// Buys the name.
        RegisterName "register_name",
        /// Opens its zone at the DNS host.
        CreateZone "create_zone",
        /// Points the name's delegation at that zone.
        DelegateName "delegate_name",
        /// Opens the mail domain and learns the records it wants.
        OpenMailDomain "open_mail_domain",
        /// Publishes those records, SPF, DMARC and the rest.
        PublishRecords "publish_records",
        /// Has the mail host see them.
        VerifyMailDomain "verify_mail_domain",
        /// Makes the inboxes.
        CreateInboxes "create_inboxes",
        /// Redirects the web address.
        SetForwarding "set_forwarding",
        /// Links the inboxes to the sequencer.
        LinkSequencer "link_sequencer",
        /// Looks whether everything can be seen from outside.
        ConfirmReady "confirm_ready",
        /// Looks whether an imported name is registered and free of mail.
        InspectName "inspect_name",
        /// Unlinks and deletes the inboxes.
        CloseInboxes "close_inboxes",
        /// Lets the name go: to the inventory, or to its owner.
        ReleaseDomain "release_domain",
        /// Renews the registration.
        RenewName "renew_name",
        /// Waits until the name that is to take another's place can be had.
        FindReplacement "find_replacement",
        /// Gives a mailbox another name.
        RenameInbox "rename_inbox",
        /// Links a mailbox under its new address.
        RelinkInbox "relink_inbox",
        /// Looks whether the records are still as they should be, and puts them right.
        LookAtDns "look_at_dns",
        /// Looks whether work that came too late has left something behind, and takes it in or down.
        LookBack "look_back",
    }
}

named! {
    /// A kind of workflow.
    pub enum RunKind {
        /// A domain of an order, from the purchase to its linked inboxes.
        Provision "provision",
        /// A name that the customer brings.
        Import "import",
        /// Where a domain's web address leads.
        Forward "forward",
        /// The end of a domain in its order.
        Close "close",
        /// Another year of a registration.
        Renew "renew",
        /// Getting hold of the name that takes another's place.
        Replace "replace",
        /// Another name for one inbox.
        Rename "rename",
        /// Looking after a domain that works.
        Watch "watch",
        /// What a process left behind that went on with its work after it was no longer its own.
        LookBack "look_back",
    }
}

impl StepName {
    /// Whether it may change something outside; the others only look.
    #[must_use]
    pub const fn acts(self) -> bool {
        !matches!(self, Self::ConfirmReady | Self::InspectName | Self::FindReplacement)
    }
}

impl RunKind {
    /// Its steps, in their order.
    #[must_use]
    pub const fn steps(self) -> &'static [StepName] {
        use StepName as S;
        match self {
            Self::Provision => &[
                S::RegisterName,
                S::CreateZone,
                S::DelegateName,
                S::OpenMailDomain,
                S::PublishRecords,
                S::VerifyMailDomain,
                S::CreateInboxes,
                S::SetForwarding,
                S::LinkSequencer,
                S::ConfirmReady,
            ],
            Self::Import => &[S::InspectName, S::CreateZone, S::DelegateName],
            Self::Forward => &[S::SetForwarding],
            Self::Close => &[S::CloseInboxes, S::ReleaseDomain],
            Self::Renew => &[S::RenewName],
            Self::Replace => &[S::FindReplacement],
            Self::Rename => &[S::RenameInbox, S::RelinkInbox],
            Self::Watch => &[S::LookAtDns],
            Self::LookBack => &[S::LookBack],
        }
    }

    /// What a domain is called while a step of this workflow is worked on; `None` where the workflow does
    /// not change what the domain is.
    #[must_use]
    pub const fn status_during(self, step: StepName) -> Option<DomainStatus> {
        match (self, step) {
            (Self::Provision, StepName::RegisterName) => Some(DomainStatus::Registering),
            (Self::Provision, StepName::CreateInboxes) => Some(DomainStatus::Provisioning),
            (Self::Provision, StepName::SetForwarding | StepName::LinkSequencer | StepName::ConfirmReady) => {
                Some(DomainStatus::Connecting)
            }
            (Self::Provision | Self::Import, _) => Some(DomainStatus::Configuring),
            (Self::Close, _) => Some(DomainStatus::Releasing),
            (Self::Forward | Self::Renew | Self::Replace | Self::Rename | Self::Watch | Self::LookBack, _) => None,
        }
    }

    /// What a domain is when this workflow has ended well.
    #[must_use]
    pub const fn status_after(self) -> Option<DomainStatus> {
        match self {
            Self::Provision => Some(DomainStatus::Active),
            Self::Import => Some(DomainStatus::Available),
            Self::Close => Some(DomainStatus::Released),
            Self::Forward | Self::Renew | Self::Replace | Self::Rename | Self::Watch | Self::LookBack => None,
        }
    }

    /// Whether the domain has failed when this workflow has.
    #[must_use]
    pub const fn makes_the_domain(self) -> bool {
        matches!(self, Self::Provision | Self::Import)
    }

    /// Whether the domain waits for a person when this workflow does; otherwise it works on meanwhile.
    #[must_use]
    pub const fn holds_the_domain_up(self) -> bool {
        !matches!(self, Self::Replace | Self::Rename | Self::LookBack)
    }

    /// The step after `step`; `None` after the last.
    #[must_use]
    pub fn after(self, step: StepName) -> Option<StepName> {
        let steps = self.steps();
        let here = steps.iter().position(|one| *one == step)?;
        steps.get(here + 1).copied()
    }
}
