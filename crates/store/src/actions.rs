//! Pending actions.

use model::action::{Action, Answer, Answered};
use model::by_hand::Record;
use model::clock::Time;
use model::id::{ActionId, DomainId, OrderId};
use model::order::Order;
use model::secret::Secret;
use model::world::{Scope, World};
use secrecy::ExposeSecret as _;

use crate::column::{Key, Name};
use crate::db::{Db, args};
use crate::error::StoreError;
use crate::page::{Narrowed, Page};
use crate::seal::Vault;
use crate::table::table;

table! {
    Action as action in "actions"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        created_at: Time,
        reason: Name,
        order_id from order: Option<Key>,
        domain_id from domain: Key,
        domain_name: String,
        user_id from user: Option<Key>,
        persona: Option<i64>,
        message: String,
        run_id from run: Option<Key>,
    }
    changing {
        open: bool,
        resolved_at: Option<Time>,
        answered_with: Option<String> = action.answered.as_ref().map(|answered| answered.with.clone()),
        answer_hash: Option<String> = action.answered.as_ref().map(|answered| answered.hash.clone()),
    }
    read {
        answered: answered_with.zip(answer_hash).map(|(with, hash)| Answered { with, hash }),
    }
}

/// What a domain waits for, if it waits for anything.
pub async fn open_of_domain(db: &mut Db, domain: &DomainId) -> Result<Option<Action>, StoreError> {
    db.find("WHERE domain_id = $1 AND open = 1", args![domain]).await
}

/// What an order waits for, oldest first.
pub async fn open_of_order(db: &mut Db, scope: &Scope, order: &OrderId) -> Result<Vec<Action>, StoreError> {
    let rest = "WHERE partner = $1 AND world = $2 AND open = 1 AND order_id = $3 ORDER BY id";
    db.find_all(rest, args![&scope.partner, scope.world.as_str(), order]).await
}

/// The first few of them.
pub(crate) async fn first_of_order(db: &mut Db, order: &Order, few: usize) -> Result<Vec<Action>, StoreError> {
    let rest = format!("WHERE partner = $1 AND world = $2 AND open = 1 AND order_id = $3 ORDER BY id LIMIT {few}");
    db.find_all(&rest, args![&order.partner, order.world.as_str(), &order.id]).await
}

/// How an answer is recognised when it is sent again. It may hold a password, so that it is a keyed hash.
#[must_use]
pub fn fingerprint(vault: &Vault, answer: &Answer) -> Answered {
    let value = match answer {
        Answer::Again | Answer::GiveUp => String::new(),
        Answer::Picture(url) | Answer::Target(url) => url.clone(),
        Answer::MaxTotal(most) => most.to_string(),
        Answer::Replacement(name) => name.to_string(),
        Answer::Login { email, password: Secret::Plain(password) } => format!("{email}\n{}", password.expose_secret()),
        Answer::Login { email, password: Secret::Sealed(sealed) } => format!("{email}\n{sealed}"),
        Answer::ApiKey(Secret::Plain(key)) => key.expose_secret().to_owned(),
        Answer::ApiKey(Secret::Sealed(sealed)) => sealed.clone(),
        Answer::SigningKey(Record { rtype, name, value }) => format!("{}\n{name}\n{value}", rtype.as_str()),
        Answer::Logins(logins) => logins.said().expose_secret().to_owned(),
        Answer::Mailboxes(handed) => handed.said().expose_secret().to_owned(),
    };
    let text = format!("{}\n{value}", answer.field());
    Answered { with: answer.field().to_owned(), hash: vault.keyed_hash("answer", text.as_bytes()) }
}

/// An action of a scope.
pub async fn get(db: &mut Db, scope: &Scope, id: &ActionId) -> Result<Option<Action>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// What lists of actions can be narrowed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Filter {
    pub open: bool,
    pub order: Option<String>,
    pub domain: Option<String>,
    pub user: Option<String>,
}

/// A page of actions, newest first.
pub async fn list(db: &mut Db, scope: &Scope, filter: &Filter, page: &Page) -> Result<Vec<Action>, StoreError> {
    let open = if filter.open { "open = 1" } else { "open = 0" };
    let narrowed = Narrowed::to(db, scope)
        .fixed(open)
        .equal("order_id", filter.order.clone())
        .equal("domain_id", filter.domain.clone())
        .equal("user_id", filter.user.clone());
    page.rows(db, narrowed).await
}
