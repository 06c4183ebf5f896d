//! `mailwright demo`: a reseller's afternoon in a few seconds.

use std::time::Duration;

use clap::Args;
use model::bundle::{Sizing, Terms};
use model::id::{Id, OrderId};
use model::money::dollars;
use model::partner::{Preset, Tier};
use model::world::Environment;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::admin::Desk;
use super::progress::{self, Display};
use super::receiver::{self, Received};
use super::{Common, Fail, Output, out, partners, serve, webhooks};
use crate::config::{Config, Flags};
use crate::telemetry;

mod real;

/// How long the order may take before the demo calls it a failure.
const PATIENCE: Duration = Duration::from_secs(180);

/// How often the bars move.
const LOOK: Duration = Duration::from_millis(40);

/// Where the demo's web addresses lead.
const TARGET: &str = "https://acme.com";

/// A fit first part for the names that the demo buys.
const NAMES: &str = "acme-mail";

#[derive(Debug, Args)]
pub(super) struct Options {
    /// How many domains to order
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(i64).range(1..=500))]
    domains: i64,
    /// Show too what the world would see: the first domain's zone, and its web address over HTTPS
    #[arg(long)]
    real: bool,
    /// Leave the server running, and print its key and addresses
    #[arg(long)]
    keep: bool,
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    if common.format == Output::Json {
        return Err(Fail::refused("the demo is for people and prints no JSON; leave out --format json"));
    }
    let folder = tempfile::Builder::new().prefix("mailwright-demo-").tempdir()?;
    let mut config = config(common, folder.path())?;
    if options.real {
        real::configure(&mut config);
    }
    let playing = async {
        let stage = Stage::set(&config, options.real).await?;
        stage.introduce(&config)?;
        let played = stage.play(options.domains).await;
        Ok::<_, Fail>((stage, played))
    };
    // Whoever ends it leaves no folder behind: it goes with this function.
    let (stage, result) = tokio::select! {
        biased;
        told = told_to_end() => return told.and(Err(Fail::failed("the demo was interrupted"))),
        played = playing => played?,
    };
    if result.is_ok() && options.keep {
        stage.keep(&config).await?;
    }
    stage.stop.cancel();
    result
}

async fn told_to_end() -> Result<(), Fail> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        biased;
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        _ = terminate.recv() => Ok(()),
    }
}

/// The configuration of a server that lives in a temporary folder.
fn config(common: &Common, folder: &std::path::Path) -> Result<Config, Fail> {
    let flags =
        Flags { data: Some(folder.to_owned()), listen: Some("127.0.0.1:0".into()), database_url: Some(String::new()) };
    let mut config =
        Config::load(common.config.as_deref(), &flags).map_err(|problems| Fail::refused(problems.join("\n")))?;
    config.development = true;
    config.sandbox.database_url.clear();
    config.master_key_file.clear();
    config.rate_limit.per_minute = 0;
    telemetry::start(if config.log == "info" { "warn" } else { &config.log }, common.log_format);
    Ok(config)
}

/// A running server, a receiver and a key.
struct Stage {
    api: String,
    hooks: String,
    key: String,
    desk: Desk,
    client: reqwest::Client,
    received: tokio::sync::Mutex<mpsc::UnboundedReceiver<Received>>,
    outside: Option<real::Outside>,
    stop: tokio_util::sync::CancellationToken,
}

impl Stage {
    async fn set(config: &Config, is_real: bool) -> Result<Self, Fail> {
        let mut serving = serve::start(config, Some(TcpListener::bind("127.0.0.1:0").await?), true).await?;
        let address = serving.address.map(|address| address.to_string()).unwrap_or_default();
        let desk = Desk::at(config.clone(), serving.wired.store.clone(), serving.wired.app.clock.clone(), "demo");
        let stop = serving.wired.stop.clone();
        serving.serve_outside(config)?;
        let outside = is_real.then(|| real::Outside::of(&serving, config)).transpose()?;
        tokio::spawn(serving.run(true));

        let partner = partners::create(&desk, "Demo", Tier::Base).await?;
        let (_, key) = desk.make_key(&partner, Environment::Test, Preset::Full).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let hooks = format!("http://{}/hooks", listener.local_addr()?);
        let secret = webhooks::set(&desk, "Demo", Environment::Test, &hooks).await?;
        let (_sender, secret) = watch::channel(SecretString::from(secret));
        let received = tokio::sync::Mutex::new(receiver::start(listener, secret));
        let client = reqwest::Client::builder().no_proxy().build().map_err(anyhow::Error::from)?;
        Ok(Self { api: format!("http://{address}/partner/v1"), hooks, key, desk, client, received, outside, stop })
    }

    fn introduce(&self, config: &Config) -> Result<(), Fail> {
        out::line(&format!(
            "Mailwright {} · a demo in the sandbox: no account, no money, nothing leaves this machine\n",
            env!("CARGO_PKG_VERSION")
        ))?;
        out::line(&format!("     API       {}", self.api))?;
        out::line(&format!("     receiver  {}", self.hooks))?;
        out::line(&format!("     data      {}\n", config.data.display()))
    }

    async fn play(&self, domains: i64) -> Result<(), Fail> {
        let began = Instant::now();
        let bundle = self.make_bundle(domains).await?;
        let names = self.check_names(&bundle).await?;
        let body = order_body(&bundle, &names);
        self.quote(&body).await?;
        let (order, placed) = (self.place(&body).await?, Instant::now());
        let events = self.watch(&order, placed).await?;
        self.summarise(&order, placed.duration_since(began), placed.elapsed(), &events).await?;
        match (&self.outside, names.first()) {
            (Some(outside), Some(name)) => {
                out::line("")?;
                outside.show(name, TARGET).await
            }
            _ => Ok(()),
        }
    }

    async fn make_bundle(&self, domains: i64) -> Result<Value, Fail> {
        let (volume, percent) = size_for(domains, &self.desk.config.sizing)?;
        let body = json!({ "name": "Demo", "monthly_sending_volume": volume, "google_percent": percent, "microsoft_percent": 100 - percent });
        let bundle = self.call("POST", "/bundles", Some(&body)).await?;
        let needs = &bundle["required_domains"];
        headline(
            1,
            "Bundle",
            &format!(
                "{volume} e-mails a month need {} Google + {} Microsoft domains",
                needs["google"], needs["microsoft"]
            ),
        )?;
        Ok(bundle)
    }

    async fn check_names(&self, bundle: &Value) -> Result<Vec<String>, Fail> {
        let total = bundle["required_domains"]["total"].as_i64().unwrap_or(0);
        let names: Vec<_> =
            (1..=total).map(|n| if n == 1 { format!("{NAMES}.com") } else { format!("{NAMES}-{n}.com") }).collect();
        headline(2, "Availability", "")?;
        for chunk in names.chunks(50) {
            let answer = self.call("POST", "/domains/availability", Some(&json!({ "domains": chunk }))).await?;
            for row in answer["domains"].as_array().into_iter().flatten().take(if names.len() > 8 { 2 } else { 8 }) {
                let usable: Vec<_> =
                    row["usable_for"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                out::line(&format!(
                    "     {:<22} {}  {}",
                    text(&row["domain"]),
                    dollars(row["price_cents"].as_i64().unwrap_or(0)),
                    usable.join(", ")
                ))?;
            }
        }
        out::line("")?;
        Ok(names)
    }

    async fn quote(&self, body: &Value) -> Result<(), Fail> {
        let quote = self.call("POST", "/orders/quote", Some(body)).await?;
        let (now, monthly) =
            (quote["costs"]["total_cents"].as_i64().unwrap_or(0), quote["monthly_cents"].as_i64().unwrap_or(0));
        headline(3, "Quote", &format!("{} now, {} a month", dollars(now), dollars(monthly)))
    }

    async fn place(&self, body: &Value) -> Result<String, Fail> {
        let receipt = self.call("POST", "/orders", Some(body)).await?;
        headline(4, "Order", &format!("{}  {}", text(&receipt["id"]), text(&receipt["status"])))?;
        Ok(text(&receipt["id"]))
    }

    /// Shows bars and webhooks until the order has ended and its last event has arrived.
    async fn watch(&self, order: &str, placed: Instant) -> Result<Vec<Received>, Fail> {
        let id = OrderId::opaque(order);
        let (mut display, mut events, mut look) = (Display::new(), vec![], tokio::time::interval(LOOK));
        let mut received = self.received.lock().await;
        let patience = tokio::time::sleep(PATIENCE);
        tokio::pin!(patience);
        loop {
            tokio::select! {
                biased;
                Some(event) = received.recv() => {
                    tell(&display, &event, placed.elapsed())?;
                    let ended = matches!(event.event["type"].as_str(), Some("order.completed" | "order.failed"));
                    events.push(event);
                    if ended {
                        display.update(&progress::read_rows(&self.desk.store, &id, self.desk.now()).await?)?;
                        display.finish()?;
                        // Deliveries run side by side: those told before the last one may still be on their way.
                        self.collect_rest(&id, &mut received, &mut events, &display, placed).await?;
                        return Ok(events);
                    }
                }
                _ = look.tick() => display.update(&progress::read_rows(&self.desk.store, &id, self.desk.now()).await?)?,
                () = &mut patience => return Err(Fail::failed(format!("the order had not ended after {} seconds", PATIENCE.as_secs()))),
            }
        }
    }

    async fn collect_rest(
        &self,
        order: &OrderId,
        received: &mut mpsc::UnboundedReceiver<Received>,
        events: &mut Vec<Received>,
        display: &Display,
        placed: Instant,
    ) -> Result<(), Fail> {
        let domains = store::domains::of_order(&mut self.desk.store.read().await?, order).await?.len();
        while events.len() < domains + 2 {
            let next = tokio::time::timeout(PATIENCE, received.recv()).await;
            let Ok(Some(event)) = next else { return Err(Fail::failed("a webhook did not arrive")) };
            tell(display, &event, placed.elapsed())?;
            events.push(event);
        }
        Ok(())
    }

    async fn summarise(&self, order: &str, before: Duration, took: Duration, events: &[Received]) -> Result<(), Fail> {
        let view = self.call("GET", &format!("/orders/{order}"), None).await?;
        let rows = progress::read_rows(&self.desk.store, &OrderId::opaque(order), self.desk.now()).await?;
        out::line("")?;
        headline(
            5,
            "Read back",
            &format!(
                "{}  {}  {}",
                text(&view["id"]),
                text(&view["status"]),
                dollars(view["costs"]["total_cents"].as_i64().unwrap_or(0))
            ),
        )?;
        let cells = rows.iter().take(8).map(|row| {
            let took = row.took_ms.map_or_else(String::new, |ms| format!("{ms} ms"));
            vec![
                format!("     {}", row.name),
                row.provider.into(),
                row.status.as_str().into(),
                row.inboxes.to_string(),
                took,
            ]
        });
        out::line(&out::table(&["     DOMAIN", "PROVIDER", "STATUS", "INBOXES", "TOOK"], cells.collect()))?;
        if rows.len() > 8 {
            out::line(&format!("     and {} more", rows.len() - 8))?;
        }
        let verified = events.iter().filter(|event| event.verified).count();
        let inboxes: i64 = rows.iter().map(|row| row.inboxes).sum();
        out::line(&format!(
            "\n     {} domains, {inboxes} inboxes linked, {verified} of {} webhooks verified; asked in {}, delivered in {}",
            rows.len(),
            events.len(),
            seconds(before),
            seconds(took)
        ))?;
        match (view["status"].as_str(), verified == events.len()) {
            (Some("completed"), true) => Ok(()),
            (status, _) => Err(Fail::failed(format!(
                "the order is {}, with {verified} of {} signatures verified",
                status.unwrap_or("unknown"),
                events.len()
            ))),
        }
    }

    async fn keep(&self, config: &Config) -> Result<(), Fail> {
        out::line(&format!(
            "\n     The server keeps running; Ctrl-C ends it and removes {}.\n     key  {}",
            config.data.display(),
            self.key
        ))?;
        out::line(&format!("     curl -H \"Authorization: Bearer {}\" {}/orders", self.key, self.api))?;
        told_to_end().await
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Fail> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).map_err(anyhow::Error::from)?;
        let mut request = self.client.request(method, format!("{}{path}", self.api)).bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(anyhow::Error::from)?;
        let fine = answer.status().is_success();
        let mut answer: Value = answer.json().await.map_err(anyhow::Error::from)?;
        if fine { Ok(answer["data"].take()) } else { Err(Fail::failed(format!("{path} answered {}", answer["error"]))) }
    }
}

fn headline(number: usize, title: &str, rest: &str) -> Result<(), Fail> {
    out::line(&format!("  {number}  {title:<12} {rest}{}", if rest.is_empty() { "" } else { "\n" }))
}

fn tell(display: &Display, received: &Received, after: Duration) -> Result<(), Fail> {
    let mark = if received.verified { "✔" } else { "✘" };
    let event = &received.event;
    let about = event["data"]["domain"].as_str().or(event["data"]["status"].as_str()).unwrap_or_default();
    display.say(&format!(
        "     {mark} {:<18} {about:<22} {}  +{}",
        text(&event["type"]),
        text(&event["id"]),
        seconds(after)
    ))
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn order_body(bundle: &Value, names: &[String]) -> Value {
    json!({
        "user": "alex@acme.com",
        "bundle_id": bundle["id"],
        "sequencer": { "provider": "smartlead", "client_id": 366_903, "login_email": "demo@example.com", "login_password": "not-a-real-password" },
        "forwarding_url": TARGET,
        "domains": names,
        "personas": [
            { "first_name": "Alex", "last_name": "Rivera", "profile_picture_url": "" },
            { "first_name": "Sam", "last_name": "Lee", "profile_picture_url": "" },
        ],
    })
}

/// A volume and a Google share that need exactly so many domains.
fn size_for(domains: i64, sizing: &Sizing) -> Result<(i64, i64), Fail> {
    let percents = [50, 60, 40, 70, 30, 80, 20, 100];
    let volumes = (1..=domains * 40).rev().map(|n| n * 110);
    let sizes = percents.into_iter().flat_map(|percent| volumes.clone().map(move |volume| (volume, percent)));
    let fits = |(volume, percent): &(i64, i64)| {
        let terms = Terms {
            name: String::new(),
            monthly_sending_volume: *volume,
            google_percent: Some(*percent),
            send_on_weekends: false,
            google_inboxes_per_domain: 2,
        };
        terms.required(sizing).total == domains
    };
    sizes.into_iter().find(fits).ok_or_else(|| {
        Fail::refused(format!(
            "no bundle needs exactly {domains} domains with the configured sizing; try another number"
        ))
    })
}
