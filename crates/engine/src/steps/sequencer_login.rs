//! With which login the sequencer is asked: the order's key, else its customer's, else its partner's, else the login of the order,
//! which is exchanged for a key once. A login that somebody was asked for comes before the keys of customer and partner.

use model::action::ActionReason;
use model::order::{Order, SequencerProvider};
use model::run::{Learnt, Outcome, RefusedLogin, Then};
use model::secret::Secret;
use providers::roles::SequencerLogin;
use providers::trouble::{Refused, Trouble};
use secrecy::SecretString;
use store::{StoreError, partners, users};

use crate::cx::Cx;
use crate::party::{Fault, ask};

/// How the sequencer is entered.
pub(super) enum Entry {
    /// With this.
    Login(SequencerLogin),
    /// The login was exchanged for this key, which has to be kept before it is used.
    Exchanged(Secret),
    /// The login is not let in, which has to be remembered: somebody is asked for another one.
    Refused(RefusedLogin),
}

impl Entry {
    /// The login, or what a step comes to that has none yet.
    pub(super) fn login(self) -> Result<SequencerLogin, Box<Outcome>> {
        let (learnt, then) = match self {
            Self::Login(login) => return Ok(login),
            Self::Exchanged(key) => (Learnt::SequencerKey(key), Then::Again),
            Self::Refused(login) => (Learnt::LoginRefused(login), ask(ActionReason::CredentialsRejected)),
        };
        Err(Box::new(Outcome { learnt, then }))
    }
}

/// The login, with a key where the sequencer wants one.
pub(super) async fn enter(cx: &Cx<'_>) -> Result<Entry, Fault> {
    let login = login(cx)?;
    if is_enough(cx, &login) {
        return Ok(Entry::Login(login));
    }
    let this = as_refused(cx)?;
    if this.is_some() && cx.run.memory.refused_login == this {
        // Whoever signs in with it every few minutes, for each of five hundred domains, is shut out.
        return Err(Fault::Ours(ask(ActionReason::CredentialsRejected)));
    }
    match (exchanged(cx, &login).await, this) {
        (Err(Fault::Of(_, Trouble::Refused(Refused::Ask(ActionReason::CredentialsRejected)))), Some(this)) => {
            Ok(Entry::Refused(this))
        }
        (key, _) => {
            let missing = || Fault::Ours(ask(ActionReason::SequencerKeyNeeded));
            key?.map(|key| Entry::Exchanged(Secret::Plain(key))).ok_or_else(missing)
        }
    }
}

/// The order's login, as it is remembered when it is not let in.
fn as_refused(cx: &Cx<'_>) -> Result<Option<RefusedLogin>, Fault> {
    let sequencer = &cx.order()?.sequencer;
    let (Some(email), Some(Secret::Sealed(sealed))) = (&sequencer.login_email, &sequencer.login_password) else {
        return Ok(None);
    };
    Ok(Some(RefusedLogin { email: email.clone(), sealed: sealed.clone(), nudges: cx.run.memory.nudges }))
}

/// The login with which inboxes are let go; `None` where there is no key any more. One that the login is exchanged for is used
/// and not kept.
pub(super) async fn leave(cx: &Cx<'_>) -> Result<Option<SequencerLogin>, Fault> {
    let login = login(cx)?;
    if is_enough(cx, &login) {
        return Ok(Some(login));
    }
    let key = exchanged(cx, &login).await?;
    Ok(key.map(|key| SequencerLogin { api_key: Some(key), ..login }))
}

/// The login as it is known, where that is enough: who only looks exchanges nothing.
pub(crate) fn known(cx: &Cx<'_>) -> Result<Option<SequencerLogin>, Fault> {
    Ok(Some(login(cx)?).filter(|login| is_enough(cx, login)))
}

fn is_enough(cx: &Cx<'_>, login: &SequencerLogin) -> bool {
    login.api_key.is_some() || !cx.sequencer().player.needs_key()
}

async fn exchanged(cx: &Cx<'_>, login: &SequencerLogin) -> Result<Option<SecretString>, Fault> {
    match (&login.email, &login.password) {
        (Some(_), Some(_)) => cx.sequencer().ask(|sequencer| sequencer.key_for(&cx.call, login)).await,
        _ => Ok(None),
    }
}

/// What is known of the login without asking anybody.
fn login(cx: &Cx<'_>) -> Result<SequencerLogin, Fault> {
    let order = cx.order()?;
    let opened = store::orders::open_login(cx.vault, order)
        .and_then(|(password, own)| Ok((password, own.map_or_else(|| usual_key(cx, order), |own| Ok(Some(own)))?)));
    let (password, api_key) = opened.map_err(|_| {
        let words = "The login cannot be opened with this installation's master key.".into();
        Fault::Ours(Then::Operator { words })
    })?;
    let (client_id, email) = (order.sequencer.client_id, order.sequencer.login_email.clone());
    Ok(SequencerLogin { client_id, email, password, api_key })
}

/// The key of whoever the order is for, or whose it is. It is one of the usual sequencer: another one must never see it.
fn usual_key(cx: &Cx<'_>, order: &Order) -> Result<Option<SecretString>, StoreError> {
    if cx.run.memory.login_sent || order.sequencer.provider != SequencerProvider::Smartlead {
        return Ok(None);
    }
    let of_user = cx.user.map(|user| users::open_key(cx.vault, user)).transpose()?.flatten();
    match of_user {
        Some(key) => Ok(Some(key)),
        None => Ok(cx.partner.map(|partner| partners::open_key(cx.vault, partner)).transpose()?.flatten()),
    }
}
