//! Has the mail host look for the ownership record and accept the domain.

use model::run::{Learnt, Outcome};
use providers::trouble::{Refused, Trouble};

use crate::cx::Cx;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    let Some(provider) = cx.domain.provider else {
        return Err(Trouble::Refused(Refused::ForGood("The domain has no mail provider.".into())));
    };
    cx.cast.mail(provider).ensure_verified(&cx.call).await?;
    Ok(Outcome::done(Learnt::Nothing))
}
