//! An import job as partners see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::import::{self, ImportReason, ImportRow, ImportRowStatus, ImportStatus};

/// A job that imports names.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Import {
    /// Its id.
    #[schema(example = "imp_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// Where it stands.
    pub status: ImportStatus,
    /// How many names it has; a name that was sent twice counts once.
    #[schema(minimum = 1, maximum = 500, example = 2)]
    pub domain_count: i64,
    /// How many of them are in your inventory now.
    #[schema(minimum = 0, maximum = 500, example = 1)]
    pub completed_count: i64,
    /// How many failed.
    #[schema(minimum = 0, maximum = 500, example = 0)]
    pub failed_count: i64,
    /// Which names have to use which nameservers: tell your customer to set them at the registrar.
    pub nameserver_groups: Vec<NameserverGroup>,
    /// The names, in the order sent.
    pub domains: Vec<ImportedDomain>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub created_at: Time,
    /// When its last name ended; null before.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2026-05-08T12:01:00Z")]
    pub completed_at: Option<Time>,
}

/// Names that are served by the same nameservers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NameserverGroup {
    /// The nameservers.
    #[schema(example = json!(["ns1.sandbox.mailwright.dev", "ns2.sandbox.mailwright.dev"]))]
    pub nameservers: Vec<String>,
    /// The names that have to use exactly these, whether they do already or not.
    #[schema(example = json!(["acme-mail.com", "acme-team.com"]))]
    pub domains: Vec<String>,
}

/// A name of an import job.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportedDomain {
    /// The domain it became; null when it was refused at once.
    #[schema(required, example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: Option<String>,
    /// The name in lower case; one that cannot be read comes back as it was sent, cut to 255 characters.
    #[schema(max_length = 255, example = "acme-mail.com")]
    pub domain: String,
    /// Where it stands.
    pub status: ImportRowStatus,
    /// Why it failed; null when it did not.
    #[schema(required)]
    pub reason: Option<ImportReason>,
}

impl Import {
    /// The view of a job with its rows, in the order sent.
    #[must_use]
    pub fn of(import: &import::Import, rows: &[ImportRow]) -> Self {
        Self {
            id: import.id.to_string(),
            status: import.status,
            domain_count: import.domain_count,
            completed_count: import.completed_count,
            failed_count: import.failed_count,
            nameserver_groups: groups(rows),
            domains: rows.iter().map(ImportedDomain::of).collect(),
            created_at: import.created_at,
            completed_at: import.completed_at,
        }
    }
}

impl ImportedDomain {
    fn of(row: &ImportRow) -> Self {
        Self {
            id: row.domain.as_ref().map(ToString::to_string),
            domain: row.name.clone(),
            status: row.status,
            reason: row.reason,
        }
    }
}

/// The names that have a zone, by the set of its nameservers; the order of a set means nothing.
fn groups(rows: &[ImportRow]) -> Vec<NameserverGroup> {
    let mut groups: Vec<NameserverGroup> = vec![];
    let served = |row: &&ImportRow| row.status != ImportRowStatus::Failed && !row.nameservers.is_empty();
    for row in rows.iter().filter(served) {
        let mut nameservers = row.nameservers.clone();
        nameservers.sort_unstable();
        match groups.iter_mut().find(|group| group.nameservers == nameservers) {
            Some(group) => group.domains.push(row.name.clone()),
            None => groups.push(NameserverGroup { nameservers, domains: vec![row.name.clone()] }),
        }
    }
    groups
}
