//! A server that answers junk: every judge has to say so, or it is none.

use std::net::{SocketAddr, UdpSocket};

use crate::askers::ask;
use crate::judge;

/// Answers every question with what `mangle` makes of it. It ends with the test's process.
fn junk(mangle: fn(&mut Vec<u8>)) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let address = socket.local_addr().expect("its address");
    std::thread::spawn(move || {
        let mut packet = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut packet) {
            let mut answer = packet[..length].to_vec();
            answer[2] |= 0x84;
            mangle(&mut answer);
            let _ = socket.send_to(&answer, from);
        }
    });
    address
}

#[test]
fn junk_is_refused_by_every_program_that_asks() {
    for (name, package) in [("dig", "bind9-dnsutils"), ("kdig", "knot-dnsutils"), ("drill", "ldnsutils")] {
        let Some(program) = judge(name, package) else { continue };
        let plain: &[&str] = if name == "drill" { &[] } else { &["+noedns", "+ignore"] };
        let told = |mangle| ask(&program, junk(mangle), &[plain, &["acme.com", "A"]].concat());
        let good = told(|_| {});
        assert_eq!((good.status.as_str(), good.records.len()), ("NOERROR", 0), "{name} reads what is good");
        let mangles: [fn(&mut Vec<u8>); 3] = [
            // An answer is announced and not there.
            |answer| answer[7] = 1,
            // A record that says it is longer than the message.
            |answer| {
                answer[7] = 1;
                answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 99, 192, 0, 2, 1]);
            },
            // A name that points to itself.
            |answer| {
                answer[7] = 1;
                let here = u8::try_from(answer.len()).unwrap();
                answer.extend_from_slice(&[0xc0, here, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1]);
            },
        ];
        for (n, mangle) in mangles.into_iter().enumerate() {
            assert!(told(mangle).records.is_empty(), "{name} takes junk number {n}");
        }
    }
}
