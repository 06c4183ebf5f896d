//! The import of a name: its row in the job, its question, and where the job stands.

use super::question;
use crate::action::Action;
use crate::change::Change;
use crate::clock::Now;
use crate::domain::Class;
use crate::event::{Event, EventKind};
use crate::id::Ids;
use crate::import::{Import, ImportReason, ImportRow, ImportRowStatus, ImportStatus, Tally, status_of};
use crate::run::{Learnt, Moved, RunState, StepName};
use crate::view::{self, Why};

/// The job around a name that moved, as it stands before the move.
#[derive(Clone, Debug)]
pub struct Importing {
    /// The job, locked.
    pub import: Import,
    /// The name's row.
    pub row: ImportRow,
    /// The name's open action, when it has one.
    pub open_action: Option<Action>,
    /// The job's names, counted.
    pub tally: Tally,
    /// The job's rows; needed when its status changes.
    pub rows: Vec<ImportRow>,
}

/// A name's row after a move.
#[must_use]
pub fn progress(row: &ImportRow, moved: &Moved, learnt: &Learnt) -> ImportRow {
    let mut row = row.clone();
    if let Learnt::Zone { nameservers, .. } = learnt {
        row.nameservers.clone_from(nameservers);
    }
    row.asking = moved.domain.status.class() == Class::Asking;
    match moved.run.state {
        RunState::Done => row.status = ImportRowStatus::Connected,
        RunState::Failed => {
            row.status = ImportRowStatus::Failed;
            row.reason = Some(reason(moved.run.step, learnt));
        }
        RunState::Open | RunState::Asking => {}
    }
    row
}

/// Why a name failed; a step that gave no reason has one that it fails for.
const fn reason(step: StepName, learnt: &Learnt) -> ImportReason {
    match (learnt, step) {
        (Learnt::NotImported(reason), _) => *reason,
        (_, StepName::InspectName) => ImportReason::NotRegistered,
        _ => ImportReason::ZoneRefused,
    }
}

impl Importing {
    /// The job's status when its name's row has become `row`.
    #[must_use]
    pub const fn status_with(&self, row: &ImportRow) -> ImportStatus {
        status_of(self.tally.moved(&self.row, row))
    }
}

/// Decides everything that follows from a name's move beyond its run, its domain and its row, which has
/// become `row`: it ended, asked, or was answered.
#[must_use]
pub fn import(facts: &Importing, moved: &Moved, row: &ImportRow, now: Now, ids: &Ids) -> Change {
    let mut change = Change::default();
    let mut import = facts.import.clone();
    let tally = facts.tally.moved(&facts.row, row);
    (import.completed_count, import.failed_count) = (tally.connected, tally.failed);
    import.status = status_of(tally);
    let question = question::follow(facts.open_action.as_ref(), moved, now, ids);
    if let Some(data) = question.told(&moved.domain) {
        let domain = Some(moved.domain.id.clone());
        change.events.push(Event::of_import(&mut import, EventKind::DomainActionRequired, domain, data, now, ids));
    }
    if import.status != facts.import.status {
        let asked = question.actions.insert.first().or(facts.open_action.as_ref());
        change.events.extend(tell(&mut import, facts, row, asked, now, ids));
    }
    change.actions = question.actions;
    change.import_rows.update.push(row.clone());
    change.imports.update.push(import);
    change
}

/// Says where the job stands now; that it goes on after a question is no news.
fn tell(
    import: &mut Import,
    facts: &Importing,
    row: &ImportRow,
    asked: Option<&Action>,
    now: Now,
    ids: &Ids,
) -> Option<Event> {
    let (kind, why) = match import.status {
        ImportStatus::InProgress => return None,
        ImportStatus::ActionRequired => (EventKind::DomainImportActionRequired, asked.map(Why::asked)),
        ImportStatus::Completed => (EventKind::DomainImportCompleted, None),
        ImportStatus::Failed => (EventKind::DomainImportFailed, Some(Why::nothing_imported())),
    };
    if import.status != ImportStatus::ActionRequired {
        import.completed_at = Some(now.partner());
    }
    let current = |one: &ImportRow| if one.position == row.position { row.clone() } else { one.clone() };
    let rows: Vec<_> = facts.rows.iter().map(current).collect();
    let shown = view::Import::of(import, &rows);
    let data = why.map_or_else(|| view::text(&shown), |why| why.beside(&shown));
    Some(Event::of_import(import, kind, None, data, now, ids))
}
