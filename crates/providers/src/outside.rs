//! Whether servers of our own are reached at the addresses that the world has for them, as far as this machine can tell: its
//! own network may lead it there when it leads nobody else, and may not although it leads everybody else.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RecordType};
use model::public_address::Reach;
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio::time::timeout;

use crate::dns::tcp::Connection;

/// How long one server may take to answer, over UDP or over TCP.
const PATIENCE: Duration = Duration::from_secs(3);

/// What to do where nothing else is known.
pub(crate) const TODO: &str = "see that it runs there and that no firewall is in between; a network that does not lead a machine to its \
                               own public address lets nobody see it from here";

/// Why a server is not reached, in words for the operator; `None` where it is.
pub(crate) type Fault = Option<String>;

/// Whether the world can have this address at all.
pub(crate) fn unreachable(address: IpAddr) -> Fault {
    let is_private = !Reach::Public.admits(address);
    is_private.then(|| format!("{address} is no address that the world reaches"))
}

/// Whether a name server answers at a host's addresses, over UDP and over TCP.
pub(crate) async fn name_server(host: &str, port: u16) -> Fault {
    let looked_up = timeout(PATIENCE, lookup_host((host, port))).await;
    let addresses: Vec<_> = looked_up.ok().and_then(Result::ok).into_iter().flatten().collect();
    if addresses.is_empty() {
        return Some(format!("{host} has no address"));
    }
    for address in addresses {
        if let Some(fault) = unreachable(address.ip()) {
            return Some(format!("{host} leads nowhere: {fault}"));
        }
        if let Some(fault) = answers(address).await {
            return Some(format!("{host} {fault}"));
        }
    }
    None
}

/// Whether a name server answers at an address, whatever it says.
pub(crate) async fn answers(server: SocketAddr) -> Fault {
    let (udp, tcp) = tokio::join!(timeout(PATIENCE, over_udp(server)), timeout(PATIENCE, over_tcp(server)));
    let has_answered = |answer: Result<Option<Message>, _>| answer.ok().flatten().is_some();
    match (has_answered(udp), has_answered(tcp)) {
        (true, true) => None,
        (true, false) => Some(format!("answers at {server} over UDP and not over TCP")),
        (false, true) => Some(format!("answers at {server} over TCP and not over UDP")),
        (false, false) => Some(format!("does not answer at {server}")),
    }
}

/// Whether somebody listens at an address.
pub(crate) async fn listens(address: SocketAddr) -> bool {
    timeout(PATIENCE, TcpStream::connect(address)).await.is_ok_and(|connected| connected.is_ok())
}

fn question() -> Message {
    let mut message = Message::query();
    message.add_query(Query::query(Name::root(), RecordType::SOA));
    message
}

async fn over_udp(server: SocketAddr) -> Option<Message> {
    let any: SocketAddr = if server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).await.ok()?;
    socket.connect(server).await.ok()?;
    let (message, mut answer) = (question(), [0; 1_232]);
    socket.send(&message.to_vec().ok()?).await.ok()?;
    let length = socket.recv(&mut answer).await.ok()?;
    Message::from_vec(&answer[..length]).ok().filter(|answer| answer.id == message.id)
}

async fn over_tcp(server: SocketAddr) -> Option<Message> {
    let mut connection = Connection::open(server).await.ok()?;
    let message = question();
    connection.send(&message.to_vec().ok()?).await.ok()?;
    Message::from_vec(&connection.receive().await.ok()?).ok().filter(|answer| answer.id == message.id)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// Answers over UDP with the question, and over TCP at the same port.
    async fn server(with_tcp: bool) -> SocketAddr {
        let (udp, tcp, address) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let address = udp.local_addr().unwrap();
            // Another program may have the port over TCP.
            if let Ok(tcp) = TcpListener::bind(address).await {
                break (udp, tcp, address);
            }
        };
        tokio::spawn(async move {
            let mut asked = [0; 512];
            while let Ok((length, from)) = udp.recv_from(&mut asked).await {
                udp.send_to(&asked[..length], from).await.unwrap();
            }
        });
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = tcp.accept().await {
                if !with_tcp {
                    continue;
                }
                let mut asked = vec![0; usize::from(stream.read_u16().await.unwrap())];
                stream.read_exact(&mut asked).await.unwrap();
                let length = u16::try_from(asked.len()).unwrap().to_be_bytes();
                stream.write_all(&[&length[..], &asked].concat()).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn a_server_that_answers_over_both_is_told_from_one_that_does_not() {
        let fine = server(true).await;
        assert_eq!(answers(fine).await, None);
        let inside = name_server("localhost", fine.port()).await.unwrap();
        assert!(inside.starts_with("localhost leads nowhere"), "{inside}");
        assert!(listens(fine).await);
        let half = server(false).await;
        assert_eq!(answers(half).await, Some(format!("answers at {half} over UDP and not over TCP")));
        let nobody = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let nobody = (nobody.local_addr().unwrap(), drop(nobody)).0;
        assert_eq!(answers(nobody).await, Some(format!("does not answer at {nobody}")));
        assert!(!listens(nobody).await);
        assert_eq!(name_server("nobody.invalid", 53).await, Some("nobody.invalid has no address".into()));
    }

    #[test]
    fn the_world_does_not_reach_what_is_private() {
        assert!(unreachable([192, 168, 0, 5].into()).is_some() && unreachable([9, 9, 9, 9].into()).is_none());
    }
}
