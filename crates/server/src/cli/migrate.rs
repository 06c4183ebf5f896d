//! `mailwright migrate`.

use serde_json::json;
use store::Store;

use super::{Common, Fail, out};
use crate::config::Flags;
use crate::wire;

pub(super) async fn run(common: &Common) -> Result<(), Fail> {
    let config = common.load(Flags::default())?;
    super::serve::make_data_folder(&config)?;
    Store::open(&wire::opening(&config, true)).await?;
    out::either(common.format, &json!({ "migrated": true }), || "The schema is up to date.".into());
    Ok(())
}
