//! Questions over UDP.

use std::io::ErrorKind;
use std::sync::Arc;

use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use super::service::Service;
use super::{LONGEST_QUESTION, Transport};

/// How many are answered before others of this process have their turn.
const AT_ONCE: usize = 64;

/// Answers until it is stopped.
pub(super) async fn serve(socket: UdpSocket, service: Arc<Service>, stop: CancellationToken) {
    let (mut packet, mut out) = ([0; LONGEST_QUESTION], Vec::with_capacity(LONGEST_QUESTION));
    let stopped = stop.cancelled();
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            biased;
            () = &mut stopped => return,
            ready = socket.readable() => if let Err(error) = ready {
                tracing::warn!(%error, "questions over UDP cannot be waited for");
            },
        }
        for _ in 0..AT_ONCE {
            match socket.try_recv_from(&mut packet) {
                Ok((length, from)) => {
                    let is_sent = service.over_udp(&packet[..length], from, &mut out);
                    // Whoever is not reached asks again: nobody waits for them here.
                    if is_sent && socket.try_send_to(&out, from).is_err() {
                        service.tally.lost(Transport::Udp);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                // What an earlier answer met on its way.
                Err(_) => {}
            }
        }
        tokio::task::yield_now().await;
    }
}
