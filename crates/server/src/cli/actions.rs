//! `mailwright actions`: what waits for a person, for an operator who makes mailboxes by hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::actions::{ResolveAction, around};
use app::consents::{Consents, may_have_links};
use app::{Actor, By};
use clap::Subcommand;
use model::action;
use model::by_hand::ToMake;
use model::id::{ActionId, Id as _};
use model::shown::short;
use model::view::{self, ConsentLink};
use model::world::Scope;
use store::{Db, domains, file_modes};

use super::admin::Desk;
use super::{Common, Fail, out};
use crate::consent_pages::OfOneDomain;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// What an action asks for, the mailboxes that are to be made, and the links that owners of inboxes follow
    Show {
        /// The action's id: `mailwright orders show` and the log have it
        id: String,
    },
    /// Say that mailboxes were made by hand; the server looks at once
    Resolve {
        /// The action's id
        id: String,
        /// What was made, as JSON: the body of `POST /orders/pending/{id}/resolve`, with `mailboxes`
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
}

pub(super) async fn run(action: &Action, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    match action {
        Action::Show { id } => show(&desk, &find(&desk, id).await?, common).await,
        Action::Resolve { id, file } => resolve(&desk, &find(&desk, id).await?, file, common).await,
    }
}

async fn find(desk: &Desk, id: &str) -> Result<action::Action, Fail> {
    let found = store::operator::action(&mut desk.store.read().await?, &ActionId::opaque(id)).await?;
    found.ok_or_else(|| Fail::refused(format!("there is no pending action {:?}", short(id))))
}

async fn resolve(desk: &Desk, action: &action::Action, file: &Path, common: &Common) -> Result<(), Fail> {
    let text = file_modes::read_secret(file);
    let text = text.map_err(|error| Fail::refused(format!("{} cannot be read: {error}", file.display())))?;
    let handed = api::made_by_hand(&text).map_err(|refusal| {
        let fault = refusal.first();
        let at = fault.field.as_deref().unwrap_or("its text");
        Fail::refused(format!("{}: {at}: {}", file.display(), fault.message))
    })?;
    let case = Arc::new(ResolveAction::by_hand(action.id.clone(), handed, desk.config.rules().of(&action.world)));
    let done = app::perform_beside(&desk.store, &Arc::new(actor(desk, action)), &case).await?;
    let view = view::Action::of(&done.value.action, &done.value.around);
    out::either(common.format, &view, || format!("{} is looked at again", view.domain))
}

fn actor(desk: &Desk, action: &action::Action) -> Actor {
    Actor {
        by: By::Operator,
        scope: Scope { partner: action.partner.clone(), world: action.world.clone() },
        environment: action.world.environment(),
        limited: true,
        presets: &[],
        origin: desk.origin.clone(),
        clock: desk.clock.clone(),
        ids: desk.ids.clone(),
    }
}

async fn show(desk: &Desk, action: &action::Action, common: &Common) -> Result<(), Fail> {
    let mut db = desk.store.read().await?;
    let consents = consents(desk, &mut db, action).await?;
    let around = around(&mut db, consents.as_ref(), action).await?;
    let view = view::Action::of(action, &around);
    out::either(common.format, &view, || text(&view))
}

/// Where the owners of the domain's inboxes consent, where that is what is asked for.
async fn consents(desk: &Desk, db: &mut Db, action: &action::Action) -> Result<Option<Consents>, Fail> {
    if !may_have_links(action) {
        return Ok(None);
    }
    let Some(domain) = domains::load(db, &action.domain).await? else { return Ok(None) };
    let pages = OfOneDomain::open(&desk.config, &domain, &desk.clock)
        .map_err(|fault| Fail::refused(format!("the links cannot be made without the accounts: {fault}")))?;
    Ok(pages.map(|pages| Consents::new(Arc::new(pages), &desk.config.public_url_at(None))))
}

fn text(view: &view::Action) -> String {
    let head =
        format!("{}  {}\n{}  {}\n\n{}", view.id, view.status.as_str(), view.domain, view.reason.as_str(), view.message);
    match &view.mailboxes {
        Some(wanted) => format!("{head}\n\n{}\n\n{}", mailboxes(wanted), records(wanted)),
        None => match &view.links {
            Some(asked) => format!("{head}\n\n{}", links(asked)),
            None => head,
        },
    }
}

fn links(asked: &[ConsentLink]) -> String {
    let rows = asked.iter().map(|one| vec![one.email.clone(), one.status.as_str().to_owned(), one.url.clone()]);
    format!("To be opened by the owner of each inbox:\n{}", out::table(&["INBOX", "CONSENT", "LINK"], rows.collect()))
}

fn mailboxes(wanted: &ToMake) -> String {
    let rows = wanted.make.iter().map(|one| {
        let name = format!("{} {}", one.first_name, one.last_name).trim().to_owned();
        let (picture, old) = (one.profile_picture_url.clone(), one.in_place_of.clone());
        vec![one.email.clone(), name, picture.unwrap_or_default(), old.unwrap_or_default()]
    });
    let title = format!("To be made at {}:", wanted.provider.as_str());
    format!("{title}\n{}", out::table(&["MAILBOX", "NAME", "PICTURE", "IN PLACE OF"], rows.collect()))
}

fn records(wanted: &ToMake) -> String {
    if wanted.records.is_empty() {
        return "No records are wanted.".into();
    }
    let rows = wanted.records.iter().map(|one| vec![one.purpose.as_str().to_owned(), one.name.clone()]);
    format!("The records that its console shows:\n{}", out::table(&["FOR", "NAME"], rows.collect()))
}
