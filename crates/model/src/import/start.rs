//! Beginning a job: which names can be taken at all, and every row of those that can.

use std::collections::HashSet;

use super::{Import, ImportReason, ImportRow, ImportRowStatus, ImportStatus, Tally, WINDOW, status_of};
use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Domain, DomainName, DomainStatus, MailProvider, NameFault, Source};
use crate::event::{Event, EventKind};
use crate::id::Ids;
use crate::run::{Memory, Run, RunKind};
use crate::shown::is_hidden;
use crate::view::{self, Why};
use crate::world::Scope;

/// The most characters of a text that is no name which are kept.
const LONGEST: usize = 255;

/// One entry of the list that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A name that somebody can have registered.
    Name(DomainName),
    /// Something else, and why it cannot be imported.
    Not(String, ImportReason),
}

impl Entry {
    /// Reads a text.
    #[must_use]
    pub fn read(text: &str) -> Self {
        match DomainName::parse(text) {
            Ok(name) => Self::Name(name),
            Err(NameFault::PublicSuffix | NameFault::Subdomain) => {
                Self::Not(tidied(&text.to_lowercase()), ImportReason::NotRoot)
            }
            Err(_) => Self::Not(tidied(text), ImportReason::Invalid),
        }
    }

    /// The name, when it is one.
    #[must_use]
    pub const fn name(&self) -> Option<&DomainName> {
        match self {
            Self::Name(name) => Some(name),
            Self::Not(..) => None,
        }
    }

    /// The name, or what was sent in its place.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Name(name) => name.as_str(),
            Self::Not(text, _) => text,
        }
    }
}

/// A text that is no name as it is given back: bounded, and with something else in place of what no database column takes,
/// so that it is not taken for the name that it would be without.
fn tidied(text: &str) -> String {
    let shown = |letter| if is_hidden(letter) { char::REPLACEMENT_CHARACTER } else { letter };
    text.trim().chars().map(shown).take(LONGEST).collect()
}

/// The entries of a list, each once, in the order sent.
#[must_use]
pub fn distinct(sent: &[String]) -> Vec<Entry> {
    let mut seen = HashSet::new();
    let entries = sent.iter().map(|text| Entry::read(text));
    entries.filter(|entry| seen.insert(entry.text().to_owned())).collect()
}

/// A job that is asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The names, each once.
    pub entries: Vec<Entry>,
    /// Their sorted set, as text of bounded length.
    pub fingerprint: String,
    /// Whether names with mail in use may be taken over.
    pub replace_live_mail: bool,
}

/// What is there already.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The newest job for the same set, with its rows.
    pub newest: Option<(Import, Vec<ImportRow>)>,
    /// Every live domain of the world with one of these names, whoever holds it.
    pub held: Vec<Domain>,
}

/// A job, begun now or found.
#[derive(Debug)]
pub struct Started {
    /// Everything to write; nothing when it was found.
    pub change: Change,
    /// The job.
    pub import: Import,
    /// Its rows, in the order sent.
    pub rows: Vec<ImportRow>,
}

/// Finds the job that answers for this set of names, or begins one.
#[must_use]
pub fn start(scope: &Scope, wish: &Wish, facts: Facts, now: Now, ids: &Ids) -> Started {
    let mut change = Change::default();
    if let Some((import, rows)) = facts.newest {
        if answers(&import, &rows, wish, now) {
            return Started { change, import, rows };
        }
        change.imports.update.push(Import { newest: false, ..import });
    }
    let mut import = blank(scope, wish, now, ids);
    let held: HashSet<_> = facts.held.iter().map(|domain| domain.name.as_str()).collect();
    let mut rows = vec![];
    for (position, entry) in wish.entries.iter().enumerate() {
        let mut row = row_of(&import, position, entry, &held);
        if let (Entry::Name(name), None) = (entry, row.reason) {
            let domain = begin(&import, name, now, ids, &mut change);
            row.domain = Some(domain.id.clone());
            change.domains.insert.push(domain);
        }
        rows.push(row);
    }
    let tally = Tally::of(&rows);
    import.status = status_of(tally);
    import.failed_count = tally.failed;
    if import.status == ImportStatus::Failed {
        import.completed_at = Some(now.partner());
        let data = Why::nothing_imported().beside(&view::Import::of(&import, &rows));
        change.events.push(Event::of_import(&mut import, EventKind::DomainImportFailed, None, data, now, ids));
    }
    change.imports.insert.push(import.clone());
    change.import_rows.insert.clone_from(&rows);
    Started { change, import, rows }
}

/// Whether the newest job for a set answers for it: while it is open, and a day after. Names that failed
/// only for their mail are tried anew once that may be replaced, and names that failed for what is mended elsewhere whenever they are
/// sent again.
fn answers(import: &Import, rows: &[ImportRow], wish: &Wish, now: Now) -> bool {
    let may_replace_now = wish.replace_live_mail && !import.replace_live_mail;
    let was_in_the_way = rows.iter().any(|row| row.reason == Some(ImportReason::LiveMail));
    let counts = import.completed_at.is_none_or(|at| at.plus(WINDOW) > now.partner());
    let mended_elsewhere = |row: &ImportRow| row.reason.is_some_and(ImportReason::is_mended_elsewhere);
    let may_be_mended = import.completed_at.is_some() && rows.iter().any(mended_elsewhere);
    counts && !(may_replace_now && was_in_the_way) && !may_be_mended
}

fn blank(scope: &Scope, wish: &Wish, now: Now, ids: &Ids) -> Import {
    Import {
        id: ids.next(),
        partner: scope.partner.clone(),
        world: scope.world.clone(),
        fingerprint: wish.fingerprint.clone(),
        newest: true,
        replace_live_mail: wish.replace_live_mail,
        status: ImportStatus::InProgress,
        domain_count: i64::try_from(wish.entries.len()).unwrap_or(i64::MAX),
        completed_count: 0,
        failed_count: 0,
        last_event: None,
        created_at: now.partner(),
        completed_at: None,
        version: 1,
    }
}

fn row_of(import: &Import, position: usize, entry: &Entry, held: &HashSet<&str>) -> ImportRow {
    let reason = match entry {
        Entry::Not(_, reason) => Some(*reason),
        Entry::Name(name) => held.contains(name.as_str()).then_some(ImportReason::AlreadyImported),
    };
    ImportRow {
        import: import.id.clone(),
        position: i64::try_from(position).unwrap_or(i64::MAX),
        partner: import.partner.clone(),
        world: import.world.clone(),
        name: entry.text().to_owned(),
        domain: None,
        status: if reason.is_some() { ImportRowStatus::Failed } else { ImportRowStatus::WaitingForNameservers },
        reason,
        nameservers: vec![],
        asking: false,
        version: 1,
    }
}

/// The domain that a name becomes, and the work on it. Whoever brings a name may use it with any provider.
fn begin(import: &Import, name: &DomainName, now: Now, ids: &Ids, change: &mut Change) -> Domain {
    let scope = Scope { partner: import.partner.clone(), world: import.world.clone() };
    let domain = Domain {
        status: DomainStatus::Configuring,
        usable_for: vec![MailProvider::Google, MailProvider::Microsoft],
        ..Domain::new(ids.next(), &scope, name.clone(), Source::Imported, now.partner())
    };
    let run = Run {
        memory: Memory { replace_live_mail: import.replace_live_mail, ..Memory::default() },
        ..Run::new(ids.next(), RunKind::Import, &domain, now).part_of(&import.id)
    };
    change.begin(run, now.server, ids);
    domain
}
