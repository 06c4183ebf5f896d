//! Whether the audit trail is whole: every entry says what it said when it was written, and no sealed one is missing.

use super::seals::{Seal, after, over};
use super::{Kept, Place, behind, hash};
use crate::db::Db;
use crate::error::StoreError;

/// How many seals are read at once.
const SEALS: i64 = 100;
/// How many entries more than a seal is over are looked at: one that was put in shows.
const MORE: i64 = 10;
/// How many findings are told; one is enough to know.
const TOLD: usize = 100;

/// What is wrong somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// An entry does not say what it said when it was written; its id.
    Changed(String),
    /// Entries under a seal are missing, or some were put in between; the seal's number, how many there were and are.
    Count {
        /// The seal's number.
        seal: i64,
        /// How many it was made over.
        were: i64,
        /// How many are there.
        are: i64,
    },
    /// A seal does not fit its entries and the seal before it; its number.
    Broken(i64),
    /// A seal is missing; the number that it had.
    SealMissing(i64),
}

/// What a check has found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Entries that were looked at.
    pub entries: u64,
    /// Of these, those that no seal covers yet.
    pub unsealed: u64,
    /// Seals that were looked at.
    pub seals: i64,
    /// The hash of the last seal: whoever keeps it elsewhere sees when the end of the trail is cut off.
    pub head: String,
    /// What is wrong, the first hundred.
    pub findings: Vec<Finding>,
}

/// Reads the whole trail and checks it.
///
/// # Errors
/// When it cannot be read.
pub async fn check(db: &mut Db) -> Result<Report, StoreError> {
    let (mut report, mut last) = (Report::default(), Seal::default());
    loop {
        let seals = after(db, last.number, SEALS).await?;
        let Some(newest) = seals.last().cloned() else { break };
        for seal in &seals {
            check_seal(db, &last, seal, &mut report).await?;
            last = seal.clone();
        }
        report.seals = newest.number;
    }
    report.head.clone_from(&last.hash);
    check_rest(db, last.upto, &mut report).await?;
    report.findings.truncate(TOLD);
    Ok(report)
}

async fn check_seal(db: &mut Db, before: &Seal, seal: &Seal, report: &mut Report) -> Result<(), StoreError> {
    if seal.number != before.number + 1 {
        report.findings.push(Finding::SealMissing(before.number + 1));
    }
    let mut entries = behind(db, &before.upto, None, seal.entries + MORE).await?;
    entries.retain(|kept| kept.place() <= seal.upto);
    note_changed(db, &entries, report);
    let are = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    if are != seal.entries {
        report.findings.push(Finding::Count { seal: seal.number, were: seal.entries, are });
    } else if over(&db.vault, &before.hash, &entries) != seal.hash {
        report.findings.push(Finding::Broken(seal.number));
    }
    Ok(())
}

async fn check_rest(db: &mut Db, mut place: Place, report: &mut Report) -> Result<(), StoreError> {
    loop {
        let entries = behind(db, &place, None, super::PIECE).await?;
        let Some(last) = entries.last() else { return Ok(()) };
        place = last.place();
        report.unsealed += entries.len() as u64;
        note_changed(db, &entries, report);
    }
}

fn note_changed(db: &Db, entries: &[Kept], report: &mut Report) {
    report.entries += entries.len() as u64;
    let changed = entries.iter().filter(|kept| hash(&db.vault, &kept.entry) != kept.hash);
    report.findings.extend(changed.map(|kept| Finding::Changed(kept.entry.id.to_string())));
}
