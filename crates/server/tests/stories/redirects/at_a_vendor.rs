//! Sites whose zones lie at a vendor and that our own redirect server leads on.

use server::redirect_servers::{self, RedirectServer};
use store::sites;
use store::zones::Served;
use tokio_util::sync::CancellationToken;

use super::{Visitor, to};
use crate::live::stage::Live;

#[tokio::test]
async fn a_live_order_has_its_records_at_the_vendor_and_leads_on_here() {
    let live = Live::with(|text| {
        let own = "[accounts.web]\nkind = \"embedded_redirect\"\naddresses = \"192.0.2.1 2001:db8::1\"\n\n[redirect]\nhttp_listen = [\"127.0.0.1:0\"]\n\n[live]\n";
        text.replace("[live]\n", own).replace("redirect = [\"second\"]", "redirect = [\"web\"]")
    })
    .await;
    let id = live.place(&["acme-one.com"]).await;
    live.rig.settle_all().await;
    assert_eq!(live.rig.order(&id).await["status"], "completed");
    for host in ["acme-one.com", "www.acme-one.com"] {
        assert_eq!(live.dnsimple.hosted(host, "A"), ["192.0.2.1"], "{host}");
        assert_eq!(live.dnsimple.hosted(host, "AAAA"), ["2001:db8::1"], "{host}");
    }
    let mut db = live.rig.wired.store.read().await.unwrap();
    let led = sites::all(&mut db, &Served::AtAccounts(vec!["web".into()])).await.unwrap();
    assert_eq!(led.sites.len(), 1);

    let place = redirect_servers::places(&live.rig.config).unwrap().pop().unwrap();
    let server = RedirectServer::new(place, &live.rig.config, &live.rig.wired).unwrap();
    let port = server.addresses()[0].rsplit_once(':').unwrap().1.to_owned();
    let stop = CancellationToken::new();
    let _stop = stop.clone().drop_guard();
    tokio::spawn(server.run(stop));
    let visitor = Visitor::new(&["www.acme-one.com"]);
    visitor.open_until(&format!("http://www.acme-one.com:{port}/a"), to("https://acme.com/a")).await;
}
