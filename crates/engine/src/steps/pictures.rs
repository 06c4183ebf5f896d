//! Profile pictures, fetched from where the partner keeps them.

use model::action::ActionReason;
use model::domain::MailProvider;
use model::persona::Persona;
use model::run::Then;
use providers::trouble::Trouble;

use crate::cx::Cx;
use crate::party::Fault;

/// The largest picture that is taken along, in bytes.
const PICTURE_LIMIT: usize = 4 * 1024 * 1024;

/// The picture of the persona at this place in the list; only Google shows them. `Err` inside is a question to the
/// partner.
pub(super) async fn fetch(
    cx: &Cx<'_>,
    persona: &Persona,
    place: usize,
) -> Result<Result<Option<Vec<u8>>, Then>, Fault> {
    let Some(url) = persona.picture().filter(|_| cx.domain.provider == Some(MailProvider::Google)) else {
        return Ok(Ok(None));
    };
    let question = |reason| Then::Ask { reason, persona: i64::try_from(place).ok() };
    let fetched = match cx.observer().ask(|observer| observer.fetch(&cx.call, url, PICTURE_LIMIT)).await {
        Ok(fetched) if (200..300).contains(&fetched.status) => fetched,
        Ok(_) | Err(Fault::Of(_, Trouble::Refused(_))) => {
            return Ok(Err(question(ActionReason::ProfilePictureNotAccessible)));
        }
        Err(fault) => return Err(fault),
    };
    if fetched.content_type.as_deref().is_some_and(|kind| kind.starts_with("image/")) {
        Ok(Ok(Some(fetched.body)))
    } else {
        Ok(Err(question(ActionReason::ProfilePictureNotAnImage)))
    }
}
