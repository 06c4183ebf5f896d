//! How the domain's first mail has arrived, and sending it.

use model::clock::MINUTE;
use model::evidence::{Check, CheckName, Verdict};
use model::first_mail::{AGAIN, FirstMail, Next, NotSent, Sending, judge, next};
use model::run::{Learnt, Outcome, StepName, Then};
use model::world::Environment;
use providers::probing::Prober;
use providers::trouble::Trouble;

use super::links::unsaid;
use crate::cx::Cx;
use crate::party::Fault;
use crate::reach::with_password;

/// Mails are known by this, which nobody can guess.
const TOKEN: &str = "first mail";
/// As much of a keyed hash as is a token, in letters.
const LETTERS: usize = 32;

const SANDBOX: &str = "The sandbox sends no mail.";
const UNWANTED: &str = "The operator has named no mailbox for it (`probe.mailbox`).";
const ONCE: &str = "It is sent once, before the domain is said to be connected: see the look by which it was.";
const SHUT: &str = "There is no password of an inbox of the domain to send it with: the inboxes are let into by consent, or only whoever uses them has theirs.";
const FIRST_THE_REST: &str = "It is sent once everything else is as it should be.";
const AWAY: &str = "The operator's mailbox could not be asked: it is asked again in a minute.";

/// What was found of it.
pub(super) struct Probed {
    pub(super) check: Check,
    /// What happens then, where something has to.
    pub(super) next: Option<Next>,
}

impl Probed {
    fn no_part(why: &str) -> Self {
        let check = Check::new(CheckName::FirstMail, Verdict::DoesNotApply, Some(why.to_owned()), vec![]);
        Self { check, next: None }
    }

    fn unsaid(why: &str, next: Option<Next>) -> Self {
        Self { check: unsaid(CheckName::FirstMail, why), next }
    }
}

/// Looks for it where it is received. One that is not sent yet is to be, once everything else was seen.
pub(super) async fn look(cx: &Cx<'_>, others: &[Check]) -> Result<Probed, Fault> {
    if cx.run.world.environment() == Environment::Test {
        return Ok(Probed::no_part(SANDBOX));
    }
    if cx.run.step != StepName::ConfirmReady || cx.domain.works() {
        return Ok(Probed::no_part(ONCE));
    }
    let Some(prober) = cx.providers.prober(&cx.run.world) else { return Ok(Probed::no_part(UNWANTED)) };
    let Some(mail) = &cx.run.memory.first_mail else { return unsent(cx, others) };
    let is_signed = others.iter().any(|one| one.check == CheckName::Dkim && one.verdict == Verdict::Passed);
    Ok(find(cx, prober, mail, is_signed).await)
}

fn unsent(cx: &Cx<'_>, others: &[Check]) -> Result<Probed, Fault> {
    let Some(login) = with_password(cx, None)? else { return Ok(Probed::no_part(SHUT)) };
    let is_due = others.iter().all(|one| matches!(one.verdict, Verdict::Passed | Verdict::DoesNotApply));
    let token = cx.vault.keyed_hash(TOKEN, cx.run.id.to_string().as_bytes())[..LETTERS].to_owned();
    let first = || Next::Another(FirstMail::new(token, login.user_name, cx.now.partner()));
    Ok(Probed::unsaid(FIRST_THE_REST, is_due.then(first)))
}

async fn find(cx: &Cx<'_>, prober: &dyn Prober, mail: &FirstMail, is_signed: bool) -> Probed {
    let now = cx.now.partner();
    match prober.find(mail).await {
        Ok(found) => {
            let check = judge(mail, &found, prober.receiver(), is_signed, now);
            // Its receiver says nothing of it, and will not by waiting.
            let is_unread = check.verdict == Verdict::Unknown && !check.seen.is_empty();
            let next = if is_unread { Next::Operator } else { next(mail, check.verdict, now) };
            let next = (check.verdict != Verdict::Passed).then_some(next);
            Probed { check, next }
        }
        Err(Trouble::Misconfigured(words)) => Probed::unsaid(&words, Some(Next::Operator)),
        Err(_) => Probed::unsaid(AWAY, Some(Next::Wait(now.plus(AGAIN)))),
    }
}

/// Sends the mail that this very try has put down, and that nobody has sent before; `None` where there is none.
pub(crate) async fn send(cx: &Cx<'_>) -> Result<Option<Outcome>, Fault> {
    let put_down = |mail: &&FirstMail| cx.has_just_put_down && mail.sending == Sending::PutDown;
    let prober = cx.providers.prober(&cx.run.world);
    let (Some(mail), Some(prober)) = (cx.run.memory.first_mail.as_ref().filter(put_down), prober) else {
        return Ok(None);
    };
    let login = with_password(cx, Some(&mail.from))?;
    let sending = match &login {
        Some(login) => prober.send(login, mail).await,
        None => Sending::Not(NotSent::LoginRefused),
    };
    let why = match sending {
        Sending::Not(why) => why.sentence(),
        Sending::Taken | Sending::PutDown => "The first mail was sent, and has not arrived yet.",
    };
    let then = Then::Wait { until: cx.now.partner().plus(SOON), why: why.to_owned() };
    Ok(Some(Outcome { learnt: Learnt::FirstMail(FirstMail { sending, ..mail.clone() }), then }))
}

/// How long a mail is on its way, most often, in microseconds of partner time.
const SOON: i64 = MINUTE / 4;
