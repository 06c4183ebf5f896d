//! What is decided, without a socket.

use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode, Version, header};
use model::redirect::{Site, Status};
use proptest::prelude::*;
use url::Url;

use super::super::Rendered;
use super::super::answer::{Answer, answer};
use super::{site, sites};
use crate::redirect::{Changes, Sites};

fn request(uri: &str, hosts: &[&[u8]]) -> Parts {
    let mut request = Request::builder().uri(uri).version(Version::HTTP_11).body(()).unwrap();
    for host in hosts {
        request.headers_mut().append(header::HOST, HeaderValue::from_bytes(host).unwrap());
    }
    request.into_parts().0
}

fn told(sites: &Sites, request: &Parts, sni: Option<&str>) -> Result<String, u16> {
    match answer(sites, request, sni) {
        Answer::Leads(site) => Ok(site.location(&request.uri).unwrap().to_str().unwrap().to_owned()),
        Answer::Challenge { name, token } => Ok(format!("{name} {token}")),
        Answer::Status(status) => Err(status.as_u16()),
    }
}

fn both() -> Sites {
    sites(vec![
        site("team-acme.com", "https://acme.com"),
        site("xn--bcher-kva.example", "https://books.example/shop?a=b#top"),
    ])
}

#[test]
fn a_site_is_found_however_its_name_is_written() {
    for host in ["team-acme.com", "www.team-acme.com", "TEAM-acme.com.", "WWW.Team-Acme.Com:8080"] {
        assert_eq!(
            told(&both(), &request("/a", &[host.as_bytes()]), None).as_deref(),
            Ok("https://acme.com/a"),
            "{host}"
        );
    }
    let idn = request("/c?d", &["www.BÜCHER.example:80".as_bytes()]);
    assert_eq!(told(&both(), &idn, None).as_deref(), Ok("https://books.example/shop/c?a=b&d#top"));
}

#[test]
fn nobody_is_at_home_at_other_names() {
    for host in [
        "acme.com",
        "x.team-acme.com",
        "www.www.team-acme.com",
        "team-acme.com.evil.com",
        "",
        "[::1]",
        "127.0.0.1",
        "user@team-acme.com",
    ] {
        assert_eq!(told(&both(), &request("/", &[host.as_bytes()]), None), Err(404), "{host}");
        assert_eq!(told(&both(), &request("/", &[host.as_bytes()]), Some("team-acme.com")), Err(421), "{host}");
    }
}

#[test]
fn one_site_is_not_answered_in_the_name_of_another() {
    let asked = request("/", &[b"team-acme.com"]);
    assert!(told(&both(), &asked, Some("www.team-acme.com")).is_ok());
    assert_eq!(told(&both(), &asked, Some("xn--bcher-kva.example")), Err(421));
    assert_eq!(told(&both(), &asked, Some("gone.com")), Err(421));
}

#[test]
fn the_host_that_counts_is_the_one_of_the_target() {
    let absolute = request("http://team-acme.com:80/a?b", &[b"other.com"]);
    assert_eq!(told(&both(), &absolute, None).as_deref(), Ok("https://acme.com/a?b"));
    let other = request("http://other.com/", &[b"team-acme.com"]);
    assert_eq!(told(&both(), &other, None), Err(404));
}

#[test]
fn a_request_that_does_not_say_whom_it_is_for_is_a_bad_one() {
    assert_eq!(told(&both(), &request("/", &[]), None), Err(400));
    assert_eq!(told(&both(), &request("/", &[b"team-acme.com", b"team-acme.com"]), None), Err(400));
    let mut old = request("/", &[]);
    old.version = Version::HTTP_10;
    assert_eq!(told(&both(), &old, None), Err(404));
    let mut tunnel = request("team-acme.com:443", &[b"team-acme.com"]);
    tunnel.method = Method::CONNECT;
    assert_eq!(told(&both(), &tunnel, None), Err(405));
}

#[test]
fn challenges_are_looked_up_for_sites_only() {
    let at = |path: &str, host: &[u8]| told(&both(), &request(path, &[host]), None);
    assert_eq!(at("/.well-known/acme-challenge/a-Z_9", b"www.team-acme.com").as_deref(), Ok("www.team-acme.com a-Z_9"));
    assert_eq!(at("/.well-known/acme-challenge/a", b"other.com"), Err(404));
    let long = "a".repeat(129);
    for token in ["", "a/b", "../a", "a%2e", "a=", &long] {
        let path = format!("/.well-known/acme-challenge/{token}");
        assert_eq!(at(&path, b"team-acme.com"), Ok(format!("https://acme.com{path}")), "it leads on");
    }
}

#[test]
fn a_path_is_kept_or_not_by_choice() {
    let location = |site: &Site, uri: &str| Rendered::of(site).unwrap().location(&uri.parse().unwrap()).unwrap();
    let kept = site("team-acme.com", "https://acme.com/");
    for (asked, leads) in [
        ("/", "https://acme.com/"),
        ("/a/b/?c=d&e", "https://acme.com/a/b/?c=d&e"),
        ("/?", "https://acme.com/?"),
        ("*", "https://acme.com/"),
        ("//evil.com/", "https://acme.com//evil.com/"),
        ("/@evil.com", "https://acme.com/@evil.com"),
        ("/%0d%0aSet-Cookie:a", "https://acme.com/%0d%0aSet-Cookie:a"),
    ] {
        assert_eq!(location(&kept, asked), leads, "{asked}");
    }
    let dropped = Site { keeps_path: false, ..site("team-acme.com", "https://acme.com/shop?a=b#c") };
    assert_eq!(location(&dropped, "/other?d=e"), "https://acme.com/shop?a=b#c");
    let port = site("team-acme.com", "https://acme.com:8443");
    assert_eq!(location(&port, "/1"), "https://acme.com:8443/1", "a path does not become part of the port");
}

#[test]
fn a_site_is_said_to_have_moved_for_good_or_for_now() {
    for (status, code) in [(Status::Moved, StatusCode::MOVED_PERMANENTLY), (Status::Found, StatusCode::FOUND)] {
        let site = Site { status, ..site("team-acme.com", "https://acme.com") };
        assert_eq!(Rendered::of(&site).unwrap().status, code);
    }
}

#[test]
fn what_cannot_be_served_goes_on_as_it_was_and_what_is_gone_goes() {
    let sites = both();
    let broken = site("team-acme.com", "nowhere");
    sites.serve(Changes { put: vec![broken.clone()], ..Changes::default() });
    assert!(sites.has("team-acme.com"));
    sites.serve(Changes { put: vec![broken], is_whole: true, ..Changes::default() });
    assert!(sites.has("team-acme.com") && sites.count() == 1);
    sites.serve(Changes { removed: vec!["team-acme.com".into()], ..Changes::default() });
    assert_eq!(sites.count(), 0);
}

proptest! {
    /// Whatever a stranger asks for, they are led to the host that the site says, in a header that is one.
    #[test]
    fn nobody_is_led_elsewhere(bytes in prop::collection::vec(any::<u8>(), 1..60), target in 0..4_usize) {
        let target = ["https://acme.com", "https://acme.com/a/", "http://acme.com:8080/?b=c", "https://acme.com/#d"][target];
        let Ok(uri) = http::Uri::try_from(bytes) else { return Ok(()) };
        let site = Rendered::of(&site("team-acme.com", target)).unwrap();
        let location = site.location(&uri).unwrap();
        let text = location.to_str().unwrap();
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte)), "{text}");
        let (led, meant) = (Url::parse(text).unwrap(), Url::parse(target).unwrap());
        prop_assert_eq!((led.scheme(), led.host_str(), led.port()), (meant.scheme(), meant.host_str(), meant.port()));
        prop_assert!(led.username().is_empty() && led.password().is_none());
    }
}
