//! Around a name that is imported: its row, its question, its job.

use model::change::Change;
use model::id::{Id, ImportId};
use model::run::{Importing, Moved, Try, import as decide, progress};
use store::locks::level::Partner;
use store::{Halt, Locks, actions, imports};

use crate::parts::Parts;

pub(super) async fn effects(
    mut tx: Locks<'_, Partner>,
    parts: &Parts,
    tried: &Try<'_>,
    moved: &Moved,
) -> Result<Change, Halt> {
    let before = imports::row_of(&mut tx, &tried.domain.id).await?.ok_or(Halt::Lost)?;
    let row = progress(&before, moved, &tried.outcome.learnt);
    if (row.status, row.asking) == (before.status, before.asking) {
        let mut change = Change::default();
        change.import_rows.update.extend((row != before).then_some(row));
        return Ok(change);
    }
    let id = tried.run.job.as_ref().map(ImportId::opaque).ok_or(Halt::Lost)?;
    let import = imports::lock(&mut tx, &id).await?.ok_or(Halt::Lost)?;
    let mut facts = Importing {
        tally: imports::tally(&mut tx, &import).await?,
        import,
        row: before,
        open_action: actions::open_of_domain(&mut tx, &tried.domain.id).await?,
        rows: vec![],
    };
    if facts.status_with(&row) != facts.import.status {
        facts.rows = imports::rows(&mut tx, &id).await?;
    }
    Ok(decide(&facts, moved, &row, tried.now, &parts.ids))
}
