//! `mailwright reconcile`: our rows held against what the accounts at vendors say. Nothing changes by itself.

use std::sync::Arc;

use clap::Args;
use model::clock::{Clock, SystemClock};
use model::domain::DomainName;
use model::reconcile::{Books, Difference, Found, Holding, reconcile};
use model::shown::short;
use model::world::World;
use providers::call::Call;
use providers::kind::Opened;
use serde_json::{Value, json};

use super::admin::Desk;
use super::{Common, Fail, out};
use crate::{accounts, books};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Take in a name that lies in an account and is not known here, for a partner's inventory
    #[arg(long, value_name = "NAME", requires = "partner")]
    adopt: Option<String>,
    /// Whose inventory it is taken into, by id or name
    #[arg(long)]
    partner: Option<String>,
    /// Take over other days on which names run out, and switch off renewals past our caps
    #[arg(long, conflicts_with = "adopt")]
    fix: bool,
}

/// What was asked, and what could not be.
struct Asked {
    books: Books,
    accounts: Vec<(String, Opened)>,
    silent: Vec<String>,
    unlisted: Vec<String>,
}

/// A difference that was put right.
struct Done {
    name: DomainName,
    account: String,
    difference: Difference,
    words: String,
}

impl Done {
    fn of(found: &Found, words: String) -> Self {
        let Found { name, account, difference, .. } = found.clone();
        Self { name, account, difference, words }
    }

    fn is_of(&self, found: &Found) -> bool {
        (&self.name, &self.account, self.difference) == (&found.name, &found.account, found.difference)
    }
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    let asked = ask(&desk, true).await?;
    let mut found = reconcile(&asked.books);
    let mut done = vec![];
    if let Some(name) = &options.adopt {
        done.push(adopt(&desk, &asked, name, options.partner.as_deref().unwrap_or_default()).await?);
    }
    if options.fix {
        done = fix(&desk, &asked, &found).await?;
    }
    found.retain(|one| !done.iter().any(|done| done.is_of(one)));
    let value = json!({
        "names": asked.books.holdings.len(), "domains": asked.books.domains.len(), "silent": asked.silent,
        "charges": asked.books.charges.len(), "charges_unlisted": asked.unlisted,
        "found": found.iter().map(shown).collect::<Vec<_>>(),
        "done": done.iter().map(|done| json!({ "name": done.name, "words": done.words })).collect::<Vec<_>>(),
    });
    out::either(common.format, &value, || text(&asked, &found, &done))?;
    match (found.is_empty(), asked.silent.is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err(Fail::failed("the accounts and the database differ; see above")),
        (true, false) => Err(Fail::failed("not every account has answered; see above")),
    }
}

/// Refuses while an account has what may be a purchase of ours that the database does not know, or does not say what it has: after a
/// backup was restored, whoever bought on might buy it again.
pub(super) async fn nothing_is_hidden(desk: &Desk) -> Result<(), Fail> {
    let asked = ask(desk, false).await?;
    let found = reconcile(&asked.books).into_iter().filter(|one| one.difference.may_hide_a_purchase());
    let words: Vec<_> = found.map(|one| one.words).chain(asked.silent).collect();
    if words.is_empty() {
        return Ok(());
    }
    let more = if words.len() > SOME { format!("; and {} more", words.len() - SOME) } else { String::new() };
    let shown = words.into_iter().take(SOME).collect::<Vec<_>>().join("; ");
    Err(Fail::refused(format!(
        "a backup was restored, and it does not know everything that the accounts have: {shown}{more}. See `mailwright reconcile`, take names in with --adopt, and resume again; or add --anyway"
    )))
}

/// As many differences as one sentence can have.
const SOME: usize = 5;

/// Our rows, and what each account says: what lies in it, and on demand what it has charged.
async fn ask(desk: &Desk, charges: bool) -> Result<Asked, Fail> {
    let (clock, mut accounts): (Arc<dyn Clock>, _) = (Arc::new(SystemClock), vec![]);
    for (name, _) in desk.config.accounts.iter().filter(|(_, account)| !account.sandbox) {
        let opened = accounts::opened(&desk.config, name, &clock).map_err(Fail::refused)?;
        accounts.push((name.clone(), opened));
    }
    let all = || accounts.iter().map(|(name, opened)| (name.as_str(), opened));
    let mut heard = books::hear(&desk.store, all()).await?;
    if charges {
        heard.hear_charges(all()).await;
    }
    let books::Heard { books, silent, unlisted } = heard;
    Ok(Asked { books, accounts, silent, unlisted })
}

/// Takes a name in that no row knows.
async fn adopt(desk: &Desk, asked: &Asked, name: &str, partner: &str) -> Result<Done, Fail> {
    let holding = asked.books.holdings.iter().find(|one| one.name.as_str() == name.to_ascii_lowercase());
    let holding = holding.ok_or_else(|| Fail::refused(format!("no account has the name {:?}", short(name))))?;
    let partner = desk.partner(partner).await?;
    let expires_at = holding.expires_at.ok_or_else(|| {
        let Holding { account, name, .. } = holding;
        Fail::refused(format!("{account} does not say when {name} runs out, so that it would never be renewed; see what is wrong with it there"))
    })?;
    desk.adopt(&partner, &holding.name, &holding.account, expires_at).await?;
    let words = format!("{} is in the inventory of {}", holding.name, partner.name);
    Ok(Done { name: holding.name.clone(), account: holding.account.clone(), difference: Difference::Unknown, words })
}

/// Puts right what can be without buying anything.
async fn fix(desk: &Desk, asked: &Asked, found: &[Found]) -> Result<Vec<Done>, Fail> {
    let mut done = vec![];
    for one in found {
        let holding = asked.books.holdings.iter().find(|held| held.name == one.name && held.account == one.account);
        match (one.difference, holding.and_then(|held| held.expires_at)) {
            (Difference::Expiry, Some(expires_at)) => {
                desk.take_over_expiry(&one.name, expires_at).await?;
                done.push(Done::of(one, format!("{} runs out on {}", one.name, expires_at.date())));
            }
            (Difference::RenewsItself, _) if switch_off(asked, one).await => {
                done.push(Done::of(one, format!("{} does not renew {} any more", one.account, one.name)));
            }
            _ => {}
        }
    }
    Ok(done)
}

/// A name that is ours is not bought: it is only made as it should be.
async fn switch_off(asked: &Asked, found: &Found) -> bool {
    let Some((_, opened)) = asked.accounts.iter().find(|(name, _)| *name == found.account) else { return false };
    let Some(registrar) = &opened.registrar else { return false };
    let call = Call {
        world: World::live(),
        now: SystemClock.now(),
        reference: format!("reconcile/{}", found.name),
        nudges: 0,
        subject: found.name.clone(),
        registrant: None,
        asked_at: None,
        customer: None,
        by_hand: None,
    };
    registrar.ensure_registered(&call, 0).await.is_ok() && registrar.ensure_no_renewal(&call).await.is_ok()
}

fn shown(found: &Found) -> Value {
    json!({
        "difference": found.difference.as_str(), "name": found.name, "account": found.account, "words": found.words,
    })
}

fn text(asked: &Asked, found: &[Found], done: &[Done]) -> String {
    let (names, domains) = (asked.books.holdings.len(), asked.books.domains.len());
    let charges = asked.books.charges.len();
    let of = asked.accounts.iter().filter(|(_, opened)| opened.registrar.is_some()).count();
    let mut lines = vec![format!(
        "{names} names and {charges} charges in {of} accounts, {domains} domains of ours in the database."
    )];
    lines.extend(asked.silent.clone());
    let unlisted = |account: &String| {
        format!("{account} lists no charges: compare its invoices with `mailwright purchases --format json` yourself.")
    };
    lines.extend(asked.unlisted.iter().map(unlisted));
    lines.extend(done.iter().map(|done| format!("Done: {}.", done.words)));
    if found.is_empty() {
        lines.push("Nothing differs.".into());
        return lines.join("\n");
    }
    let row = |one: &Found| vec![one.name.to_string(), one.difference.as_str().to_owned(), one.words.clone()];
    lines.push(out::table(&["NAME", "DIFFERENCE", "WHAT"], found.iter().map(row).collect()));
    lines.join("\n")
}
