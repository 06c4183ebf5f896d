//! What the observer fetches, it fetches through the guard.

use std::net::SocketAddr;

use providers::all::internet::{Internet, InternetSettings, Resolvers};
use providers::egress::Egress;
use providers::roles::{Fetched, Observer as _};
use providers::trouble::{Refused, TargetFault, Trouble};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::tree::call;

fn internet(development: bool) -> Internet {
    let settings = InternetSettings { resolvers: Resolvers::At(vec![]), development, ..InternetSettings::default() };
    Internet::new(&settings, Egress::new(development).unwrap()).unwrap()
}

/// A web server that answers each request so.
pub(crate) async fn web(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

#[tokio::test]
async fn what_must_not_be_asked_is_not() {
    let internet = internet(false);
    for url in [
        "",
        "ftp://example.com/",
        "http://example.com/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/",
        "https://[fd00::1]/",
        "https://localhost/",
    ] {
        let no = Err(Trouble::Refused(Refused::Target(TargetFault::NotPublic)));
        assert_eq!(internet.fetch(&call(), url, 0).await, no, "{url:?}");
    }
    let unresolved = Err(Trouble::Refused(Refused::Target(TargetFault::Unresolved)));
    assert_eq!(internet.fetch(&call(), "https://acme.invalid/", 0).await, unresolved);
}

#[tokio::test]
async fn a_fetch_gives_the_first_bytes_of_any_answer() {
    let address = web("HTTP/1.1 302 Found\r\nlocation: https://a.example/\r\ncontent-type: image/png\r\ncontent-length: 5\r\n\r\nhello").await;
    let (internet, url) = (internet(true), format!("http://{address}/"));
    for limit in [0, 2, 5, 100] {
        let told = internet.fetch(&call(), &url, limit).await.unwrap();
        let body = b"hello"[..limit.min(5)].to_vec();
        assert_eq!(told, Fetched { status: 302, content_type: Some("image/png".into()), body });
    }
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let told = internet.fetch(&call(), &format!("http://{gone}/"), 0).await;
    assert_eq!(told, Err(Trouble::Refused(Refused::Target(TargetFault::Unreachable))));
}
