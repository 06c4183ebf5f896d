//! A store on a throw-away database, with a partner in it, and things to put there.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::bundle::{Bundle, BundleStatus, Terms};
use model::change::Change;
use model::clock::{HandClock, Now, SECOND, Time};
use model::delivery::Endpoint;
use model::domain::Assigned;
use model::domain::{Domain, DomainName, DomainStatus, MailProvider, Source};
use model::event::{Event, EventKind};
use model::id::{Id, Ids, LeaseId, OrderId, RunId, UserId};
use model::inbox::{Inbox, InboxStatus, LinkStatus};
use model::ledger::{Charge, Line, LineKind, PaidFor};
use model::order::{Dkim, Order, OrderStatus, Sequencer};
use model::partner::{ApiKey, Partner, Preset};
use model::patience::Patience;
use model::persona::Persona;
use model::secret::Secret;
use model::task::{Lane, Task};
use model::user::{User, UserStatus, fold};
use model::world::{Environment, Scope};
use store::{Backend, Failure, Opening, Statement, Store, Value, Writing, keys, tasks};
use tempfile::TempDir;

use super::heard::{Heard, Statements};
use super::postgres;

/// When every test happens.
pub(crate) const NOW: Time = Time(1_778_241_600 * SECOND);

/// A store and what is in it.
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) ids: Ids,
    pub(crate) partner: Partner,
    pub(crate) key: String,
    url: String,
    folder: Arc<TempDir>,
    statements: Statements,
}

impl Bench {
    pub(crate) async fn sqlite() -> Self {
        Self::writing(Writing::default()).await
    }

    /// On SQLite, with writes that wait in another way.
    pub(crate) async fn writing(writing: Writing) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self::on(url, folder, writing).await
    }

    /// What the store has been heard to send.
    pub(crate) fn heard(&self) -> Heard {
        let (url, statements) = (self.url.clone(), self.statements.clone());
        Heard { url, backend: self.store.backend(), statements, _folder: self.folder.clone() }
    }

    pub(crate) async fn postgres() -> Option<Self> {
        let url = postgres::server()?.fresh_schema().await;
        Some(Self::on(url, tempfile::tempdir().expect("a temporary folder"), Writing::default()).await)
    }

    /// The same, whose database is waited for so long.
    pub(crate) async fn patient(patience: Patience) -> Option<Self> {
        let url = postgres::server()?.fresh_schema().await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let bench = Self::on(url, folder, Writing::default()).await;
        let store = open_patiently(&bench.url, &bench.folder, Writing::default(), patience).await;
        Some(Self { store, ..bench })
    }

    async fn on(url: String, folder: TempDir, writing: Writing) -> Self {
        let statements = Statements::default();
        let store = open(&url, &folder, Writing { witness: Some(statements.witness()), ..writing }).await;
        let ids = Ids::seeded(HandClock::at(NOW), 1);
        let partner = Partner::new(ids.next(), "Acme", NOW);
        let key = "pk_test_0123456789".to_owned();
        let bench = Self { store, ids, partner, key, url, folder: Arc::new(folder), statements };
        bench.write(bench.first_rows()).await.expect("the first rows are written");
        bench
    }

    fn first_rows(&self) -> Change {
        let mut change = Change::default();
        change.partners.insert.push(self.partner.clone());
        change.keys.insert.push(ApiKey::new(
            self.ids.next(),
            self.partner.id.clone(),
            Environment::Test,
            Preset::Full,
            keys::hash(self.store.vault(), &self.key),
            "6789".into(),
            NOW,
        ));
        change
    }

    pub(crate) fn scope(&self) -> Scope {
        self.partner.scope(Environment::Test)
    }

    pub(crate) async fn write(&self, change: Change) -> Result<(), Failure> {
        let ids = self.ids.clone();
        self.store
            .write(move |tx| {
                let (change, ids) = (change.clone(), ids.clone());
                async move { tx.apply(change, &ids, NOW).await }.boxed()
            })
            .await
    }

    pub(crate) async fn claim(&self, limit: i64, now: Time, lease: &str) -> Vec<Task> {
        let (bucket, lease) = (self.partner.id.to_string(), LeaseId::opaque(lease));
        let claimed = self.store.settle(move |tx| {
            let (bucket, lease) = (bucket.clone(), lease.clone());
            async move { tasks::claim(tx, Lane::Step, &bucket, limit, now, now.plus(30 * SECOND), &lease).await }
                .boxed()
        });
        claimed.await.expect("tasks are claimed")
    }

    pub(crate) fn task(&self, subject: &str, due_at: Time) -> Task {
        Task::for_run(self.ids.next(), &RunId::opaque(subject), &self.partner.id, &self.scope().world, due_at)
    }

    pub(crate) fn event(&self, kind: EventKind) -> Event {
        Event {
            id: self.ids.next(),
            partner: self.partner.id.clone(),
            world: self.scope().world,
            kind,
            order: None,
            domain: None,
            created_at: NOW,
            data: r#"{"id":"ord_1","ok":true}"#.into(),
        }
    }

    /// How it was opened.
    pub(crate) fn opening(&self) -> Opening {
        opening(&self.url, &self.folder, Writing::default(), Patience::default())
    }

    pub(crate) fn endpoint(&self, environment: Environment, events: Option<Vec<EventKind>>) -> Endpoint {
        Endpoint {
            id: self.ids.next(),
            partner: self.partner.id.clone(),
            environment,
            url: "https://example.com/hooks".into(),
            events,
            disabled: None,
            from_cli: false,
            secret: Secret::plain("whsec_x"),
            old_secret: None,
            old_secret_until: None,
            failing_since: None,
            created_at: NOW,
            version: 1,
        }
    }

    pub(crate) fn bundle(&self) -> Bundle {
        Bundle {
            id: self.ids.next(),
            partner: self.partner.id.clone(),
            world: self.scope().world,
            terms: Terms {
                name: "Starter".into(),
                monthly_sending_volume: 880,
                google_percent: None,
                send_on_weekends: true,
                google_inboxes_per_domain: 2,
            },
            status: BundleStatus::Active,
            created_at: NOW,
            version: 1,
        }
    }

    pub(crate) fn user(&self, email: &str) -> User {
        User {
            sequencer_key: None,
            id: self.ids.next(),
            partner: self.partner.id.clone(),
            world: self.scope().world,
            email: email.into(),
            email_folded: fold(email),
            first_name: None,
            last_name: Some("Rivera".into()),
            client_id: Some(366_903),
            status: UserStatus::Active,
            created_at: NOW,
            version: 1,
        }
    }

    pub(crate) fn inbox(&self, domain: &Domain, email: &str) -> Inbox {
        Inbox {
            id: self.ids.next(),
            partner: domain.partner.clone(),
            world: domain.world.clone(),
            domain: domain.id.clone(),
            order: domain.order.clone().unwrap_or_else(|| self.ids.next()),
            user: domain.user.clone().unwrap_or_else(|| self.ids.next()),
            email: email.into(),
            first_name: "Zoë".into(),
            last_name: "Lee".into(),
            provider: MailProvider::Google,
            status: InboxStatus::Active,
            link: LinkStatus::Waiting,
            account_id: None,
            created_at: NOW,
            version: 1,
        }
    }

    /// An order with one domain and its two lines, not written yet.
    pub(crate) fn order(&self, name: &str) -> (Order, Vec<Domain>, Vec<Line>) {
        let order = self.order_row();
        let domain = self.domain_row(&order, name);
        let (now, month) = (Now { server: NOW, offset: 0 }, PaidFor { start: NOW, end: NOW.next_month(8) });
        let line = |charge| Line::of(&order, &domain.id, charge, now, &self.ids);
        let lines = vec![
            line(Charge::once(LineKind::DomainRegistration, 1300)),
            line(Charge::licenses(MailProvider::Google, 2, 600, month)),
        ];
        (order, vec![domain], lines)
    }

    fn order_row(&self) -> Order {
        Order {
            id: self.ids.next::<OrderId>(),
            partner: self.partner.id.clone(),
            world: self.scope().world,
            user: self.ids.next::<UserId>(),
            email: "alex@acme.com".into(),
            bundle: None,
            status: OrderStatus::InProgress,
            domain_count: 1,
            total_cents: 2500,
            anchor_day: 8,
            renews_at: NOW.next_month(8),
            reference: None,
            forwarding_url: Some("https://acme.com".into()),
            personas: vec![Persona {
                first_name: "Zoë".into(),
                last_name: "Lee".into(),
                profile_picture_url: None,
                addresses: vec![],
            }],
            metadata: [("order".to_owned(), "42".to_owned())].into(),
            sequencer: Sequencer {
                client_id: None,
                login_email: Some("peeker@acme.com".into()),
                provider: model::order::SequencerProvider::Smartlead,
                login_password: Some(Secret::plain("hunter2")),
                api_key: Some(Secret::plain("key")),
            },
            api_key: None,
            dkim: Dkim::Required,
            cancel_scheduled_at: None,
            cancels_at: None,
            timed: false,
            completed_at: None,
            last_event: None,
            trace: None,
            created_at: NOW,
            version: 1,
        }
    }

    fn domain_row(&self, order: &Order, name: &str) -> Domain {
        Domain {
            id: self.ids.next(),
            partner: order.partner.clone(),
            world: order.world.clone(),
            name: DomainName::stored(name),
            status: DomainStatus::Pending,
            source: Source::Registrar,
            held: false,
            order: Some(order.id.clone()),
            position: 0,
            user: Some(order.user.clone()),
            usable_for: vec![MailProvider::Google, MailProvider::Microsoft],
            provider: Some(MailProvider::Google),
            licenses: 2,
            inboxes_planned: 2,
            inboxes_made: 0,
            persona_offset: 0,
            forwarding_url: None,
            price_cents: 1300,
            cost_cents: 1300,
            renewal_price_cents: 1500,
            renewal_cost_cents: 1500,
            dns: None,
            expires_at: None,
            connected_at: None,
            cancels_at: None,
            stop: None,
            left_at: None,
            accounts: Assigned::default(),
            mail_logins: None,
            swap: None,
            personas: None,
            created_at: NOW,
            version: 1,
        }
    }

    /// Another process on the same database.
    pub(crate) async fn another(&self) -> Store {
        open(&self.url, &self.folder, Writing::default()).await
    }

    /// A way into the database past the store.
    pub(crate) async fn pool(&self) -> sqlx::AnyPool {
        sqlx::AnyPool::connect(&self.url).await.expect("the database can be reached")
    }

    /// A connection that knows nothing of us.
    pub(crate) async fn connect(&self) -> sqlx::AnyConnection {
        <sqlx::AnyConnection as sqlx::Connection>::connect(&self.url).await.expect("the database can be reached")
    }

    /// The same, to another database of the server.
    pub(crate) async fn connect_to(&self, database: &str) -> sqlx::AnyConnection {
        let url = self.url.replace("/postgres?", &format!("/{database}?"));
        <sqlx::AnyConnection as sqlx::Connection>::connect(&url).await.expect("the database can be reached")
    }

    /// Waits until somebody waits for a lock; not at all on SQLite, whose writes wait in line.
    pub(crate) async fn somebody_waits(&self) {
        if self.store.backend() == Backend::Sqlite {
            return;
        }
        let pool = self.pool().await;
        let waiting = "SELECT CAST(COUNT(*) AS BIGINT) FROM pg_locks WHERE NOT granted";
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool).await.expect("a number") == 0 {
            tokio::task::yield_now().await;
        }
    }

    /// Has the database look at some tables, so that its planner believes what is there now.
    pub(crate) async fn analyze(&self, tables: &[&str]) {
        let pool = self.pool().await;
        for table in tables {
            let analyze = sqlx::query(sqlx::AssertSqlSafe(format!("ANALYZE {table}")));
            analyze.execute(&pool).await.expect("it is analysed");
        }
    }

    /// How the database would go about a statement, line by line.
    pub(crate) async fn explain(&self, statement: &Statement) -> Vec<String> {
        let pool = self.pool().await;
        let (verb, column) = match self.store.backend() {
            Backend::Sqlite => ("EXPLAIN QUERY PLAN", 3),
            Backend::Postgres => ("EXPLAIN", 0),
        };
        let mut query = sqlx::query(sqlx::AssertSqlSafe(format!("{verb} {}", statement.sql)));
        for value in statement.values.clone() {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Int(number) => query.bind(number),
            };
        }
        let rows = query.fetch_all(&pool).await.expect("the statement can be explained");
        rows.iter().map(|row| sqlx::Row::get(row, column)).collect()
    }

    /// The texts that a statement finds, as they are kept.
    pub(crate) async fn texts(&self, sql: &'static str) -> Vec<String> {
        let rows: Vec<(String,)> =
            sqlx::query_as(sql).fetch_all(&self.pool().await).await.expect("the rows can be read");
        rows.into_iter().map(|row| row.0).collect()
    }

    /// Tables, columns and their types, named alike on both databases.
    pub(crate) async fn schema(&self) -> Vec<String> {
        let pool = self.pool().await;
        let sql = match self.store.backend() {
            Backend::Sqlite => {
                "SELECT m.name || '.' || c.name || ' ' || CASE c.type WHEN 'INTEGER' THEN 'number' ELSE 'text' END
                    || CASE c.\"notnull\" WHEN 1 THEN ' required' ELSE '' END
                 FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\'
                 UNION ALL SELECT 'index ' || name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            }
            Backend::Postgres => {
                "SELECT table_name || '.' || column_name || ' ' || CASE data_type WHEN 'bigint' THEN 'number' ELSE data_type END
                    || CASE is_nullable WHEN 'NO' THEN ' required' ELSE '' END
                 FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_%'
                 UNION ALL SELECT 'index ' || indexname FROM pg_indexes
                 WHERE schemaname = current_schema() AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_key'"
            }
        };
        let rows: Vec<(String,)> = sqlx::query_as(sql).fetch_all(&pool).await.expect("the schema can be read");
        let mut schema: Vec<_> = rows.into_iter().map(|row| row.0).collect();
        schema.sort();
        schema
    }
}

async fn open(url: &str, folder: &TempDir, writing: Writing) -> Store {
    // Nothing here may depend on the speed of the machine.
    let long = std::time::Duration::from_secs(120);
    open_patiently(url, folder, writing, Patience { statement: long, lock: long, idle: long }).await
}

async fn open_patiently(url: &str, folder: &TempDir, writing: Writing, patience: Patience) -> Store {
    let opening = opening(url, folder, writing, patience);
    Store::open(&opening).await.expect("the store opens")
}

fn opening(url: &str, folder: &TempDir, writing: Writing, patience: Patience) -> Opening {
    Opening {
        url: url.to_owned(),
        key_file: folder.path().join("master.key"),
        lock_file: None,
        migrate: true,
        create: true,
        connections: 8,
        writing,
        patience,
        traces: vec![],
    }
}
