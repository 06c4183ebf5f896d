//! What people have to do at vendors before inboxes send: the doubles count it, and a page tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use doubles::{Act, Server};
use model::clock::MINUTE;
use serde_json::{Value, json};

use super::houses::Houses;
use super::stage::Live;
use super::tenants::Tenants;
use crate::support::{golden, order_body};

/// What something is done for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Each {
    Installation,
    Partner,
    Tenant,
    Domain,
    Inbox,
}

impl Each {
    const ALL: [Self; 5] = [Self::Installation, Self::Partner, Self::Tenant, Self::Domain, Self::Inbox];

    const fn title(self) -> &'static str {
        match self {
            Self::Installation => "installation",
            Self::Partner => "partner",
            Self::Tenant => "tenant",
            Self::Domain => "domain",
            Self::Inbox => "inbox",
        }
    }

    fn of(act: &Act) -> Self {
        match act.about.as_str() {
            "the installation" => Self::Installation,
            "the partner" => Self::Partner,
            about if about.contains('@') => Self::Inbox,
            about if about.contains('.') => Self::Domain,
            _ => Self::Tenant,
        }
    }
}

/// A vendor as it is used in one way, what people have done there, and of how many things of each kind.
struct Counted {
    vendor: &'static str,
    acts: Vec<Act>,
    things: BTreeMap<Each, usize>,
}

impl Counted {
    fn new(vendor: &'static str, server: &Server, domains: usize, inboxes: usize) -> Self {
        let things = [
            (Each::Installation, 1),
            (Each::Partner, 1),
            (Each::Tenant, 1),
            (Each::Domain, domains),
            (Each::Inbox, inboxes),
        ];
        Self { vendor, acts: server.acts(), things: things.into() }
    }

    /// How many acts each thing needs. All need as many.
    fn each(&self, each: Each) -> usize {
        let done: Vec<_> = self.acts.iter().filter(|act| Each::of(act) == each).map(|act| &act.about).collect();
        if done.is_empty() {
            return 0;
        }
        let (about, things): (BTreeSet<_>, _) = (done.iter().collect(), self.things[&each]);
        assert!(about.len() == things, "{}: {done:?} of {things}", self.vendor);
        assert_eq!(done.len() % things, 0, "{}: {done:?} of {things}", self.vendor);
        done.len() / things
    }

    fn row(&self) -> String {
        let counts = Each::ALL.map(|each| self.each(each).to_string()).join(" | ");
        let mut what: Vec<_> = self.acts.iter().map(|act| (Each::of(act), act.what)).collect();
        what.sort_unstable();
        what.dedup();
        let what: Vec<_> = what.iter().map(|(each, what)| format!("{what} (each {})", each.title())).collect();
        format!("| {} | {counts} | {} |", self.vendor, what.join("; "))
    }
}

/// Two tenants of each host, the second of Microsoft's with Exchange by hand, where nobody has allowed anything yet, nor any login
/// over SMTP.
async fn unprepared() -> (Live, Houses) {
    let houses = Houses::new(2).await;
    houses.smartlead.raise_limits();
    houses.google.iter().for_each(|one| one.be_new());
    for tenant in &houses.graph {
        tenant.be_new();
        tenant.shut_smtp();
    }
    let second = |text: String| {
        let text = text.replace("\"automatic\"\n", "\"automatic\"\nsmtp_auth = \"true\"\n");
        let at = text.find("[accounts.office1]").unwrap();
        let (before, after) = text.split_at(at);
        format!("[sizing]\nmicrosoft_inboxes_per_domain = 3\n\n{before}{}", after.replacen("automatic", "by_hand", 1))
    };
    let live = houses.live(second).await;
    (live, houses)
}

/// What has to be done once.
fn prepare(live: &Live, houses: &Houses) {
    live.namecom.person_makes_token();
    live.dnsimple.person_makes_token();
    houses.google.iter().for_each(|one| one.person_allows_delegation());
    houses.graph.iter().for_each(|one| one.person_consents());
}

/// An order of names that is complete when people have done what they were asked for.
async fn delivered(live: &Live, houses: &Houses, names: &[&str], microsoft: usize, sequencer: Value) {
    let mut body = order_body(names);
    body["dkim"] = if names.iter().any(|name| name.starts_with("unsigned")) { json!("later") } else { Value::Null };
    body["google_licenses"] = json!(2 * (names.len() - microsoft));
    body["microsoft_licenses"] = json!(microsoft);
    body["sequencer"] = sequencer;
    let (id, mut answered) = (live.rig.place(&body).await, BTreeSet::new());
    for _ in 0..20 {
        for _ in 0..10 {
            live.rig.advance(MINUTE).await;
        }
        if live.rig.order(&id).await["status"] == "completed" {
            return;
        }
        // Nobody does again what they have answered already, however long it takes to be used.
        houses.people_act_once(&live.rig, &mut answered).await;
    }
    panic!("{:#}", live.rig.order(&id).await);
}

const INTRO: &str = "What a person has to do at each vendor before an inbox sends, counted by the doubles of the vendors while \
an order goes through: how often for each installation, partner, tenant, domain and inbox. Everything else is done by \
interface. The ways are settings of the [account](providers/README.md).";

#[tokio::test]
async fn acts_of_people_are_counted_and_there_are_no_more_than_the_page_says() {
    let (live, houses) = unprepared().await;
    prepare(&live, &houses);
    let names = ["acme-1.com", "acme-2.com", "acme-3.com", "acme-4.com"];
    let key = houses.smartlead.person_shows_key();
    delivered(&live, &houses, &names, 2, json!({ "provider": "smartlead", "api_key": key })).await;
    let mut rows = vec![
        Counted::new("name.com", &live.namecom.server, 0, 0),
        Counted::new("DNSimple", &live.dnsimple.server, 0, 0),
        Counted::new("Google Workspace", &houses.google[0].server, 1, 2),
        Counted::new("Microsoft 365, `exchange = \"automatic\"`", &houses.graph[0].server, 1, 3),
        Counted::new("Microsoft 365, `exchange = \"by_hand\"`", &houses.graph[1].server, 1, 3),
        Counted::new("Smartlead, with its API key", &houses.smartlead.server, 0, 0),
    ];
    let before = houses.smartlead.server.acts().len();
    let login = json!({
        "provider": "smartlead", "login_email": doubles::smartlead::LOGIN_EMAIL,
        "login_password": doubles::smartlead::LOGIN_PASSWORD,
    });
    delivered(&live, &houses, &["acme-5.com"], 0, login).await;
    let acts = houses.smartlead.server.acts().split_off(before);
    rows.push(Counted {
        acts,
        ..Counted::new("Smartlead, with the login of its site", &houses.smartlead.server, 0, 0)
    });
    let all = || houses.google.iter().flat_map(|one| one.server.acts()).collect::<Vec<_>>();
    let before = all();
    delivered(&live, &houses, &["unsigned-acme.com"], 0, json!({ "provider": "smartlead", "api_key": key })).await;
    let acts = all().into_iter().filter(|act| !before.contains(act)).collect();
    let later = "Google Workspace, with `\"dkim\": \"later\"`, beside what each tenant needs";
    rows.push(Counted { acts, ..Counted::new(later, &houses.google[0].server, 1, 2) });
    rows.extend(consented().await);
    let key = houses.instantly.person_makes_key();
    delivered(&live, &houses, &["acme-6.com"], 0, json!({ "provider": "instantly", "api_key": key })).await;
    rows.push(Counted::new("Instantly", &houses.instantly.server, 0, 0));
    golden("docs/clicks.md", &page(&rows));
}

/// The same where owners of inboxes consent, and nobody makes a password.
async fn consented() -> [Counted; 2] {
    let tenants = Tenants::let_in_by_owners().await;
    let acts = |ledger: Vec<(&'static str, String)>| {
        let clicks = ledger.into_iter().filter(|(what, _)| *what == "consented");
        clicks.map(|(_, about)| Act { about, what: "open the link of the pending action, and consent" }).collect()
    };
    let google = tenants.google.ledger().into_iter().map(|one| (one.what, one.subject)).collect();
    let graph = tenants.graph.ledger().into_iter().map(|one| (one.what, one.subject)).collect();
    let row = |vendor, server: &Server, inboxes, ledger| Counted {
        acts: acts(ledger),
        ..Counted::new(vendor, server, 1, inboxes)
    };
    [
        row("Google Workspace, inboxes by consent", &tenants.google.server, 2, google),
        row("Microsoft 365, inboxes by consent", &tenants.graph.server, 25, graph),
    ]
}

fn page(rows: &[Counted]) -> String {
    let titles = Each::ALL.map(Each::title).join(" | ");
    let mut text =
        format!("# What people have to do\n\n{INTRO}\n\n| vendor | {titles} | what |\n|{}\n", "---|".repeat(7));
    rows.iter().for_each(|row| writeln!(text, "{}", row.row()).unwrap());
    text + "\n*This page is made from the code; a test holds it.*\n"
}
