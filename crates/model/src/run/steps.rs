//! The name of every step and of every workflow; [`super::spec`] says what each is like.

use crate::named::named;

named! {
    /// What a step does; `title` has it in words. New ones may be added.
    // Append-only: names are in rows and references.
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
        /// Has the mail host sign the domain's mail.
        SignMail "sign_mail",
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
        /// Having the mail of a domain signed that its order had not waited for.
        Sign "sign",
        /// What a process left behind that went on with its work after it was no longer its own.
        LookBack "look_back",
    }
}
