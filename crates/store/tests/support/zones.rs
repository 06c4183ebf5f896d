//! Zones in the database: put there, and changed.

use model::change::Change;
use model::dns::HostedZone;
use store::zones::Served;

use super::bench::Bench;

/// Those of the accounts that the tests use.
pub(crate) fn at_own() -> Served {
    Served::AtAccounts(vec!["own".into(), "second".into()])
}

pub(crate) async fn insert(bench: &Bench, zones: &[&HostedZone]) {
    let mut change = Change::default();
    change.zones.insert = zones.iter().map(|zone| (*zone).clone()).collect();
    bench.write(change).await.unwrap();
}

/// The zone as it is read after the change.
pub(crate) async fn update(bench: &Bench, zone: &HostedZone, with: impl FnOnce(&mut HostedZone)) -> HostedZone {
    let mut changed = zone.clone();
    with(&mut changed);
    let mut change = Change::default();
    change.zones.update.push(changed.clone());
    bench.write(change).await.unwrap();
    HostedZone { version: changed.version + 1, ..changed }
}
