//! The vendors' own sandboxes, where nothing costs money. Each run buys a name that no run has bought.

use model::clock::{Clock as _, SystemClock};
use providers::all::{cloudflare, dnsimple, namecom, porkbun};
use providers::kind::Kind;

use super::passing::Passing;
use super::profile::walk;
use super::variables::{said, variable};

#[expect(clippy::print_stdout, reason = "whoever asks a vendor wants to see what it said, or that nobody asked it")]
async fn ask(kind: Kind) {
    let vendor = kind.descriptor.title;
    #[expect(clippy::disallowed_methods, reason = "credentials of the tests, not of the product")]
    let read = |variable: &str| std::env::var(variable).ok();
    let said = said(&kind, read, Passing::Really.clock()).unwrap_or_else(|fault| panic!("{vendor}: {fault}"));
    let Some(said) = said else {
        let fields = kind.descriptor.fields.iter().filter(|field| !field.optional);
        let variables: Vec<_> = fields.map(|field| variable(&kind, field.key)).collect();
        println!("skipped: {vendor} is asked when {} are set", variables.join(", "));
        return;
    };
    let opened = (kind.open)(&said).unwrap_or_else(|fault| panic!("{vendor}: {fault}"));
    let name = format!("mailwright-{}.com", SystemClock.now().0);
    for line in walk(&opened, &name, &Passing::Really).await {
        println!("{vendor}: {line}");
    }
}

#[tokio::test]
#[ignore = "asks the vendor: just live"]
async fn namecom_sells_a_name_in_its_sandbox() {
    ask(namecom::KIND).await;
}

#[tokio::test]
#[ignore = "asks the vendor: just live"]
async fn porkbun_sells_a_name_in_its_sandbox() {
    ask(porkbun::KIND).await;
}

#[tokio::test]
#[ignore = "asks the vendor: just live"]
async fn dnsimple_sells_and_hosts_a_name_in_its_sandbox() {
    ask(dnsimple::KIND).await;
}

#[tokio::test]
#[ignore = "asks the vendor: just live"]
async fn cloudflare_sells_a_name_in_its_sandbox() {
    ask(cloudflare::KIND).await;
}
