//! Opens the mail domain and learns which records it wants.

use model::run::{Learnt, Outcome};
use providers::trouble::{Refused, Trouble};

use crate::cx::Cx;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    let Some(provider) = cx.domain.provider else {
        return Err(Trouble::Refused(Refused::ForGood("The domain has no mail provider.".into())));
    };
    let records = cx.cast.mail(provider).ensure_domain(&cx.call).await?;
    Ok(Outcome::done(Learnt::MailDomain { records }))
}
