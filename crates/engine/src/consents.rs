//! What owners of inboxes have consented to: a code is turned into a grant once, and a grant is renewed before it is handed over.

use model::access::AccessKind;
use model::clock::{MINUTE, Time};
use model::consent::{Came, Consent, ConsentStatus, Heard};
use model::inbox::Inbox;
use model::run::{Learnt, Outcome, Then};
use model::secret::Secret;
use providers::roles::{ConsentCode, Consented, OauthGrant};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use store::{Vault, consents};

use crate::cx::Cx;
use crate::party::Fault;

/// How long a grant's token has to be good still, in microseconds: whoever gets it needs a moment.
const GOOD: i64 = MINUTE;
/// After how many inboxes of which nobody can say anything the host is not asked about more.
const MOST_FAULTS: usize = 3;

/// A grant as it is sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    client_id: String,
    refresh_token: String,
    access_token: String,
    expires_at: i64,
    scope: String,
}

/// What was heard of consents.
pub(crate) enum Hearing<'a> {
    /// This, which has to be put down before anything else is done.
    New(Outcome),
    /// Nothing new, but that nobody could say anything of some.
    Over { unheard: Vec<&'a Inbox>, fault: Option<Fault> },
}

/// What the mail host says of the consents of these inboxes, where there is anything to ask. A code is good once: what came for it is
/// put down before the next one is asked about. Whom nobody can say anything of keeps no others waiting.
pub(crate) async fn hear<'a>(cx: &Cx<'_>, inboxes: &[&'a Inbox]) -> Hearing<'a> {
    let (mut unheard, mut fault) = (vec![], None);
    if !cx.sequencer().player.takes().contains(&AccessKind::Oauth) {
        return Hearing::Over { unheard, fault };
    }
    for inbox in inboxes {
        let Some(consent) = of(cx, inbox).filter(|consent| is_due(consent)) else { continue };
        // A host that is down is not asked about every inbox.
        if unheard.len() >= MOST_FAULTS {
            unheard.push(*inbox);
            continue;
        }
        match ask(cx, inbox, consent).await {
            Ok(None) => {}
            Ok(Some(came)) => {
                let heard = Heard { inbox: inbox.id.clone(), round: consent.round, came };
                return Hearing::New(Outcome { learnt: Learnt::Consents(vec![heard]), then: Then::Again });
            }
            Err(trouble) => {
                unheard.push(*inbox);
                fault.get_or_insert(trouble);
            }
        }
    }
    Hearing::Over { unheard, fault }
}

/// Whether there may be anything to ask.
const fn is_due(consent: &Consent) -> bool {
    matches!(consent.status, ConsentStatus::Checking | ConsentStatus::Granted)
}

/// What lets a sequencer into an inbox by consent, where its owner has given one.
pub(crate) fn grant_of(cx: &Cx<'_>, inbox: &Inbox) -> Result<Option<OauthGrant>, Fault> {
    match of(cx, inbox).filter(|consent| consent.status == ConsentStatus::Granted) {
        Some(consent) => opened(cx.vault, consent),
        None => Ok(None),
    }
}

fn of<'a>(cx: &Cx<'a>, inbox: &Inbox) -> Option<&'a Consent> {
    cx.consents.iter().find(|consent| consent.inbox == inbox.id)
}

async fn ask(cx: &Cx<'_>, inbox: &Inbox, consent: &Consent) -> Result<Option<Came>, Fault> {
    let consented = match consent.status {
        ConsentStatus::Checking => exchanged(cx, inbox, consent).await?,
        ConsentStatus::Granted => match opened(cx.vault, consent)? {
            Some(grant) if grant.expires_at > cx.now.server.plus(GOOD) => return Ok(None),
            Some(grant) => cx.mail_host()?.ask(|host| host.renewed(&cx.call, &grant)).await?,
            None => Consented::Not(ConsentStatus::Lapsed),
        },
        _ => return Ok(None),
    };
    Ok(Some(match consented {
        Consented::Granted(grant) => Came::Grant(sealable(&grant)),
        Consented::Not(status) => Came::Not(status),
    }))
}

async fn exchanged(cx: &Cx<'_>, inbox: &Inbox, consent: &Consent) -> Result<Consented, Fault> {
    let Some(code) = consents::open_code(cx.vault, consent).map_err(|_| unopened())? else {
        return Ok(Consented::Not(ConsentStatus::Lapsed));
    };
    let code = ConsentCode {
        email: inbox.email.clone(),
        redirect_uri: consent.redirect_uri.clone(),
        code,
        verifier: consents::verifier(cx.vault, consent).into(),
    };
    cx.mail_host()?.ask(|host| host.consented(&cx.call, &code)).await
}

fn opened(vault: &Vault, consent: &Consent) -> Result<Option<OauthGrant>, Fault> {
    let kept = consents::open_grant(vault, consent).map_err(|_| unopened())?;
    Ok(kept.and_then(|kept| serde_json::from_str::<Kept>(kept.expose_secret()).ok()).map(|kept| OauthGrant {
        client_id: kept.client_id,
        refresh_token: kept.refresh_token.into(),
        access_token: kept.access_token.into(),
        expires_at: Time(kept.expires_at),
        scope: kept.scope,
    }))
}

fn sealable(grant: &OauthGrant) -> Secret {
    let kept = Kept {
        client_id: grant.client_id.clone(),
        refresh_token: grant.refresh_token.expose_secret().to_owned(),
        access_token: grant.access_token.expose_secret().to_owned(),
        expires_at: grant.expires_at.0,
        scope: grant.scope.clone(),
    };
    Secret::Plain(SecretString::from(serde_json::to_string(&kept).unwrap_or_default()))
}

fn unopened() -> Fault {
    let words =
        "What the inboxes' owners have consented to cannot be opened with this installation's master key.".into();
    Fault::Ours(Then::Operator { words })
}
