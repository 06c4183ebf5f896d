//! With which login the sequencer is asked: the order's key, else its customer's, else its partner's, else the login of the order,
//! which is exchanged for a key once.

use model::action::ActionReason;
use model::run::Then;
use model::secret::Secret;
use providers::roles::SequencerLogin;
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
}

/// The login, with a key where the sequencer wants one.
pub(super) async fn enter(cx: &Cx<'_>) -> Result<Entry, Fault> {
    let login = login(cx)?;
    let sequencer = cx.sequencer();
    if login.api_key.is_some() || !sequencer.player.needs_key() {
        return Ok(Entry::Login(login));
    }
    let key = match (&login.email, &login.password) {
        (Some(_), Some(_)) => sequencer.ask(|sequencer| sequencer.key_for(&cx.call, &login)).await?,
        _ => None,
    };
    let missing = || Fault::Ours(ask(ActionReason::SequencerKeyNeeded));
    key.map(|key| Entry::Exchanged(Secret::Plain(key))).ok_or_else(missing)
}

/// What is known of the login without asking anybody.
pub(super) fn login(cx: &Cx<'_>) -> Result<SequencerLogin, Fault> {
    let order = cx.order()?;
    let opened = store::orders::open_login(cx.vault, order)
        .and_then(|(password, own)| Ok((password, own.map_or_else(|| usual_key(cx), |own| Ok(Some(own)))?)));
    let (password, api_key) = opened.map_err(|_| {
        let words = "The login cannot be opened with this installation's master key.".into();
        Fault::Ours(Then::Operator { words })
    })?;
    let (client_id, email) = (order.sequencer.client_id, order.sequencer.login_email.clone());
    Ok(SequencerLogin { client_id, email, password, api_key })
}

/// The key of whoever the order is for, or whose it is.
fn usual_key(cx: &Cx<'_>) -> Result<Option<SecretString>, StoreError> {
    let of_user = cx.user.map(|user| users::open_key(cx.vault, user)).transpose()?.flatten();
    match of_user {
        Some(key) => Ok(Some(key)),
        None => Ok(cx.partner.map(|partner| partners::open_key(cx.vault, partner)).transpose()?.flatten()),
    }
}
