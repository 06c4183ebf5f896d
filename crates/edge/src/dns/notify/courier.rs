//! The way to a secondary and back.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use model::clock::{Clock, SECOND};
use tokio::net::UdpSocket;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::errands::{Errands, Next};
use super::{Pace, Secondary};
use crate::dns::LONGEST_QUESTION;
use crate::dns::tally::{Notified, Tally};
use crate::dns::waiting::Waiting;
use crate::dns::zones::Zones;

/// How long it is waited for an address of this machine that cannot be had.
const PAUSE: Duration = Duration::from_secs(10);

/// Tells a secondary of every zone that there is, and then of every one that is new or changes, until it is stopped.
pub async fn tell(
    secondary: Secondary,
    zones: Arc<Zones>,
    pace: Pace,
    clock: Arc<dyn Clock>,
    tally: Arc<dyn Tally>,
    stop: CancellationToken,
) {
    let waiting = zones.watch();
    let telling = async {
        let mut was_said = false;
        let socket = loop {
            match socket(&secondary).await {
                Ok(socket) => break socket,
                // Said once: it may be so for as long as the settings are.
                Err(error) if !was_said => {
                    was_said = true;
                    tracing::warn!(secondary = %secondary.address, %error, "a secondary cannot be told of changes from here; it is tried again and again");
                }
                Err(_) => sleep(PAUSE).await,
            }
        };
        let errands = Errands::new(secondary, pace, waiting.clone(), Instant::now());
        converse(&socket, errands, &waiting, (&zones, &*clock, &*tally)).await;
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        () = telling => {}
    }
}

async fn socket(secondary: &Secondary) -> io::Result<UdpSocket> {
    let any = match secondary.address {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((secondary.from.unwrap_or(any), 0)).await?;
    // Nobody else is heard on it.
    socket.connect(secondary.address).await?;
    Ok(socket)
}

/// Tells what there is to tell, and hears what is answered, for ever.
async fn converse(
    socket: &UdpSocket,
    mut errands: Errands,
    waiting: &Waiting,
    (zones, clock, tally): (&Zones, &dyn Clock, &dyn Tally),
) {
    let mut packet = [0; LONGEST_QUESTION];
    loop {
        let was_silent = errands.is_silent();
        let seconds = u64::try_from(clock.wall().0 / SECOND).unwrap_or_default();
        let until = match errands.next(zones, Instant::now(), seconds) {
            Next::Send(message) => {
                // Whoever is not there yet is told again.
                if let Err(error) = socket.send(&message).await {
                    tracing::debug!(%error, "a secondary was not reached");
                }
                continue;
            }
            Next::GivenUp => {
                tally.notified(Notified::GivenUp);
                if !was_silent && let Ok(secondary) = socket.peer_addr() {
                    tracing::warn!(%secondary, "a secondary does not answer when it is told that zones have changed; it looks by itself as often as they say");
                }
                continue;
            }
            Next::Wait(until) => until,
        };
        let waking = async {
            match until {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            heard = socket.recv(&mut packet) => {
                // An error is what an earlier message met on its way: nobody listens there, or no way leads there.
                let length = heard.unwrap_or_default();
                if let Some(notified) = errands.hear(&packet[..length]) {
                    tally.notified(notified);
                }
            }
            () = waiting.changed() => {}
            () = waking => {}
        }
    }
}
