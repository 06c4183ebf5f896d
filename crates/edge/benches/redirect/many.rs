//! Many sites: what a look-up and a change cost among them, and what they and their certificates have of the memory.

use std::hint::black_box;
use std::time::Duration;

use edge::redirect::{Certificates, Changes, Kept};
use rcgen::{CertificateParams, KeyPair};
use secrecy::SecretString;
use tokio::time::Instant;

use crate::beside::{line, median, memory};
use crate::{content, ours};

/// How many look-ups, and how many changes, are measured at once, and how often.
const AT_ONCE: usize = 1_000;
const TIMES: usize = 100;

/// A look-up among all sites may take so many times as long as one among a thousand.
const MOST_LOOKING: f64 = 5.0;
/// How soon a change among all sites has to be served.
const MOST_CHANGING: Duration = Duration::from_millis(1);

/// Shows all; answers whether a look-up or a change among so many takes too long.
pub(crate) fn measure(sites: usize) -> anyhow::Result<bool> {
    let (few, many) = (times(1_000), times(sites));
    line(&format!(
        "among {sites} sites a look-up takes {:.0} ns, and a change is served after {:.1} µs",
        many[0].as_secs_f64() * 1e9,
        many[1].as_secs_f64() * 1e6
    ))?;
    certificates(sites)?;
    let ratio = |n: usize| many[n].as_secs_f64() / few[n].as_secs_f64();
    line(&format!("that is {:.2} and {:.2} times as long as among a thousand", ratio(0), ratio(1)))?;
    Ok(ratio(0) > MOST_LOOKING || many[1] > MOST_CHANGING)
}

/// What a look-up takes, and a change.
fn times(count: usize) -> [Duration; 2] {
    let sites = ours::filled(count);
    let hosts: Vec<_> = (0..AT_ONCE).map(|n| content::host(n * 7_919 % count)).collect();
    let look = || hosts.iter().filter(|host| sites.has(black_box(host))).count();
    let change = || {
        for n in 0..AT_ONCE {
            let put = vec![content::site(n * 7_919 % count)];
            sites.serve(Changes { put, ..Changes::default() });
        }
    };
    [time(|| _ = black_box(look())), time(change)]
}

/// What one of many takes, in the middle.
fn time(mut work: impl FnMut()) -> Duration {
    let mut times = vec![];
    for _ in 0..TIMES {
        let started = Instant::now();
        work();
        times.push(started.elapsed().as_secs_f64() / 1_000.0);
    }
    Duration::from_secs_f64(median(&mut times))
}

/// What so many certificates have of the memory, and what it takes to read them.
fn certificates(count: usize) -> anyhow::Result<()> {
    let key = KeyPair::generate()?;
    let names = vec![content::host(0), format!("www.{}", content::host(0))];
    let one = CertificateParams::new(names)?.self_signed(&key)?.pem();
    let (chain, key) = (format!("{one}{one}"), SecretString::from(key.serialize_pem()));
    let before = memory(std::process::id())?;
    let started = Instant::now();
    let certificates = Certificates::default();
    for first in (0..count).step_by(1_000) {
        let hosts = (first..count.min(first + 1_000)).map(content::host);
        let put = hosts.map(|host| Kept { host, chain: chain.clone(), key: key.clone() }).collect();
        certificates.serve(Changes { put, ..Changes::default() });
    }
    let (took, after) = (started.elapsed(), memory(std::process::id())?);
    anyhow::ensure!(certificates.count() == count, "a certificate could not be read");
    line(&format!("{count} certificates are read in {:.1} s and have {:.0} MiB", took.as_secs_f64(), after - before))
}
