//! Customers whose host is kept in letters, as older versions did, and in A-labels.

use model::change::Change;
use model::order::{Order, UserRef};
use model::user::{User, UserStatus};
use store::{Page, orders, users};

use crate::support::bench::Bench;

on_both! {
    a_customer_of_before_is_found_by_both_spellings
    two_customers_of_before_keep_their_own_spellings
    orders_of_both_spellings_are_one_list
}

const LETTERS: &str = "a@bücher.de";
const ASCII: &str = "a@xn--bcher-kva.de";
const ALL: Page = Page { below: None, limit: 10 };

/// A customer as an older version kept it.
fn before(bench: &Bench, email: &str) -> User {
    User { email_folded: email.to_lowercase(), ..bench.user(email) }
}

async fn kept(bench: &Bench, users: &[&User]) {
    let mut change = Change::default();
    change.users.insert.extend(users.iter().map(|user| (*user).clone()));
    bench.write(change).await.unwrap();
}

async fn a_customer_of_before_is_found_by_both_spellings(bench: Bench) {
    let old = before(&bench, "A@Bücher.de");
    kept(&bench, &[&old, &bench.user("other@acme.com")]).await;
    let mut db = bench.store.read().await.unwrap();
    for email in [LETTERS, ASCII, "A@BÜCHER.de", "a@bu\u{308}cher.de"] {
        assert_eq!(
            users::active_by_email(&mut db, &bench.scope(), email).await.unwrap().as_ref(),
            Some(&old),
            "{email}"
        );
        assert_eq!(users::by_email(&mut db, &bench.scope(), email).await.unwrap().as_ref(), Some(&old), "{email}");
        let filter = users::Filter { email: Some(email.into()), status: UserStatus::Active };
        assert_eq!(
            users::list(&mut db, &bench.scope(), &filter, &ALL).await.unwrap(),
            std::slice::from_ref(&old),
            "{email}"
        );
        let (scope, user) = (bench.scope(), UserRef::Email(email.into()));
        let holding = bench.store.write(move |tx| {
            let (scope, user) = (scope.clone(), user.clone());
            Box::pin(async move { Ok(users::hold(tx, &scope, &user).await?) })
        });
        assert_eq!(holding.await.unwrap().as_ref(), Some(&old), "{email}");
    }
    drop(db);
    let mut change = Change::default();
    change.users.update.push(User { status: UserStatus::Deleted, ..old.clone() });
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(users::active_by_email(&mut db, &bench.scope(), ASCII).await.unwrap(), None);
    assert_eq!(users::by_email(&mut db, &bench.scope(), ASCII).await.unwrap().map(|user| user.id), Some(old.id));
}

async fn two_customers_of_before_keep_their_own_spellings(bench: Bench) {
    let (letters, ascii) = (before(&bench, LETTERS), before(&bench, ASCII));
    kept(&bench, &[&letters, &ascii]).await;
    let mut db = bench.store.read().await.unwrap();
    for (email, user) in [(LETTERS, &letters), (ASCII, &ascii)] {
        assert_eq!(users::active_by_email(&mut db, &bench.scope(), email).await.unwrap().as_ref(), Some(user));
        let filter = users::Filter { email: Some(email.into()), status: UserStatus::Active };
        assert_eq!(users::list(&mut db, &bench.scope(), &filter, &ALL).await.unwrap().len(), 2);
    }
}

async fn orders_of_both_spellings_are_one_list(bench: Bench) {
    let placed = |name: &str, email: &str| {
        let (order, domains, _) = bench.order(name);
        (Order { email: email.into(), ..order }, domains)
    };
    let ((one, first), (other, second)) = (placed("one.com", LETTERS), placed("other.com", ASCII));
    let mut change = Change::default();
    change.orders.insert.extend([one.clone(), other.clone()]);
    change.domains.insert.extend(first.into_iter().chain(second));
    bench.write(change).await.unwrap();
    let old = format!("UPDATE orders SET email_folded = '{LETTERS}' WHERE id = '{}'", one.id);
    sqlx::raw_sql(sqlx::AssertSqlSafe(old)).execute(&bench.pool().await).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    for email in [LETTERS, ASCII] {
        let filter = orders::Filter { email: Some(email.into()), ..orders::Filter::default() };
        let ids = |rows: Vec<Order>| rows.into_iter().map(|order| order.id).collect::<Vec<_>>();
        let all = orders::list(&mut db, &bench.scope(), &filter, &ALL).await.unwrap();
        assert_eq!(ids(all), [other.id.clone(), one.id.clone()], "newest first");
        let page = Page { limit: 1, ..ALL };
        assert_eq!(
            ids(orders::list(&mut db, &bench.scope(), &filter, &page).await.unwrap()),
            std::slice::from_ref(&other.id)
        );
        let page = Page { below: Some(other.id.to_string()), limit: 1 };
        assert_eq!(
            ids(orders::list(&mut db, &bench.scope(), &filter, &page).await.unwrap()),
            std::slice::from_ref(&one.id)
        );
    }
}
