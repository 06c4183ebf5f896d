//! One question to one server.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_proto::op::{DnsRequest, DnsRequestOptions, Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::udp::UdpClientStream;
use hickory_resolver::net::xfer::{DnsRequestSender as _, FirstAnswer as _};
use tokio::time::timeout;

use crate::dns::tcp::Connection;

/// How much an answer over UDP may have so that no network cuts it in pieces, in bytes (RFC 9715).
const PAYLOAD: u16 = 1232;
/// How soon a question is asked again that may have been lost.
const AGAIN: Duration = Duration::from_millis(800);

/// The server's answer; `None` when there is none in time.
pub(super) async fn ask(server: SocketAddr, name: &Name, rtype: RecordType, patience: Duration) -> Option<Message> {
    let asking = async {
        let query = Query::query(name.clone(), rtype);
        match udp(server, query.clone(), true, patience).await {
            Ok(answer) if answer.truncation => tcp(server, query).await,
            // Older than EDNS (RFC 6891 §7).
            Ok(answer) if answer.response_code == ResponseCode::FormErr && answer.edns.is_none() => {
                match udp(server, query.clone(), false, patience).await.ok()? {
                    answer if answer.truncation => tcp(server, query).await,
                    answer => Some(answer),
                }
            }
            Ok(answer) => Some(answer),
            // Either somebody else answers, or a server that does not keep the case of a question.
            Err(NetError::QueryCaseMismatch) => tcp(server, query).await,
            Err(_) => None,
        }
    };
    timeout(patience, asking).await.ok().flatten()
}

async fn udp(server: SocketAddr, query: Query, with_edns: bool, patience: Duration) -> Result<Message, NetError> {
    let mut options = DnsRequestOptions::default();
    options.use_edns = with_edns;
    options.edns_payload_len = PAYLOAD;
    options.recursion_desired = false;
    options.case_randomization = true;
    options.retry_interval = AGAIN;
    let mut stream = UdpClientStream::builder(server, TokioRuntimeProvider::default())
        .with_timeout(Some(patience))
        .with_max_retries(2)
        .with_retry_interval_floor(u64::try_from(AGAIN.as_millis()).unwrap_or(u64::MAX))
        .build();
    let answer = stream.send_message(DnsRequest::from_query(query, options)).first_answer().await?;
    Ok(answer.into_message())
}

async fn tcp(server: SocketAddr, query: Query) -> Option<Message> {
    let mut message = Message::query();
    message.add_query(query.clone());
    let mut connection = Connection::open(server).await.ok()?;
    connection.send(&message.to_vec().ok()?).await.ok()?;
    let answer = Message::from_vec(&connection.receive().await.ok()?).ok()?;
    (answer.id == message.id && answer.queries == [query]).then_some(answer)
}
