//! Zones of live orders on our own name server, and a secondary that is told of them.

use std::time::Duration;

use hickory_proto::op::{Message, OpCode};
use server::name_servers::{self, NameServer};
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use super::stage::Live;

/// An account whose zones we serve, and a secondary there.
fn own(text: &str, secondary: &str) -> String {
    let own = format!(
        "[accounts.own]\nkind = \"embedded\"\nnameservers = \"ns1.example.com ns2.example.com\"\n\n[dns]\nlisten = [\"127.0.0.1:0\"]\n\
         notify = [{{ address = \"{secondary}\", key = \"second\" }}]\n\n[dns.keys.second]\nname = \"second.example\"\n\
         secret = {{ file = \"FOLDER/second.key\" }}\n\n[accounts.web]\nkind = \"embedded_redirect\"\n\
         addresses = \"192.0.2.1\"\n\n[redirect]\nhttp_listen = [\"127.0.0.1:0\"]\n\n[live]\n"
    );
    let text = text.replace("[live]\n", &own).replace("dns = [\"second\"]", "dns = [\"own\"]");
    text.replace("redirect = [\"second\"]", "redirect = [\"web\"]")
}

#[tokio::test]
async fn a_secondary_is_told_of_an_orders_zone() {
    let (secondary, folder) = (UdpSocket::bind("127.0.0.1:0").await.unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("second.key"), "aHVzaA==\n").unwrap();
    let address = secondary.local_addr().unwrap().to_string();
    let live = Live::with(|text| own(&text, &address).replace("FOLDER", &folder.path().display().to_string())).await;
    let config = &live.rig.config;
    let place = name_servers::places(config).unwrap().pop().unwrap();
    let stop = CancellationToken::new();
    let _stop = stop.clone().drop_guard();
    tokio::spawn(NameServer::new(place, config, &live.rig.wired).run(stop));
    live.place(&["acme-one.com"]).await;
    let telling = async {
        let mut packet = [0; 4096];
        let (length, _) = secondary.recv_from(&mut packet).await.unwrap();
        Message::from_vec(&packet[..length]).unwrap()
    };
    let told = tokio::select! {
        told = tokio::time::timeout(Duration::from_secs(60), telling) => told.expect("it is told before long"),
        () = async { live.rig.settle_all().await; std::future::pending().await } => unreachable!("it waits"),
    };
    assert_eq!((told.op_code, told.queries[0].name().to_string().as_str()), (OpCode::Notify, "acme-one.com."));
    let signature = told.signature().expect("it is signed");
    assert_eq!(signature.name.to_string(), "second.example.");
}
