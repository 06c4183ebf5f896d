//! The audit trail on both databases: nothing in it can be changed, and what is gone shows.

use futures_util::FutureExt as _;
use model::audit::{Act, Entry, Origin, Who};
use model::clock::SECOND;
use model::id::Id as _;
use model::world::Environment;
use sqlx::AssertSqlSafe;
use store::Backend;
use store::audit::{self, Filter, Finding, PIECE};

use crate::support::bench::{Bench, NOW};

on_both! {
    entries_come_back_and_cannot_be_changed
    what_is_taken_out_or_changed_shows
    a_trail_of_many_seals_is_checked_whole
    two_who_seal_at_once_make_one_seal
}

impl Bench {
    fn entry(&self, act: Act, subject: &str) -> Entry {
        Entry {
            id: self.ids.next(),
            at: NOW,
            act,
            who: Who::Key,
            key: Some(model::id::KeyId::opaque("key_1")),
            partner: Some(self.partner.id.clone()),
            environment: Some(Environment::Test),
            subject: Some(subject.to_owned()),
            origin: Origin {
                request: Some(model::id::RequestId::opaque("req_1")),
                address: Some([192, 0, 2, 7].into()),
                command: Some("keys create".into()),
                system_user: Some("alex (1000)".into()),
            },
        }
    }

    async fn append(&self, entries: Vec<Entry>) {
        let appending = self.store.settle(move |tx| {
            let entries = entries.clone();
            async move {
                for entry in &entries {
                    audit::append(tx, entry).await?;
                }
                Ok(())
            }
            .boxed()
        });
        appending.await.unwrap();
    }

    async fn check(&self) -> audit::Report {
        audit::check(&mut self.store.read().await.unwrap()).await.unwrap()
    }

    async fn seal_all(&self) {
        while audit::seal(&self.store, NOW).await.unwrap() > 0 {}
    }

    /// Does what somebody with the database in their hands can do: the triggers are no obstacle for them.
    async fn behind_our_back(&self, sql: &str) {
        let mut conn = self.connect().await;
        let off = match self.store.backend() {
            Backend::Sqlite => {
                "DROP TRIGGER audit_stays; DROP TRIGGER audit_is_kept; DROP TRIGGER audit_seals_stay; DROP TRIGGER audit_seals_are_kept"
            }
            Backend::Postgres => "ALTER TABLE audit DISABLE TRIGGER ALL; ALTER TABLE audit_seals DISABLE TRIGGER ALL",
        };
        sqlx::raw_sql(off).execute(&mut conn).await.unwrap();
        sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.unwrap();
    }
}

async fn entries_come_back_and_cannot_be_changed(bench: Bench) {
    let all: Vec<_> = (0..5).map(|n| bench.entry(Act::OrderPlace, &format!("ord_{n}"))).collect();
    bench.append(all.clone()).await;
    let mut db = bench.store.read().await.unwrap();
    let newest_first: Vec<_> = all.iter().rev().cloned().collect();
    assert_eq!(audit::list(&mut db, &Filter::default(), 10).await.unwrap(), newest_first);
    let of = Filter { subject: Some("ord_3".into()), partner: Some(bench.partner.id.clone()), ..Filter::default() };
    assert_eq!(audit::list(&mut db, &of, 10).await.unwrap(), [all[3].clone()]);
    let older = Filter { before: Some(all[2].id.clone()), ..Filter::default() };
    assert_eq!(audit::list(&mut db, &older, 1).await.unwrap(), [all[1].clone()]);
    let later = Filter { since: Some(NOW.plus(SECOND)), ..Filter::default() };
    assert!(audit::list(&mut db, &later, 10).await.unwrap().is_empty());
    drop(db);
    bench.seal_all().await;
    let mut conn = bench.connect().await;
    for sql in [
        "UPDATE audit SET subject = 'x'",
        "DELETE FROM audit",
        "UPDATE audit_seals SET entries = 0",
        "DELETE FROM audit_seals",
    ] {
        let refused = sqlx::query(sql).execute(&mut conn).await.unwrap_err().to_string();
        assert!(refused.contains("only ever added to"), "{sql}: {refused}");
    }
    let report = bench.check().await;
    assert_eq!((report.entries, report.unsealed, report.findings), (5, 0, vec![]));
}

async fn what_is_taken_out_or_changed_shows(bench: Bench) {
    let all: Vec<_> = (0..6).map(|n| bench.entry(Act::KeyCreate, &format!("key_{n}"))).collect();
    bench.append(all[..4].to_vec()).await;
    bench.seal_all().await;
    bench.append(all[4..].to_vec()).await;
    let whole = bench.check().await;
    assert!(audit::is_known(&mut bench.store.read().await.unwrap(), &whole.head).await.unwrap());
    assert_eq!((whole.entries, whole.unsealed, whole.seals, whole.findings.len()), (6, 2, 1, 0));
    bench.behind_our_back(&format!("UPDATE audit SET subject = 'other' WHERE id = '{}'", all[5].id)).await;
    assert_eq!(
        bench.check().await.findings,
        [Finding::Changed(all[5].id.to_string())],
        "one that is not sealed yet, too"
    );
    let mut conn = bench.connect().await;
    let gone = format!("DELETE FROM audit WHERE id = '{}'", all[1].id);
    sqlx::query(AssertSqlSafe(gone)).execute(&mut conn).await.unwrap();
    let findings = bench.check().await.findings;
    assert!(findings.contains(&Finding::Count { seal: 1, were: 4, are: 3 }), "{findings:?}");
    sqlx::query("UPDATE audit_seals SET entries = 3").execute(&mut conn).await.unwrap();
    let findings = bench.check().await.findings;
    assert!(findings.contains(&Finding::Broken(1)), "whoever makes the count fit has not got the key: {findings:?}");
}

async fn a_trail_of_many_seals_is_checked_whole(bench: Bench) {
    let many = usize::try_from(PIECE).unwrap() * 2 + 7;
    bench.append((0..many).map(|n| bench.entry(Act::OrderQuote, &format!("quo_{n}"))).collect()).await;
    bench.seal_all().await;
    let report = bench.check().await;
    assert_eq!((report.entries, report.unsealed, report.seals, report.findings.len()), (many as u64, 0, 3, 0));
    bench.behind_our_back("DELETE FROM audit_seals WHERE number = 2").await;
    let findings = bench.check().await.findings;
    assert!(findings.contains(&Finding::SealMissing(2)), "{findings:?}");
    assert!(bench.check().await.findings.len() >= 2, "and the next one does not fit");
}

async fn two_who_seal_at_once_make_one_seal(bench: Bench) {
    bench.append((0..20).map(|n| bench.entry(Act::UserCreate, &format!("usr_{n}"))).collect()).await;
    let other = bench.another().await;
    let (one, two) = tokio::join!(audit::seal(&bench.store, NOW), audit::seal(&other, NOW));
    assert_eq!(one.unwrap() + two.unwrap(), 20);
    bench.seal_all().await;
    let report = bench.check().await;
    assert_eq!((report.entries, report.seals, report.findings.len()), (20, 1, 0));
}
