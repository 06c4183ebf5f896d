//! Decisions about customers.

use super::{User, UserStatus, fold};
use crate::change::Change;
use crate::clock::Now;
use crate::id::{Ids, OrderId, UserId};
use crate::refusal::{Code, Fault, Refusal};
use crate::secret::Secret;
use crate::world::Scope;

/// A customer as it is from now on, and what to write.
#[derive(Debug)]
pub struct Decided {
    /// The customer.
    pub user: User,
    /// Everything to write.
    pub change: Change,
}

/// A customer that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// See [`User::email`].
    pub email: String,
    /// See [`User::first_name`].
    pub first_name: Option<String>,
    /// See [`User::last_name`].
    pub last_name: Option<String>,
    /// See [`User::client_id`].
    pub client_id: Option<i64>,
    /// See [`User::sequencer_key`].
    pub sequencer_key: Option<Secret>,
}

/// What a change names; `None` leaves a value as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// See [`User::email`].
    pub email: Option<String>,
    /// See [`User::first_name`].
    pub first_name: Option<Option<String>>,
    /// See [`User::last_name`].
    pub last_name: Option<Option<String>>,
    /// See [`User::client_id`]; `Some(None)` goes back to the default route.
    pub client_id: Option<Option<i64>>,
    /// See [`User::sequencer_key`]; `Some(None)` takes it away.
    pub sequencer_key: Option<Option<Secret>>,
}

/// Makes a customer. `holder` is the active one that has the address now.
///
/// # Errors
/// `already_exists` with the holder's id.
pub fn create(scope: &Scope, asked: Asked, holder: Option<&User>, now: Now, ids: &Ids) -> Result<Decided, Refusal> {
    if let Some(holder) = holder {
        return Err(taken(&asked.email, &holder.id));
    }
    let user = User {
        id: ids.next(),
        partner: scope.partner.clone(),
        world: scope.world.clone(),
        email_folded: fold(&asked.email),
        email: asked.email,
        first_name: asked.first_name,
        last_name: asked.last_name,
        client_id: asked.client_id,
        sequencer_key: asked.sequencer_key,
        status: UserStatus::Active,
        created_at: now.partner(),
        version: 1,
    };
    let mut change = Change::default();
    change.users.insert.push(user.clone());
    Ok(Decided { user, change })
}

/// Changes a customer. `holder` is the active one that has the wished address now. Orders keep the
/// address and the route that they were placed with.
///
/// # Errors
/// `conflict` when the customer was deleted, `already_exists` when another one has the address.
pub fn change(user: User, wish: Wish, holder: Option<&User>) -> Result<Decided, Refusal> {
    if user.status == UserStatus::Deleted {
        let message = format!("User {} was deleted and stays as it was. Create the user again instead.", user.id);
        return Err(Fault::new(Code::Conflict, message).with("reason", "deleted").into());
    }
    let email = wish.email.unwrap_or_else(|| user.email.clone());
    if let Some(holder) = holder.filter(|holder| holder.id != user.id) {
        return Err(taken(&email, &holder.id));
    }
    // Older versions may have kept another customer under what this one's address folds to now.
    let respelled = fold(&email) == fold(&user.email);
    let changed = User {
        email_folded: if respelled { user.email_folded.clone() } else { fold(&email) },
        email,
        first_name: wish.first_name.unwrap_or_else(|| user.first_name.clone()),
        last_name: wish.last_name.unwrap_or_else(|| user.last_name.clone()),
        client_id: wish.client_id.unwrap_or(user.client_id),
        sequencer_key: wish.sequencer_key.unwrap_or_else(|| user.sequencer_key.clone()),
        ..user.clone()
    };
    Ok(decided(&user, changed))
}

/// Deletes a customer, softly: it stays readable, and its address may be used again. Deleting one that
/// is deleted changes nothing. `order` is one of its orders that is neither failed nor cancelled.
///
/// # Errors
/// `conflict` while there is such an order.
pub fn remove(user: &User, order: Option<&OrderId>) -> Result<Decided, Refusal> {
    if let Some(order) = order.filter(|_| user.status == UserStatus::Active) {
        let message = format!(
            "User {} has orders that are neither failed nor cancelled, {order} among them. Cancel them, and delete the user when they have ended.",
            user.id
        );
        let fault = Fault::new(Code::Conflict, message).with("reason", "live_orders");
        return Err(fault.with("order_id", order.to_string()).into());
    }
    Ok(decided(user, User { status: UserStatus::Deleted, ..user.clone() }))
}

fn decided(before: &User, after: User) -> Decided {
    let mut change = Change::default();
    if after != *before {
        change.users.update.push(after.clone());
    }
    Decided { user: after, change }
}

fn taken(email: &str, holder: &UserId) -> Refusal {
    let message = format!(
        "User {holder} already has the address {email} (neither case nor the spelling of its host matters). Use that user, or send another address."
    );
    Fault::new(Code::AlreadyExists, message).at("email").with("id", holder.to_string()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{HandClock, Time};
    use crate::id::{Id, PartnerId};
    use crate::world::World;

    fn made(email: &str) -> User {
        let now = Now { server: Time::from_millis(1_000), offset: 0 };
        let scope = Scope { partner: PartnerId::opaque("org_1"), world: World::live() };
        let ids = Ids::seeded(HandClock::at(now.server), email.len() as u64);
        let asked = Asked {
            email: email.into(),
            first_name: None,
            last_name: Some("Lee".into()),
            client_id: Some(7),
            sequencer_key: None,
        };
        create(&scope, asked, None, now, &ids).unwrap().user
    }

    #[test]
    fn an_address_belongs_to_one_active_customer() {
        let (alex, other) = (made("Alex@Acme.com"), made("other@acme.com"));
        assert_eq!(alex.email_folded, "alex@acme.com");
        let wish = Wish { email: Some("ALEX@acme.com".into()), ..Wish::default() };
        let refusal = change(other, wish.clone(), Some(&alex)).unwrap_err();
        assert_eq!(
            (refusal.first().code, &refusal.first().details["id"]),
            (Code::AlreadyExists, &alex.id.as_str().into())
        );
        let respelled = change(alex.clone(), wish, Some(&alex)).unwrap();
        assert_eq!(respelled.user.email, "ALEX@acme.com");
        assert_eq!(respelled.change.users.update, [respelled.user]);
        let before = User { email_folded: "a@bücher.de".into(), ..made("a@bücher.de") };
        let wish =
            Wish { first_name: Some(Some("Alex".into())), email: Some("A@bücher.de".into()), ..Wish::default() };
        assert_eq!(change(before.clone(), wish, Some(&before)).unwrap().user.email_folded, "a@bücher.de");
        let wish = Wish { email: Some("a@acme.com".into()), ..Wish::default() };
        assert_eq!(change(before, wish, None).unwrap().user.email_folded, "a@acme.com");
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name_and_clears_what_it_names_null() {
        let wish = Wish { first_name: Some(Some("Alex".into())), client_id: Some(None), ..Wish::default() };
        let user = change(made("a@acme.com"), wish, None).unwrap().user;
        assert_eq!(
            (user.first_name.as_deref(), user.last_name.as_deref(), user.client_id),
            (Some("Alex"), Some("Lee"), None)
        );
        assert_eq!(change(user, Wish::default(), None).unwrap().change, Change::default());
    }

    #[test]
    fn a_customer_with_a_live_order_stays_and_another_is_deleted_once() {
        let user = made("a@acme.com");
        let order = OrderId::opaque("ord_1");
        let refusal = remove(&user, Some(&order)).unwrap_err();
        assert_eq!(refusal.first().details["reason"], "live_orders");
        let gone = remove(&user, None).unwrap().user;
        assert_eq!(gone.status, UserStatus::Deleted);
        assert_eq!(remove(&gone, None).unwrap().change, Change::default());
        assert_eq!(change(gone, Wish::default(), None).unwrap_err().first().code, Code::Conflict);
    }
}
