//! What was booked and bought before charges could be followed is read sensibly afterwards.

use model::change::Change;
use model::clock::Time;
use model::domain::{Domain, DomainName, DomainStatus};
use model::id::LineId;
use model::ledger::{Line, LineKind, ONCE, PaidFor};
use model::order::Order;
use store::{Backend, Page, domains, ledger};

use crate::support::bench::Bench;

on_both! {
    the_periods_of_old_lines_are_those_of_their_orders
    an_old_credit_names_its_line_where_that_is_certain
    the_renewal_cost_of_a_name_bought_before_is_derived
}

/// Takes back what the migration did to the schema.
const BEFORE: &str = "DROP INDEX ledger_all; DROP INDEX ledger_domain; DROP INDEX ledger_order; DROP INDEX ledger_user;
    DROP INDEX ledger_kind; DROP INDEX ledger_booked; DROP INDEX quotes_made_with;
    ALTER TABLE ledger DROP COLUMN user_id; ALTER TABLE ledger DROP COLUMN period_start;
    ALTER TABLE ledger DROP COLUMN period_end; ALTER TABLE ledger DROP COLUMN reverses;
    ALTER TABLE quotes DROP COLUMN api_key; ALTER TABLE domains DROP COLUMN renewal_cost_cents;
    CREATE INDEX ledger_month ON ledger (partner, world, created_at, amount_cents)";

/// Puts rows as an older version wrote them, and has this one's migration find them.
async fn written_before(bench: &Bench, change: Change) {
    bench.write(change).await.unwrap();
    let pool = bench.pool().await;
    let migration = match bench.store.backend() {
        Backend::Sqlite => include_str!("../../migrations/sqlite/0005_followed_charges.sql"),
        Backend::Postgres => include_str!("../../migrations/postgres/0005_followed_charges.sql"),
    };
    let mut connection = pool.acquire().await.unwrap();
    for sql in [BEFORE, migration] {
        sqlx::raw_sql(sql).execute(&mut *connection).await.unwrap();
    }
    if bench.store.backend() == Backend::Postgres {
        // An index that was made over rows that had just changed is of no use to whoever began before: other tests'
        // transactions would let this one's statements be explained without it. Rows that are written anew are settled.
        for table in ["VACUUM FULL ledger", "VACUUM FULL domains", "VACUUM FULL quotes"] {
            sqlx::raw_sql(table).execute(&mut *connection).await.unwrap();
        }
    }
}

/// An order of that day and time, with a domain that runs out in the evening of 8 May.
fn bought(bench: &Bench, name: &str, placed: &str) -> (Order, Domain, Line) {
    let (order, domain, lines) = bench.order(name);
    let created_at = Time::parse(placed).unwrap();
    let order = Order { created_at, anchor_day: created_at.day_of_month(), ..order };
    let domain = Domain { expires_at: Time::parse("2028-05-08T18:00:00Z"), ..domain[0].clone() };
    let line = Line { paid_for: None, user: None, reverses: None, ..lines[0].clone() };
    (order, domain, line)
}

fn line(bench: &Bench, of: &Line, kind: LineKind, period: &str, amount_cents: i64) -> Line {
    Line { id: bench.ids.next(), kind, period: period.into(), amount_cents, unit_cents: amount_cents, ..of.clone() }
}

async fn read(bench: &Bench) -> Vec<Line> {
    let (mut db, page) = (bench.store.read().await.unwrap(), Page { below: None, limit: 100 });
    ledger::list(&mut db, &bench.scope(), &ledger::Filter::default(), &page).await.unwrap()
}

async fn the_periods_of_old_lines_are_those_of_their_orders(bench: Bench) {
    let (order, domain, of) = bought(&bench, "acme.com", "2027-01-31T10:00:00Z");
    let user = order.user.clone();
    let mut change = Change::default();
    let expected = [
        (LineKind::GoogleLicense, "2027-01-31", "2027-01-31T10:00:00Z", "2027-02-28T10:00:00Z"),
        (LineKind::GoogleLicense, "2027-02-28", "2027-02-28T10:00:00Z", "2027-03-31T10:00:00Z"),
        (LineKind::GoogleLicense, "2027-03-31", "2027-03-31T10:00:00Z", "2027-04-30T10:00:00Z"),
        // A replacement, booked between two of the order's days.
        (LineKind::MicrosoftLicense, "2027-12-10", "2027-12-10T10:00:00Z", "2027-12-31T10:00:00Z"),
        (LineKind::MicrosoftLicense, "2027-12-31", "2027-12-31T10:00:00Z", "2028-01-31T10:00:00Z"),
        (LineKind::MicrosoftLicense, "2028-02-10", "2028-02-10T10:00:00Z", "2028-02-29T10:00:00Z"),
        (LineKind::DomainRenewal, "2027-05-08", "2027-05-08T18:00:00Z", "2028-05-08T18:00:00Z"),
    ];
    change.lines.extend(expected.iter().map(|(kind, period, ..)| line(&bench, &of, *kind, period, 600)));
    change.lines.push(line(&bench, &of, LineKind::DomainRegistration, ONCE, 1_300));
    change.lines.push(line(&bench, &of, LineKind::DomainRegistration, "2027-01-31T10:30:00Z", 100));
    change.orders.insert.push(order);
    change.domains.insert.push(domain);
    written_before(&bench, change).await;

    let lines = read(&bench).await;
    assert!(lines.iter().all(|line| line.user.as_ref() == Some(&user)));
    for (kind, period, start, end) in expected {
        let line = lines.iter().find(|line| line.kind == kind && line.period == period).unwrap();
        let (start, end) = (Time::parse(start).unwrap(), Time::parse(end).unwrap());
        assert_eq!(line.paid_for, Some(PaidFor { start, end }), "{kind:?} {period}");
    }
    let once: Vec<_> = lines.iter().filter(|line| line.kind == LineKind::DomainRegistration).collect();
    assert_eq!((once.len(), once.iter().all(|line| line.paid_for.is_none())), (2, true));
}

async fn an_old_credit_names_its_line_where_that_is_certain(bench: Bench) {
    let mut change = Change::default();
    let mut order_with =
        |name: &str, charges: &[(LineKind, &str, i64)], credit: (&str, i64)| -> (LineId, Vec<LineId>) {
            let (order, domain, of) = bought(&bench, name, "2027-01-08T10:00:00Z");
            let charged: Vec<_> = charges.iter().map(|one| line(&bench, &of, one.0, one.1, one.2)).collect();
            let credit = line(&bench, &of, LineKind::Credit, credit.0, credit.1);
            let told = (credit.id.clone(), charged.iter().map(|line| line.id.clone()).collect());
            change.lines.extend(charged.into_iter().chain([credit]));
            change.orders.insert.push(order);
            change.domains.insert.push(domain);
            told
        };
    let name = (LineKind::DomainRegistration, ONCE, 1_300);
    let license = |cents| (LineKind::GoogleLicense, "2027-01-08", cents);
    let (kept_name, one) = order_with("kept.com", &[name, license(1_200)], (ONCE, -1_200));
    let (whole, _) = order_with("whole.com", &[name, license(1_200)], (ONCE, -2_500));
    let (unclear, _) = order_with("unclear.com", &[name, license(1_300)], (ONCE, -1_300));
    let swaps = [(LineKind::Swap, "once swp_1", 500), (LineKind::Swap, "once swp_2", 500)];
    let (of_swap, two) = order_with("swapped.com", &swaps, ("once swp_2", -500));
    written_before(&bench, change).await;

    let lines = read(&bench).await;
    let credit = |id: &LineId| lines.iter().find(|line| line.id == *id).unwrap();
    assert_eq!(credit(&kept_name).reverses.as_ref(), Some(&one[1]));
    assert_eq!(credit(&kept_name).paid_for.map(|month| month.start), Time::parse("2027-01-08T10:00:00Z"));
    assert_eq!(credit(&of_swap).reverses.as_ref(), Some(&two[1]));
    assert_eq!((&credit(&whole).reverses, &credit(&unclear).reverses), (&None, &None));
    assert!(lines.iter().filter(|line| line.kind != LineKind::Credit).all(|line| line.reverses.is_none()));
}

async fn the_renewal_cost_of_a_name_bought_before_is_derived(bench: Bench) {
    let (order, domain, _) = bought(&bench, "acme.com", "2027-01-08T10:00:00Z");
    let prices = Domain { price_cents: 1_500, cost_cents: 1_300, renewal_price_cents: 1_700, ..domain };
    let in_order = Domain { id: bench.ids.next(), name: DomainName::stored("works.com"), ..prices.clone() };
    let gone = Domain { status: DomainStatus::Released, ..prices.clone() };
    let free = Domain { price_cents: 0, cost_cents: 0, status: DomainStatus::Available, order: None, ..prices };
    let kept = Domain { id: bench.ids.next(), ..free.clone() };
    let unknown = Domain { id: bench.ids.next(), name: DomainName::stored("unknown.com"), ..free };
    let mut change = Change::default();
    change.orders.insert.push(order);
    change.domains.insert.extend([in_order.clone(), gone, kept.clone(), unknown.clone()]);
    written_before(&bench, change).await;

    let mut db = bench.store.read().await.unwrap();
    for (domain, expected) in [(in_order, 1_500), (kept, 1_500), (unknown, 1_700)] {
        let read = domains::load(&mut db, &domain.id).await.unwrap().unwrap();
        assert_eq!((read.renewal_price_cents, read.renewal_cost_cents), (1_700, expected), "{}", domain.name);
    }
    // What this version writes is kept as it is.
    let (_, rows, _) = bench.order("new.com");
    let mut change = Change::default();
    change.domains.insert.push(Domain { renewal_cost_cents: 1_444, ..rows[0].clone() });
    bench.write(change).await.unwrap();
    let read = domains::load(&mut db, &rows[0].id).await.unwrap().unwrap();
    assert_eq!(read.renewal_cost_cents, 1_444);
}
