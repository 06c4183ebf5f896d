//! When the operator stopped buying.

use model::clock::Time;
use model::id::PauseId;
use model::pause::{Pause, Reach};

use crate::column::{Column, Key};
use crate::db::{Db, args};
use crate::error::StoreError;
use crate::table::table;

table! {
    Pause in "pauses"
    fixed {
        id: Key,
        reach: Reached,
        began_by from by: String,
        began_at: Time,
    }
    changing {
        renewals: bool,
        lifted_at: Option<Time>,
    }
}

/// A reach as its text.
struct Reached;

impl Column<Reach> for Reached {
    type Raw = String;

    fn encode(value: &Reach) -> String {
        value.text()
    }

    fn decode(raw: String) -> Result<Reach, String> {
        Reach::parse(&raw).ok_or_else(|| format!("the reach {raw:?} is unknown"))
    }
}

/// A pause by id.
pub async fn load(db: &mut Db, id: &PauseId) -> Result<Option<Pause>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// Those in force, the oldest first. There are as few as there are accounts.
pub async fn in_force(db: &mut Db) -> Result<Vec<Pause>, StoreError> {
    let mut pauses: Vec<Pause> = db.find_all("WHERE lifted_at IS NULL ORDER BY reach", vec![]).await?;
    pauses.sort_by_key(|pause| pause.began_at);
    Ok(pauses)
}
