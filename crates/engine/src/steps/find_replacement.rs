//! Asks whether the name that is to take another's place can be bought.

use std::slice;

use model::account::Load;
use model::run::{Learnt, Outcome};
use providers::roles::Purpose;
use providers::roster::Sellers;

use crate::cx::Cx;
use crate::party::Fault;

/// A name that somebody here holds is not the registrar's to give: what its holder means is settled with our
/// own rows.
pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let Some(name) = cx.swap()?.replacement_name.as_ref().filter(|_| cx.holder.is_none()) else {
        return Ok(Outcome::done(Learnt::Nothing));
    };
    let names = slice::from_ref(name);
    let sellers = Sellers::WithRoom(Load::new());
    let answers = cx.registrar().ask(|_| cx.providers.check(&cx.run.world, names, Purpose::Buy, &sellers)).await?;
    let answer = answers.into_iter().find(|answer| answer.name == *name);
    Ok(Outcome::done(answer.map_or(Learnt::Nothing, Learnt::Buyable)))
}
