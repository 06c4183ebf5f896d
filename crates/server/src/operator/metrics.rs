//! `GET /metrics`: what the process has counted, and what waits, in the text format of Prometheus.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use model::action::ActionReason;
use model::clock::{Clock, SECOND, Time};
use model::metric::{self, Kind};
use model::notice::{Notice, NoticeKind};
use store::figures::{self, Figures};
use store::{Backend, Store, StoreError, feed, file_modes, notices};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::chosen::Chosen;
use crate::config::Config;
use crate::disk;
use crate::notices::Board;
use crate::telemetry;
use crate::wire::Wired;

/// The text format, version 0.0.4.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// How long figures from the database count: whoever looks oftener costs it nothing.
const FRESH: Duration = Duration::from_secs(5);
/// How long the database may take over them.
const PATIENCE: Duration = Duration::from_secs(3);

/// Buckets of times, in seconds: from a statement to a day.
const SECONDS: &[f64] =
    &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 600.0, 3_600.0, 86_400.0];
/// Buckets of numbers of writes.
const SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// What has been counted since the process began. There is one for the whole process, as what counts knows no other.
static COUNTED: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to count, partner by partner too where that is wanted. A second start in one process changes nothing.
pub(super) fn start(with_partners: bool) -> PrometheusHandle {
    let counted = COUNTED.get_or_init(|| {
        let recorder = buckets(PrometheusBuilder::new()).build_recorder();
        let handle = recorder.handle();
        // Somebody else's recorder is a test's.
        let _ = metrics::set_global_recorder(Chosen { recorder, with_partners });
        describe();
        handle
    });
    counted.clone()
}

fn buckets(builder: PrometheusBuilder) -> PrometheusBuilder {
    let histograms = metric::ALL.iter().filter(|metric| metric.kind == Kind::Histogram);
    histograms.fold(builder, |builder, metric| {
        let buckets = if metric.name.ends_with("_seconds") { SECONDS } else { SIZES };
        let matcher = Matcher::Full(metric.name.to_owned());
        builder.set_buckets_for_metric(matcher, buckets).unwrap_or_else(|_| PrometheusBuilder::new())
    })
}

fn describe() {
    for one in metric::ALL {
        match one.kind {
            Kind::Counter => metrics::describe_counter!(one.name, one.help),
            Kind::Gauge => metrics::describe_gauge!(one.name, one.help),
            Kind::Histogram => metrics::describe_histogram!(one.name, one.help),
        }
    }
}

/// Where the figures come from that nobody counts as they happen.
pub(super) struct Source {
    counted: PrometheusHandle,
    store: Store,
    clock: Arc<dyn Clock>,
    database: Option<PathBuf>,
    data: PathBuf,
    board: Arc<Board>,
    looked: Mutex<Option<Instant>>,
}

impl Source {
    /// Of a server on this store.
    pub(super) fn new(config: &Config, counted: PrometheusHandle, wired: &Wired) -> Self {
        let (store, clock, board) = (wired.store.clone(), wired.app.clock.clone(), wired.board.clone());
        let database = file_modes::sqlite_file(&config.database());
        metrics::gauge!(metric::STARTED).set(seconds(clock.wall()));
        Self { counted, store, clock, database, data: config.data.clone(), board, looked: Mutex::new(None) }
    }

    /// Brings up to date what is looked at and not counted. Of several who ask at once one looks.
    async fn look(&self) {
        let mut looked = self.looked.lock().await;
        if looked.is_some_and(|at| at.elapsed() < FRESH) {
            return;
        }
        let answered = timeout(PATIENCE, self.ask()).await;
        let is_up = matches!(answered, Ok(Ok(())));
        if !is_up {
            self.show_notices(None);
        }
        metrics::gauge!(metric::DATABASE_UP).set(f64::from(u8::from(is_up)));
        self.look_at_this_process();
        *looked = Some(Instant::now());
    }

    async fn ask(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut db = self.store.read().await?;
        let figures = figures::read(&mut db, now).await?;
        let waits = feed::waits(&mut db, 0).await?;
        metrics::gauge!(metric::FEED_WAIT_SECONDS).set(waits.map_or(0.0, |wait| as_seconds(wait.micros)));
        self.show(&figures, now);
        self.show_notices(Some(&notices::open(&mut db).await?));
        Ok(())
    }

    /// Without the rows, what was known of them stays, and what this process has found is shown.
    fn show_notices(&self, rows: Option<&[Notice]>) {
        let beside = self.board.beside(rows.unwrap_or_default());
        for kind in NoticeKind::ALL {
            let written = rows.unwrap_or_default().iter().filter(|notice| notice.finding.kind == *kind).count();
            let found = beside.iter().filter(|sighting| sighting.finding.kind == *kind).count();
            if rows.is_some() || found > 0 {
                metrics::gauge!(metric::OPEN_NOTICES, "kind" => kind.as_str()).set((written + found) as f64);
            }
        }
    }

    fn show(&self, figures: &Figures, now: Time) {
        for one in &figures.lanes {
            let waited = one.oldest.map_or(0, |since| (now.0 - since.0).max(0));
            metrics::gauge!(metric::TASKS_DUE, "lane" => one.lane.as_str()).set(one.due as f64);
            metrics::gauge!(metric::OLDEST_TASK_SECONDS, "lane" => one.lane.as_str()).set(as_seconds(waited));
        }
        for reason in ActionReason::ALL {
            let open = figures.actions.iter().find(|(of, _)| of == reason).map_or(0, |(_, count)| *count);
            metrics::gauge!(metric::OPEN_ACTIONS, "reason" => reason.as_str()).set(open as f64);
        }
        metrics::gauge!(metric::DATABASE_BYTES).set(figures.bytes as f64);
        metrics::gauge!(metric::LAST_BACKUP).set(figures.last_backup.map_or(0.0, seconds));
        let backend = match self.store.backend() {
            Backend::Sqlite => "sqlite",
            Backend::Postgres => "postgresql",
        };
        let version = env!("CARGO_PKG_VERSION");
        metrics::gauge!(metric::BUILD, "version" => version, "schema" => figures.schema.to_string(), "backend" => backend)
            .set(1.0);
    }

    fn look_at_this_process(&self) {
        if let Some(file) = &self.database {
            let log = std::fs::metadata(file_modes::beside(file, "-wal")).map_or(0, |found| found.len());
            metrics::gauge!(metric::WAL_BYTES).set(log as f64);
        }
        if let Ok(free) = disk::free(&self.data) {
            metrics::gauge!(metric::DISK_FREE_BYTES).set(free as f64);
        }
        metrics::gauge!(metric::WRITES_WAITING).set(self.store.writes_waiting() as f64);
        metrics::counter!(metric::LOG_LINES_LOST).absolute(telemetry::lost());
        metrics::counter!(metric::PANICS).absolute(telemetry::panics());
        metrics::gauge!(metric::CLOCK_AHEAD_SECONDS).set(as_seconds((self.clock.now().0 - self.clock.wall().0).max(0)));
    }
}

/// Answers with everything.
pub(super) async fn handler(State(source): State<Arc<Source>>) -> Response {
    source.look().await;
    ([(CONTENT_TYPE, TEXT)], source.counted.render()).into_response()
}

fn seconds(at: Time) -> f64 {
    as_seconds(at.0)
}

fn as_seconds(micros: i64) -> f64 {
    micros as f64 / SECOND as f64
}
