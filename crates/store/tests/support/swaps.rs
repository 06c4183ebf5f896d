//! What every database must do for swaps.

use model::change::Change;
use model::clock::{DAY, SECOND, Time};
use model::domain::{Domain, DomainName, DomainStatus, MailProvider};
use model::id::{DomainId, Id as _, InboxId, OrderId, UserId};
use model::inbox::{Inbox, InboxStatus, LinkStatus};
use model::order::Order;
use model::persona::Persona;
use model::swap::{Swap, SwapKind, SwapStatus};
use store::{Page, domains, inboxes, swaps};

use super::bench::{Bench, NOW};

fn swap(bench: &Bench, domain: &str, kind: SwapKind, status: SwapStatus) -> Swap {
    let renames = kind == SwapKind::UserNames;
    let person = Persona {
        first_name: "Kim".into(),
        last_name: "Ray".into(),
        profile_picture_url: Some(String::new()),
        addresses: vec![],
    };
    Swap {
        id: bench.ids.next(),
        partner: bench.partner.id.clone(),
        world: bench.scope().world,
        kind,
        order: OrderId::opaque("ord_1"),
        user: UserId::opaque("usr_1"),
        domain: DomainId::opaque(domain),
        replacement_name: (!renames).then(|| DomainName::stored("new.com")),
        replacement: None,
        inbox: renames.then(|| InboxId::opaque("inb_1")),
        persona: renames.then_some(person),
        status,
        reason: None,
        created_at: NOW,
        finished_at: (!status.is_open()).then_some(NOW),
        version: 1,
    }
}

async fn insert(bench: &Bench, rows: &[&Swap]) -> bool {
    let mut change = Change::default();
    change.swaps.insert.extend(rows.iter().map(|one| (*one).clone()));
    bench.write(change).await.is_ok()
}

pub(crate) async fn a_domain_has_one_open_swap_and_an_inbox_one_open_renaming(bench: Bench) {
    use SwapKind::{Premium, Standard, UserNames};
    let open = swap(&bench, "dom_1", Standard, SwapStatus::ActionRequired);
    let naming = swap(&bench, "dom_1", UserNames, SwapStatus::Created);
    assert!(insert(&bench, &[&open, &naming]).await);
    for second in [
        swap(&bench, "dom_1", Premium, SwapStatus::Created),
        swap(&bench, "dom_1", Standard, SwapStatus::InProgress),
        swap(&bench, "dom_2", UserNames, SwapStatus::InProgress),
    ] {
        assert!(!insert(&bench, &[&second]).await, "{second:?}");
    }
    assert!(insert(&bench, &[&swap(&bench, "dom_1", Standard, SwapStatus::Failed)]).await);
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(swaps::get(&mut db, &bench.scope(), &naming.id).await.unwrap(), Some(naming.clone()));
    assert_eq!(swaps::open_of_domain(&mut db, &open.domain).await.unwrap(), Some(open.clone()));
    let order = Order { id: open.order.clone(), ..bench.order("acme.com").0 };
    assert_eq!(swaps::open_of_order(&mut db, &order).await.unwrap(), [open.clone(), naming]);

    let mut change = Change::default();
    let (status, finished_at) = (SwapStatus::Completed, Some(NOW.plus(DAY)));
    let replacement = Some(DomainId::opaque("dom_2"));
    change.swaps.update.push(Swap { status, finished_at, replacement, ..open.clone() });
    bench.write(change).await.unwrap();
    assert_eq!(swaps::open_of_domain(&mut db, &open.domain).await.unwrap(), None);
    let read = swaps::load(&mut db, &open.id).await.unwrap().unwrap();
    assert_eq!((read.status, read.finished_at, read.version), (status, finished_at, 2));
}

pub(crate) async fn swaps_are_listed_on_either_side(bench: Bench) {
    let mut rows: Vec<Swap> = (0..6)
        .map(|n| swap(&bench, if n % 2 == 0 { "dom_1" } else { "dom_2" }, SwapKind::Standard, SwapStatus::Failed))
        .collect();
    for row in rows.iter_mut().filter(|row| row.domain.as_str() == "dom_2").take(2) {
        row.replacement = Some(DomainId::opaque("dom_1"));
    }
    assert!(insert(&bench, &rows.iter().collect::<Vec<_>>()).await);
    let mut db = bench.store.read().await.unwrap();
    let either = |row: &&Swap| row.domain.as_str() == "dom_1" || row.replacement.is_some();
    let expected: Vec<_> = rows.iter().rev().filter(either).map(|row| row.id.clone()).collect();
    let (mut seen, mut below) = (vec![], None);
    loop {
        let page = Page { below: below.take(), limit: 2 };
        let filter = swaps::Filter { domain: Some("dom_1".into()), user: Some("usr_1".into()), ..Default::default() };
        let listed = swaps::list(&mut db, &bench.scope(), &filter, &page).await.unwrap();
        let Some(last) = listed.last() else { break };
        below = Some(last.id.to_string());
        seen.extend(listed.into_iter().map(|row| row.id));
    }
    assert_eq!(seen, expected);
    let mut stranger = bench.scope();
    stranger.world = model::world::World::live();
    let page = Page { below: None, limit: 9 };
    assert!(swaps::list(&mut db, &stranger, &swaps::Filter::default(), &page).await.unwrap().is_empty());
}

pub(crate) async fn swaps_are_found_by_what_they_are_held_against(bench: Bench) {
    use SwapStatus::{Cancelled, Completed, Created, Failed};
    let at = |created_at: Time, row: Swap| Swap { created_at, finished_at: Some(created_at), ..row };
    let ago = |days: i64| NOW.plus(-days * DAY);
    let premium = |status, days| at(ago(days), swap(&bench, "dom_1", SwapKind::Premium, status));
    let rows = [
        premium(Completed, 31),
        premium(Completed, 20),
        premium(Failed, 10),
        premium(Cancelled, 9),
        premium(Completed, 5),
        premium(Created, 1),
    ];
    assert!(insert(&bench, &rows.iter().collect::<Vec<_>>()).await);
    let mut db = bench.store.read().await.unwrap();
    let used = swaps::premium_since(&mut db, &bench.scope(), ago(30)).await.unwrap();
    assert_eq!(used, [ago(20), ago(5), ago(1)]);

    // dom_a was replaced by dom_b, that by dom_c, that by dom_d.
    let mut change = Change::default();
    let mut by = None;
    for (n, days) in [(0, 50), (1, 40), (2, 3), (3, 0)] {
        let row = bench.order(&format!("name-{n}.com")).1.remove(0);
        let status = if n == 3 { DomainStatus::Active } else { DomainStatus::Released };
        let provider = Some(MailProvider::Microsoft);
        let domain = Domain { id: DomainId::opaque(format!("dom_{n}")), status, provider, swap: by.take(), ..row };
        let left = at(ago(days), swap(&bench, domain.id.as_str(), SwapKind::Standard, Completed));
        by = Some(left.id.clone());
        if n < 3 {
            change.swaps.insert.push(left);
        }
        change.domains.insert.push(domain);
    }
    let (last, swapped) = (change.domains.insert[3].clone(), change.swaps.insert.clone());
    bench.write(change).await.unwrap();
    let lineage = swaps::lineage(&mut db, &last, ago(30)).await.unwrap();
    assert_eq!(lineage, [swapped[2].clone(), swapped[1].clone()], "no further back than it matters");
    let scope = bench.scope();
    assert_eq!(domains::count_active(&mut db, &scope, MailProvider::Microsoft).await.unwrap(), 1);
    assert_eq!(domains::count_active(&mut db, &scope, MailProvider::Google).await.unwrap(), 0);

    // A renaming is found whole while a part of it is open, without an earlier one.
    let domain = Domain { id: DomainId::opaque("dom_9"), ..last };
    let naming = |inbox: &str, status| {
        let row = swap(&bench, "dom_9", SwapKind::UserNames, status);
        Swap { inbox: Some(InboxId::opaque(inbox)), ..row }
    };
    let earlier = [naming("inb_1", Completed), naming("inb_2", Completed)];
    assert!(insert(&bench, &[&earlier[0], &earlier[1]]).await);
    assert_eq!(swaps::renaming(&mut db, &domain).await.unwrap(), []);
    let now = [naming("inb_1", Completed), naming("inb_2", Created)];
    assert!(insert(&bench, &[&now[0], &now[1]]).await);
    assert_eq!(swaps::renaming(&mut db, &domain).await.unwrap(), now);
}

pub(crate) async fn an_inbox_can_change_its_address(bench: Bench) {
    let inbox = Inbox {
        id: bench.ids.next(),
        partner: bench.partner.id.clone(),
        world: bench.scope().world,
        domain: DomainId::opaque("dom_1"),
        order: OrderId::opaque("ord_1"),
        user: UserId::opaque("usr_1"),
        email: "jo@acme.com".into(),
        first_name: "Jo".into(),
        last_name: "Lee".into(),
        provider: MailProvider::Google,
        status: InboxStatus::Active,
        link: LinkStatus::Linked,
        account_id: Some("7".into()),
        created_at: NOW.plus(SECOND),
        version: 1,
    };
    let mut change = Change::default();
    change.inboxes.insert.push(inbox.clone());
    bench.write(change).await.unwrap();
    let renamed = Inbox { email: "kim@acme.com".into(), first_name: "Kim".into(), ..inbox.clone() };
    let mut change = Change::default();
    change.inboxes.update.push(renamed.clone());
    bench.write(change).await.unwrap();
    let read = inboxes::of_domain(&mut bench.store.read().await.unwrap(), &inbox.domain).await.unwrap();
    assert_eq!(read, [Inbox { version: 2, ..renamed }]);
    assert_eq!(inboxes::ever_of_domain(&mut bench.store.read().await.unwrap(), &inbox.domain).await.unwrap(), read);
}
