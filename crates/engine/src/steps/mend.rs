//! Puts right what was found at a domain that works: its records, and its accounts at the sequencer. Mailboxes are left alone: what
//! a host has shut or lost its licence is somebody's doing there, and one that is made anew has none of its mail.

use model::evidence::LinkLook;
use model::inbox::Inbox;
use model::run::Looked;

use super::publish_records::publish;
use super::sequencer_login::known;
use crate::cx::Cx;
use crate::party::Fault;
use crate::reach::{enterable, reachable};

/// Tries each once; the next look sees what came of it. Answers which version of the zone was published.
pub(super) async fn put_right(cx: &Cx<'_>, records: bool, looked: &Looked) -> Result<Option<i64>, Fault> {
    relink(cx, looked).await?;
    if records { publish(cx).await } else { Ok(None) }
}

async fn relink(cx: &Cx<'_>, looked: &Looked) -> Result<(), Fault> {
    let fails = |inbox: &&Inbox| {
        looked.links.iter().any(|link| LinkLook::fails(link) && link.email.eq_ignore_ascii_case(&inbox.email))
    };
    let lost: Vec<_> = cx.inboxes.iter().filter(fails).collect();
    let (open, _) = enterable(cx, reachable(cx, &lost)?)?;
    if let Some(login) = known(cx)?.filter(|_| !open.is_empty()) {
        let (_, fault) = cx.sequencer().ask_each(|sequencer| sequencer.ensure_linked(&cx.call, &login, &open)).await;
        note(cx, fault);
    }
    Ok(())
}

/// What could not be put right is seen by the next look.
fn note(cx: &Cx<'_>, fault: Option<Fault>) {
    if let Some(fault) = fault {
        tracing::info!(domain = %cx.domain.id, ?fault, "what was found at a domain that works could not be put right yet");
    }
}
