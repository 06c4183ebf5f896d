//! What both ways of importing do: they find or begin the job.

use model::import::{Entry, Facts, Import, ImportRow, Started, Wish, distinct, start as decide};
use model::refusal::{Code, Fault};
use model::world::{Environment, Scope};
use store::{Halt, Tx, domains, imports};

use super::body::NewJob;
use crate::app::App;
use crate::caller::{Caller, Full};
use crate::problem::Problem;

/// Finds the job that answers for these names, or begins one and wakes the workers.
pub(super) async fn start(app: &App, caller: &Caller<Full>, job: NewJob) -> Result<(Import, Vec<ImportRow>), Problem> {
    if caller.environment == Environment::Live && !app.settings.live {
        let message =
            "The operator has configured no DNS host for this environment. Use a test key, or ask the operator.";
        return Err(Fault::new(Code::ProviderNotConfigured, message).into());
    }
    let wish = wish(app, job);
    let (ids, now, scope) = (app.ids.clone(), caller.now, caller.scope.clone());
    let writing = app.store.write(move |tx| {
        let (ids, scope, wish) = (ids.clone(), scope.clone(), wish.clone());
        Box::pin(async move {
            let facts = facts(tx, &scope, &wish).await?;
            let Started { change, import, rows } = decide(&scope, &wish, facts, now, &ids);
            tx.apply(change, &ids, now.server).await?;
            Ok((import, rows))
        })
    });
    let started = writing.await?;
    app.wake.nudge();
    Ok(started)
}

fn wish(app: &App, job: NewJob) -> Wish {
    let entries = distinct(&job.domains);
    let mut names: Vec<_> = entries.iter().map(Entry::text).collect();
    names.sort_unstable();
    let fingerprint = app.store.vault().keyed_hash("import set", names.join("\n").as_bytes());
    Wish { entries, fingerprint, replace_live_mail: job.replace_live_mail }
}

async fn facts(tx: &mut Tx, scope: &Scope, wish: &Wish) -> Result<Facts, Halt> {
    let newest = match imports::newest_of_set(tx, scope, &wish.fingerprint).await? {
        Some(import) => Some(imports::in_full(tx, import).await?),
        None => None,
    };
    let names: Vec<_> = wish.entries.iter().filter_map(Entry::name).cloned().collect();
    Ok(Facts { newest, held: domains::holders(tx, &scope.world, &names).await? })
}
