//! What the first label of a name makes the sandbox do, as data.

use model::action::ActionReason;
use model::domain::{DomainName, MailProvider, Unavailable};

/// Everything that a name decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Behaviour {
    /// What the registrar says of the name while nobody has bought it.
    pub(super) shelf: Shelf,
    /// How calls for it go.
    pub(super) manner: Manner,
}

/// What the registrar says of a name while nobody has bought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shelf {
    /// It can be bought, and these can use it.
    Free(&'static [MailProvider]),
    /// It cannot be bought.
    Not(Unavailable),
    /// It can be bought, say those who only look; at the purchase it is gone.
    GoneAtTheTill(&'static [MailProvider]),
}

/// How calls for a name go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// They work.
    Smooth,
    /// Each reference waits first.
    Slow,
    /// Each reference fails a few times first.
    Flaky,
    /// Each reference loses the answer of its first call that changed something.
    Lossy,
    /// The mail host refuses for good.
    Hopeless,
    /// Imported: nobody has registered it.
    Unregistered,
    /// Imported: mail is received at it.
    LiveMail,
    /// Its registry says that its zone is signed.
    Signed,
    /// Its registry says that nobody may change it.
    Locked,
    /// Its registry has it on hold.
    Suspended,
    /// Imported: the DNS host refuses its zone.
    ZoneRefused,
    /// Imported: nobody sets its nameservers until asked, or for two days.
    Neglected,
    /// Its delegation is lost for two days, long after it worked, or until somebody says that it is mended.
    Drifting,
    /// Its registrant never confirms the address, so that its registry takes it off the net, until somebody says that it is mended.
    Unverified,
    /// The sequencer's logins to its inboxes fail, long after they were linked, until somebody says that they are mended.
    LosingLinks,
    /// Its mail host shuts its mailboxes for two days, long after they were made.
    ShuttingMailboxes,
    /// Another year costs more than was said when it was bought.
    DearerToRenew,
    /// Its mailboxes are not found for a while after they were made.
    LateMailboxes,
    /// The addresses that its people would have first are kept for users who were deleted.
    Reserved,
    /// Its signing key is long in coming after its mail domain was opened.
    SlowKey,
    /// Its registration is long in coming after it was ordered.
    PendingHours,
    /// Somebody else is faster whenever it is to be bought.
    Snatched,
    /// It is dearer when it is to be bought, and from then on.
    Dearer,
    /// The first look at this moment asks a person.
    Asking(Moment, ActionReason),
}

/// Where a call can stop to ask a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// When the name is bought.
    Registering,
    /// When the mail domain is opened.
    OpeningMail,
    /// When its mail is to be signed.
    Signing,
    /// Before any mailbox is made.
    MakingMailboxes,
    /// After half of the mailboxes are made: licences run out while they are used.
    HalfOfMailboxes,
    /// When accounts are linked.
    Linking,
    /// When the registration is renewed.
    Renewing,
    /// When the target of a redirect is looked at.
    FetchingTarget,
}

const EVERYBODY: &[MailProvider] = &[MailProvider::Google, MailProvider::Microsoft];
const BOTH: Shelf = Shelf::Free(EVERYBODY);
const GOOGLE: Shelf = Shelf::Free(&[MailProvider::Google]);

const fn shelf(shelf: Shelf) -> Behaviour {
    Behaviour { shelf, manner: Manner::Smooth }
}

const fn not(why: Unavailable) -> Behaviour {
    shelf(Shelf::Not(why))
}

const fn manner(manner: Manner) -> Behaviour {
    Behaviour { shelf: BOTH, manner }
}

const fn asks(moment: Moment, reason: ActionReason) -> Behaviour {
    manner(Manner::Asking(moment, reason))
}

const fn asks_google(moment: Moment, reason: ActionReason) -> Behaviour {
    Behaviour { shelf: GOOGLE, manner: Manner::Asking(moment, reason) }
}

const PLAIN: Behaviour = shelf(BOTH);

/// Every prefix of a first label that means something.
pub(super) const TABLE: &[(&str, Behaviour)] = &[
    ("premium-", not(Unavailable::Premium)),
    ("taken-", not(Unavailable::Taken)),
    ("errored-", not(Unavailable::Errored)),
    ("stale-", not(Unavailable::Stale)),
    ("team-", shelf(GOOGLE)),
    ("sold-", shelf(Shelf::GoneAtTheTill(EVERYBODY))),
    ("slow-", manner(Manner::Slow)),
    ("flaky-", manner(Manner::Flaky)),
    ("lost-", manner(Manner::Lossy)),
    ("fail-", manner(Manner::Hopeless)),
    ("unreg-", manner(Manner::Unregistered)),
    ("livemx-", manner(Manner::LiveMail)),
    ("signed-", manner(Manner::Signed)),
    ("locked-", manner(Manner::Locked)),
    ("hold-", manner(Manner::Suspended)),
    ("zoneref-", manner(Manner::ZoneRefused)),
    ("nons-", manner(Manner::Neglected)),
    ("drift-", manner(Manner::Drifting)),
    ("suspended-", manner(Manner::Unverified)),
    ("mailbox-suspended-", manner(Manner::ShuttingMailboxes)),
    ("link-lost-", manner(Manner::LosingLinks)),
    ("renewal-jump-", manner(Manner::DearerToRenew)),
    ("late-mailbox-", manner(Manner::LateMailboxes)),
    ("dkim-slow-", manner(Manner::SlowKey)),
    ("pending-hours-", manner(Manner::PendingHours)),
    ("action-", asks(Moment::Registering, ActionReason::RegistrarRejected)),
    ("action-taken-", manner(Manner::Snatched)),
    ("action-price-", manner(Manner::Dearer)),
    ("action-registrant-", asks(Moment::Registering, ActionReason::RegistrantUnverified)),
    ("action-consent-", asks(Moment::OpeningMail, ActionReason::AdminConsentNeeded)),
    ("tenant-", asks(Moment::OpeningMail, ActionReason::DomainInAnotherTenant)),
    ("reserved-", manner(Manner::Reserved)),
    ("action-dkim-", asks(Moment::Signing, ActionReason::DkimNeedsEnabling)),
    ("action-capacity-", asks(Moment::HalfOfMailboxes, ActionReason::LicenceCapacity)),
    ("action-picture-", asks_google(Moment::MakingMailboxes, ActionReason::ProfilePictureNotAccessible)),
    ("action-picture-type-", asks_google(Moment::MakingMailboxes, ActionReason::ProfilePictureNotAnImage)),
    ("action-login-", asks(Moment::Linking, ActionReason::CredentialsRejected)),
    ("action-renewal-", asks(Moment::Renewing, ActionReason::RegistrarRejected)),
    ("action-target-", asks(Moment::FetchingTarget, ActionReason::TargetUnreachable)),
];

impl Behaviour {
    /// What a name decides: the longest prefix of its first label wins, and without one everything works.
    pub(super) fn of(name: &DomainName) -> Self {
        let label = name.first_label();
        let rows = TABLE.iter().filter(|(prefix, _)| label.starts_with(prefix));
        rows.max_by_key(|(prefix, _)| prefix.len()).map_or(PLAIN, |(_, behaviour)| *behaviour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Behaviour {
        Behaviour::of(&DomainName::stored(name))
    }

    #[test]
    fn each_row_is_reached_by_its_prefix() {
        for (prefix, behaviour) in TABLE {
            assert_eq!(of(&format!("{prefix}acme.com")), *behaviour, "{prefix}");
        }
    }

    #[test]
    fn names_decide_by_the_beginning_of_their_first_label() {
        let asked = |name| match of(name).manner {
            Manner::Asking(_, reason) => Some(reason),
            _ => None,
        };
        for (name, behaviour) in [
            ("acme-mail.com", PLAIN),
            ("team.com", PLAIN),
            ("my-team-acme.com", PLAIN),
            ("acme.premium-things.com", PLAIN),
            ("actionable.com", PLAIN),
            ("team-acme.com", shelf(GOOGLE)),
            ("premium-acme.com", not(Unavailable::Premium)),
            ("action-picture-x.com", asks_google(Moment::MakingMailboxes, ActionReason::ProfilePictureNotAccessible)),
        ] {
            assert_eq!(of(name), behaviour, "{name}");
        }
        for (name, reason) in [
            ("action-acme.com", ActionReason::RegistrarRejected),
            ("action-pictures.com", ActionReason::RegistrarRejected),
            ("action-picture-typed.com", ActionReason::ProfilePictureNotAccessible),
            ("action-picture-type-a.com", ActionReason::ProfilePictureNotAnImage),
        ] {
            assert_eq!(asked(name), Some(reason), "{name}");
        }
    }
}
