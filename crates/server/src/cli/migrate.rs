//! `mailwright migrate`.

use serde_json::json;

use super::{Common, Fail, out};
use crate::config::Flags;
use crate::wire;

pub(super) async fn run(common: &Common) -> Result<(), Fail> {
    let config = common.load(Flags::default())?;
    // A schema that is current needs no lock: the server may go on running.
    if common.open(&wire::opening_beside(&config)).await.is_err() {
        super::serve::make_data_folder(&config)?;
        common.open(&wire::opening(&config, true)).await?;
    }
    out::either(common.format, &json!({ "migrated": true }), || "The schema is up to date.".into())
}
