//! How long it takes until a change is served: from the zone as the model has it to the first answer that has it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use edge::dns::{Bounds, Rendered, Service, Update, Zones};
use model::clock::SystemClock;
use tokio::time::Instant;

use crate::beside::{line, median};
use crate::{content, ours};

/// How many changes are measured.
const CHANGES: u32 = 1_000;

/// How long it takes among so many zones, over how long it takes among a thousand.
pub(crate) fn ratio(zones: usize) -> anyhow::Result<f64> {
    let few = time(1_000)?;
    let many = time(zones)?;
    line(&format!("a change among {zones} zones is served after {:.0} µs", many.as_secs_f64() * 1e6))?;
    Ok(many.as_secs_f64() / few.as_secs_f64())
}

/// The middle of many.
fn time(count: usize) -> anyhow::Result<Duration> {
    let zones = Arc::new(ours::filled(count)?);
    let bounds = Bounds { answers_per_second: 0, ..Bounds::default() };
    let service = Service::new(zones.clone(), bounds, Arc::new(SystemClock), Arc::new(()));
    let mut times = vec![];
    for n in 0..CHANGES {
        let mut zone = content::zone(n as usize * 97 % count.min(900));
        zone.serial = n + 2;
        let question = soa_question(&zone.name);
        let started = Instant::now();
        change(&zones, &zone)?;
        let mut out = vec![];
        let is_answered = service.over_udp(&question, SocketAddr::from(([127, 0, 0, 1], 9)), &mut out);
        times.push(started.elapsed().as_secs_f64());
        let is_there = out.windows(4).any(|bytes| bytes == zone.serial.to_be_bytes());
        anyhow::ensure!(is_answered && is_there, "the change is not served");
    }
    Ok(Duration::from_secs_f64(median(&mut times)))
}

fn change(zones: &Zones, zone: &model::dns::Zone) -> anyhow::Result<()> {
    let stale = zones.publish(Update { put: vec![Rendered::of(zone)?], ..Update::default() });
    anyhow::ensure!(stale.is_empty(), "{stale:?}");
    Ok(())
}

fn soa_question(name: &str) -> Vec<u8> {
    let mut packet = vec![0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        packet.push(u8::try_from(label.len()).unwrap_or_default());
        packet.extend_from_slice(label.as_bytes());
    }
    packet.extend_from_slice(&[0, 0, 6, 0, 1]);
    packet
}
