//! Every step, and the lines of steps that workflows are.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::DomainStatus;

/// One repeatable conversation with one provider. Append-only: names are in rows and references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// Buys the name.
    RegisterName,
    /// Opens its zone at the DNS host.
    CreateZone,
    /// Points the name's delegation at that zone.
    DelegateName,
    /// Opens the mail domain and learns the records it wants.
    OpenMailDomain,
    /// Publishes those records, SPF, DMARC and the rest.
    PublishRecords,
    /// Has the mail host see them.
    VerifyMailDomain,
    /// Makes the inboxes.
    CreateInboxes,
    /// Redirects the web address.
    SetForwarding,
    /// Links the inboxes to the sequencer.
    LinkSequencer,
    /// Looks whether everything can be seen from outside.
    ConfirmReady,
}

impl StepName {
    /// Every step.
    pub const ALL: &[Self] = &[
        Self::RegisterName,
        Self::CreateZone,
        Self::DelegateName,
        Self::OpenMailDomain,
        Self::PublishRecords,
        Self::VerifyMailDomain,
        Self::CreateInboxes,
        Self::SetForwarding,
        Self::LinkSequencer,
        Self::ConfirmReady,
    ];

    /// The name in rows, references and timelines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RegisterName => "register_name",
            Self::CreateZone => "create_zone",
            Self::DelegateName => "delegate_name",
            Self::OpenMailDomain => "open_mail_domain",
            Self::PublishRecords => "publish_records",
            Self::VerifyMailDomain => "verify_mail_domain",
            Self::CreateInboxes => "create_inboxes",
            Self::SetForwarding => "set_forwarding",
            Self::LinkSequencer => "link_sequencer",
            Self::ConfirmReady => "confirm_ready",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == text)
    }

    /// What a domain is called while this step is worked on.
    #[must_use]
    pub const fn domain_status(self) -> DomainStatus {
        match self {
            Self::RegisterName => DomainStatus::Registering,
            Self::CreateZone
            | Self::DelegateName
            | Self::OpenMailDomain
            | Self::PublishRecords
            | Self::VerifyMailDomain => DomainStatus::Configuring,
            Self::CreateInboxes => DomainStatus::Provisioning,
            Self::SetForwarding | Self::LinkSequencer | Self::ConfirmReady => DomainStatus::Connecting,
        }
    }
}

/// A kind of workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunKind {
    /// A domain of an order, from the purchase to its linked inboxes.
    Provision,
}

impl RunKind {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::Provision];

    /// The name in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provision => "provision",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == text)
    }

    /// Its steps, in their order.
    #[must_use]
    pub const fn steps(self) -> &'static [StepName] {
        match self {
            Self::Provision => StepName::ALL,
        }
    }

    /// The step after `step`; `None` after the last.
    #[must_use]
    pub fn after(self, step: StepName) -> Option<StepName> {
        let steps = self.steps();
        let here = steps.iter().position(|one| *one == step)?;
        steps.get(here + 1).copied()
    }
}
