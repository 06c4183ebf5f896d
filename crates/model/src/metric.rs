//! Every metric that the server keeps: its name, what it counts, its labels. All of them are append-only.
//!
//! Labels have few values whatever happens: no names, nothing that somebody sends, and no ids but those of partners, in
//! metrics of their own that the operator switches on.

/// What a metric is. See <https://prometheus.io/docs/concepts/metric_types/>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only rises, until the process begins anew.
    Counter,
    /// What is so now.
    Gauge,
    /// How often something was how large: in buckets.
    Histogram,
}

impl Kind {
    /// The name in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The labels of its series.
    pub labels: &'static [&'static str],
    /// What it tells, in a sentence.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($kind:ident $constant:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        $(#[doc = $help] pub const $constant: &str = $name;)*

        /// Every metric, in the order of its table.
        pub const ALL: &[Metric] = &[
            $(Metric { name: $name, kind: Kind::$kind, labels: &[$($label),*], help: $help }),*
        ];
    };
}

metrics! {
    Counter REQUESTS "mailwright_requests_total" ["method", "route", "status"]
        "Requests that were answered.";
    Histogram REQUEST_SECONDS "mailwright_request_seconds" ["method", "route"]
        "How long an answer took to begin, in seconds.";
    Gauge CONNECTIONS "mailwright_connections" ["listener"]
        "Connections that are open.";
    Counter CONNECTIONS_REFUSED "mailwright_connections_refused_total" ["listener"]
        "Connections and requests that were turned away because no place was free.";
    Counter STEPS "mailwright_steps_total" ["step", "outcome"]
        "Tries of steps, by what came of them.";
    Histogram STEP_SECONDS "mailwright_step_seconds" ["step"]
        "How long a try of a step took, in seconds.";
    Counter PROVIDER_CALLS "mailwright_provider_calls_total" ["account", "role", "outcome"]
        "Calls to providers, by what came of them; the sandbox is an account like any other.";
    Histogram PROVIDER_CALL_SECONDS "mailwright_provider_call_seconds" ["account", "role"]
        "How long a call to a provider took, in seconds.";
    Counter DELIVERY_ATTEMPTS "mailwright_delivery_attempts_total" ["outcome"]
        "Attempts to deliver a webhook, by what came of them.";
    Histogram DELIVERY_ATTEMPT_SECONDS "mailwright_delivery_attempt_seconds" []
        "How long an endpoint took to answer, in seconds.";
    Histogram DELIVERY_DELAY_SECONDS "mailwright_delivery_delay_seconds" []
        "From an event to its receipt by an endpoint, in seconds of server time.";
    Gauge TASKS_DUE "mailwright_tasks_due" ["lane"]
        "Tasks that are due and wait for a worker; counted up to 10,000.";
    Gauge OLDEST_TASK_SECONDS "mailwright_oldest_due_task_seconds" ["lane"]
        "For how long the task that has been due longest has waited, in seconds.";
    Gauge FEED_WAIT_SECONDS "mailwright_feed_wait_seconds" []
        "For how long the event feed has waited for a transaction, in seconds; PostgreSQL only.";
    Gauge WRITES_WAITING "mailwright_writes_waiting" []
        "Writes that wait for the writer of this process; SQLite only.";
    Histogram WRITE_GROUP_SIZE "mailwright_write_group_size" []
        "How many writes were committed together; SQLite only.";
    Histogram WRITE_GROUP_SECONDS "mailwright_write_group_seconds" []
        "How long a group of writes took, its commit included, in seconds; SQLite only.";
    Counter BOOKED_CENTS "mailwright_booked_cents_total" ["kind"]
        "Money that was booked in the ledger by this process, in US cents; of credits, what was given back.";
    Counter PARTNER_REQUESTS "mailwright_partner_requests_total" ["partner", "status"]
        "Requests with a good key; with `operator.partner_labels` only.";
    Counter PARTNER_STEPS "mailwright_partner_steps_total" ["partner", "outcome"]
        "Tries of steps; with `operator.partner_labels` only.";
    Counter PARTNER_DELIVERY_ATTEMPTS "mailwright_partner_delivery_attempts_total" ["partner", "outcome"]
        "Attempts to deliver a webhook; with `operator.partner_labels` only.";
    Counter PARTNER_BOOKED_CENTS "mailwright_partner_booked_cents_total" ["partner", "kind"]
        "Money that was booked in the ledger by this process, in US cents; with `operator.partner_labels` only.";
    Gauge OPEN_ACTIONS "mailwright_open_actions" ["reason"]
        "Pending actions that wait for an answer; counted up to 10,000 in all.";
    Gauge DATABASE_UP "mailwright_database_up" []
        "1 when the database answered within 3 seconds when it was last asked, else 0: then the figures from it are old.";
    Gauge DATABASE_BYTES "mailwright_database_bytes" []
        "How large the database is.";
    Gauge WAL_BYTES "mailwright_wal_bytes" []
        "How large the write-ahead log is; SQLite only.";
    Gauge DISK_FREE_BYTES "mailwright_disk_free_bytes" []
        "Room that is left on the disk of the data folder.";
    Gauge LAST_BACKUP "mailwright_last_backup_timestamp_seconds" []
        "When `mailwright backup` last made a copy, as Unix time; 0 for never.";
    Gauge OPEN_NOTICES "mailwright_open_notices" ["kind"]
        "Notices that are open: what only the operator can mend or should know.";
    Counter PANICS "mailwright_panics_total" []
        "Things that broke inside and were caught.";
    Counter LOG_LINES_LOST "mailwright_log_lines_lost_total" []
        "Lines of the log that could not be written.";
    Counter SPANS_LOST "mailwright_spans_lost_total" []
        "Spans of traces that the collector did not get.";
    Gauge CLOCK_AHEAD_SECONDS "mailwright_clock_ahead_seconds" []
        "How far server time is ahead of the machine's clock, which was put back.";
    Gauge BUILD "mailwright_build_info" ["version", "schema", "backend"]
        "Always 1; its labels say which program this is.";
    Gauge STARTED "mailwright_started_timestamp_seconds" []
        "When this process began, as Unix time.";
    Counter VENDOR_EXCHANGES "mailwright_vendor_exchanges_total" ["account", "operation", "outcome"]
        "Requests to vendors over HTTP, by what came of them; `held` ones were not sent.";
    Histogram VENDOR_EXCHANGE_SECONDS "mailwright_vendor_exchange_seconds" ["account"]
        "How long a vendor took to answer whole, in seconds.";
    Gauge VENDOR_SILENT "mailwright_vendor_silent" ["account"]
        "1 while an account has not answered several times and is asked only now and then, else 0.";
    Counter DNS_ANSWERS "mailwright_dns_answers_total" ["listener", "transport", "code"]
        "Answers of our own name servers, by their codes.";
    Counter DNS_UNANSWERED "mailwright_dns_unanswered_total" ["listener", "reason"]
        "Questions to our own name servers that had no answer, or only one that leads to TCP.";
    Counter DNS_TRANSFERS "mailwright_dns_transfers_total" ["listener", "outcome"]
        "Whole zones that were asked for by secondaries that may have them.";
    Counter DNS_NOTIFIES "mailwright_dns_notifies_total" ["listener", "outcome"]
        "Zones that a secondary was told of, by what it answered.";
    Gauge DNS_ZONES "mailwright_dns_zones" ["listener"]
        "Zones that our own name servers serve.";
    Counter REDIRECT_ANSWERS "mailwright_redirect_answers_total" ["listener", "scheme", "status"]
        "Answers of our own redirect servers, by their status.";
    Counter REDIRECT_HANDSHAKES "mailwright_redirect_handshakes_total" ["listener", "outcome"]
        "Handshakes of TLS that led nobody on: `no_site` for names that are no site's, `failed`, and `challenge` of a certificate authority, which may come over HTTP too.";
    Gauge REDIRECT_SITES "mailwright_redirect_sites" ["listener"]
        "Hosts that our own redirect servers lead on.";
}

/// Whether a metric has a series for each partner, and so is kept only where the operator wants that.
#[must_use]
pub fn is_of_partners(name: &str) -> bool {
    name.starts_with("mailwright_partner_")
}

/// The metric with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Metric> {
    ALL.iter().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_customs_of_prometheus() {
        for (n, metric) in ALL.iter().enumerate() {
            assert!(metric.name.starts_with("mailwright_"), "{}", metric.name);
            assert_eq!(metric.name.ends_with("_total"), metric.kind == Kind::Counter, "{}", metric.name);
            assert!(metric.help.ends_with('.'), "{}", metric.name);
            assert_eq!(find(metric.name), Some(&ALL[n]), "each name once");
            assert_eq!(metric.labels.contains(&"partner"), is_of_partners(metric.name), "{}", metric.name);
        }
    }
}
