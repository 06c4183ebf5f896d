//! What a person can answer, and to what.

use super::helped::own;
use super::{Action, ActionReason, ActionType, Resolving};
use crate::by_hand::{Handed, Logins, Record};
use crate::domain::{DomainName, Stop};
use crate::money::Cents;
use crate::refusal::{Code, Fault, Refusal};
use crate::run::{Run, RunKind};
use crate::secret::Secret;

/// What a person answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done: look again.
    Again,
    /// The domain is not wanted any more.
    GiveUp,
    /// Another address of the picture.
    Picture(String),
    /// Another login at the sequencer.
    Login {
        /// Its e-mail address.
        email: String,
        /// Its password.
        password: Secret,
    },
    /// An API key of the sequencer.
    ApiKey(Secret),
    /// The most that the whole order may cost.
    MaxTotal(Cents),
    /// Another name.
    Replacement(DomainName),
    /// Another address to forward to.
    Target(String),
    /// What was made by hand.
    Mailboxes(Handed),
    /// How to log in to the inboxes.
    Logins(Logins),
    /// The key that the mail provider's console shows.
    SigningKey(Record),
}

/// An answer that was accepted, as it is recognised when it is sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The field that was sent.
    pub with: String,
    /// A keyed hash of the whole answer: it may hold a password.
    pub hash: String,
}

impl Answer {
    /// The field that it is sent in; the last one of those that belong together.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Again => "",
            Self::GiveUp => "give_up",
            Self::Picture(_) => "profile_picture_url",
            Self::Login { .. } => "login_password",
            Self::ApiKey(_) => "api_key",
            Self::MaxTotal(_) => "max_total_cents",
            Self::Replacement(_) => "replacement_domain",
            Self::Target(_) => "forwarding_url",
            Self::Mailboxes(_) => "mailboxes",
            Self::SigningKey(_) => "dkim_record",
            Self::Logins(_) => "logins",
        }
    }
}

/// The fields that answer an action with this reason, besides nothing at all.
#[must_use]
pub const fn fields_of(reason: ActionReason) -> &'static [&'static str] {
    match reason.action_type() {
        ActionType::MailProvider if matches!(reason, ActionReason::MailboxesByHand) => &["mailboxes", "give_up"],
        ActionType::MailProvider if matches!(reason, ActionReason::DkimNeedsEnabling) => &["dkim_record", "give_up"],
        ActionType::MailProvider if matches!(reason, ActionReason::DomainInAnotherTenant) => {
            &["replacement_domain", "give_up"]
        }
        ActionType::MailProvider if reason.is_about_access() => &["logins", "give_up"],
        ActionType::GoogleProfilePicture => &["profile_picture_url", "give_up"],
        ActionType::Nameservers | ActionType::MailProvider => &["give_up"],
        ActionType::SequencerLogin => &["login_email", "login_password", "api_key", "give_up"],
        ActionType::Registration => &["replacement_domain", "max_total_cents", "give_up"],
        ActionType::Forwarding => &["forwarding_url", "give_up"],
    }
}

/// The fields that answer this action now: of a domain that has worked nothing is bought anew or given up, but a dearer
/// renewal may be allowed.
#[must_use]
pub fn fields_for(action: &Action, worked: bool) -> Vec<&'static str> {
    let fields = fields_of(action.reason).iter().copied();
    let allows = action.reason == ActionReason::PriceChanged;
    fields.filter(|field| !worked || !decides(field) || (allows && *field == "max_total_cents")).collect()
}

fn decides(field: &str) -> bool {
    matches!(field, "give_up" | "replacement_domain" | "max_total_cents")
}

pub(super) fn check_fit(facts: &Resolving, answer: &Answer) -> Result<(), Refusal> {
    let field = answer.field();
    if *answer == Answer::Again {
        return Ok(());
    }
    let making = facts.order.is_some() && facts.domain.connected_at.is_none();
    if !fields_of(facts.action.reason).contains(&field) {
        let fit = fields_for(&facts.action, !making);
        let send = if fit.is_empty() { String::new() } else { format!("`{}`, or ", fit.join("`, `")) };
        let message = format!("`{field}` does not answer this action. Send {send}nothing to have it looked at again.");
        return Err(Fault::invalid(field, message).into());
    }
    let needs_making = match answer {
        Answer::GiveUp | Answer::Replacement(_) => true,
        Answer::MaxTotal(_) => asked_renewal_price(facts).is_none(),
        _ => false,
    };
    if needs_making && !making {
        let message = "This domain is not being made for an order. Send nothing to have it looked at again; to give up a domain that worked, cancel it.";
        return Err(Fault::new(Code::Conflict, message).at(field).with("reason", "not_in_the_making").into());
    }
    if comes_to_nothing(answer, facts.domain.stop) {
        let message =
            "This domain is being given up, replaced or cancelled already. GET the order to see what became of it.";
        return Err(Fault::new(Code::Conflict, message).at(field).with("reason", "already_stopped").into());
    }
    if matches!(answer, Answer::Replacement(_)) && facts.domain.swap.is_some() {
        let message = "This domain comes by a swap. Cancel the swap and ask for another replacement there.";
        return Err(Fault::new(Code::Conflict, message).at(field).with("reason", "in_a_swap").into());
    }
    Ok(())
}

/// What another year costs at the registrar, when that is the question.
pub(super) fn asked_renewal_price(facts: &Resolving) -> Option<Cents> {
    let renews = |run: &&Run| run.kind == RunKind::Renew && facts.action.reason == ActionReason::PriceChanged;
    own(facts).find(renews).and_then(|run| run.memory.renewal_cents)
}

/// What is being stopped takes no answer about itself; to give it up twice is to give it up.
const fn comes_to_nothing(answer: &Answer, stop: Option<Stop>) -> bool {
    match (answer, stop) {
        (_, None) | (Answer::GiveUp, Some(Stop::GivenUp)) => false,
        (
            Answer::GiveUp
            | Answer::Replacement(_)
            | Answer::MaxTotal(_)
            | Answer::Target(_)
            | Answer::Mailboxes(_)
            | Answer::SigningKey(_)
            | Answer::Logins(_),
            Some(_),
        ) => true,
        (Answer::Again | Answer::Picture(_) | Answer::Login { .. } | Answer::ApiKey(_), Some(_)) => false,
    }
}
