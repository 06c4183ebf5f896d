//! The log has the vendor's words and the number of its request, and no secret. Alone in its process: which lines are
//! written is remembered for all threads together.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use model::clock::{HandClock, Time};
use providers::egress::Egress;
use providers::trouble::Trouble;
use providers::vendor::{Auth, Method, Request, Vendor, VendorSettings};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Written {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

const SECRET: &str = "hush-4711";

fn read_request(stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).expect("a line");
        if let Some(text) = line.strip_prefix("content-length: ") {
            length = text.trim().parse().expect("a number");
        }
    }
    reader.read_exact(&mut vec![0; length]).expect("a body");
}

/// Says each of these to one connection, and nothing to the next.
fn vendor_that_says(answers: Vec<String>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for answer in answers.into_iter().chain([String::new()]) {
            let (mut stream, _) = listener.accept().expect("a connection");
            read_request(&stream);
            stream.write_all(answer.as_bytes()).expect("said");
        }
    });
    port
}

#[tokio::test]
async fn the_log_has_the_vendors_words_and_number_and_no_secret() {
    let written = Written::default();
    let lines = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(written.clone())
        .finish();
    tracing::subscriber::set_global_default(lines).unwrap();
    let no = format!(r#"{{"message":"Out of credit","echo":"{SECRET}","user":{{"password":"swordfish"}}}}"#);
    let say = |status: u16| {
        format!(
            "HTTP/1.1 {status} X\r\nX-Request-Id: r-77\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{no}",
            no.len()
        )
    };
    for auth in [Auth::Bearer(SECRET.into()), Auth::Query(vec![("api_key", SECRET.into())])] {
        let base = format!("http://127.0.0.1:{}", vendor_that_says(vec![say(402), say(500)]));
        let settings = VendorSettings::new("main", base, auth);
        let vendor = Vendor::new(settings, Egress::new(false).unwrap(), HandClock::at(Time(0))).unwrap();
        let login = || {
            let body = serde_json::json!({ "password": "swordfish" });
            Request::new("log_in", Method::Post, &["users"]).body(body)
        };
        assert_eq!(vendor.call(login()).await.unwrap().status, 402);
        assert_eq!(vendor.call(login()).await.unwrap_err(), Trouble::Unknown);
        assert_eq!(vendor.call(login()).await.unwrap_err(), Trouble::Unknown);
        tracing::info!(?vendor, request = ?login(), "shown");
    }
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    for word in [
        "Out of credit",
        "r-77",
        "a vendor did not answer",
        r#"exchange{account="main" operation="log_in""#,
        "a vendor said no",
        "status=500",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(!text.contains(SECRET) && !text.contains("swordfish"), "{text}");
}
