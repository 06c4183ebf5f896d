//! What both ways of importing do: they find or begin the job.

use axum::http::StatusCode;
use model::import::{Entry, Facts, Started, Wish, distinct, start as decide};
use model::refusal::{Code, Fault};
use model::view;
use model::world::{Environment, Scope};
use store::{Halt, Tx, domains, imports};

use super::body::NewJob;
use crate::app::App;
use crate::call::Call;
use crate::caller::Full;
use crate::problem::Problem;
use crate::repeat::Reply;

/// Finds the job that answers for these names, or begins one and wakes the workers.
pub(super) async fn start(call: &Call<Full>, job: NewJob, status: StatusCode) -> Result<Reply, Problem> {
    let app = &call.app;
    if call.caller.environment == Environment::Live && !app.settings.live {
        let message =
            "The operator has configured no DNS host for this environment. Use a test key, or ask the operator.";
        return Err(Fault::new(Code::ProviderNotConfigured, message).into());
    }
    let wish = wish(app, job);
    let deciding = call.decide(move |tx, caller| {
        let wish = wish.clone();
        Box::pin(async move {
            let present = caller.renew(tx).await?;
            let facts = facts(tx, &present.scope, &wish).await?;
            let Started { change, import, rows } = decide(&present.scope, &wish, facts, present.now, &present.ids);
            present.apply(tx, change).await?;
            Ok(present.says(status, view::Import::of(&import, &rows)))
        })
    });
    let reply = deciding.await?;
    if !reply.replayed {
        app.wake.nudge();
    }
    Ok(reply)
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
