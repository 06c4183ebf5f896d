//! How it says yes and no, and what it tells of an account.

use serde_json::{Value, json};

use super::accounts::Account;
use super::{Estate, WORKSPACE};
use crate::server::Said;

pub(super) fn yes(body: Value) -> Said {
    Said { status: 200, headers: vec![], body: Some(body) }
}

pub(super) fn no(status: u16, message: &str) -> Said {
    let error = match status {
        401 => "Unauthorized",
        402 => "Payment Required",
        404 => "Not Found",
        429 => "Too Many Requests",
        _ => "Bad Request",
    };
    let body = json!({ "statusCode": status, "error": error, "message": message });
    Said { status, headers: vec![], body: Some(body) }
}

/// Seconds since the epoch as it writes them.
pub(super) fn moment(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

impl Account {
    /// As it is told: never with what it logs in with.
    pub(super) fn told(&self) -> Value {
        json!({
            "email": self.email, "timestamp_created": moment(self.created), "timestamp_updated": moment(self.created),
            "first_name": self.first_name, "last_name": self.last_name, "warmup": self.warmup, "added_by": null,
            "daily_limit": self.daily_limit, "modified_by": null, "tracking_domain_name": null,
            "tracking_domain_status": null, "status": self.status, "enable_slow_ramp": self.enable_slow_ramp,
            "inbox_placement_test_limit": null, "organization": WORKSPACE, "warmup_status": self.warmup_status,
            "status_message": self.trouble, "timestamp_warmup_start": null, "provider_code": self.provider_code,
            "setup_pending": false, "is_managed_account": false, "stat_warmup_score": null, "sending_gap": self.sending_gap,
            "signature": null,
        })
    }
}

impl Estate {
    /// A job that it goes about by itself.
    pub(super) fn job(&mut self, kind: &str) -> Said {
        self.drawn += 1;
        let at = moment(self.now);
        yes(json!({
            "id": format!("675266e304a8e55b17f{:05}", self.drawn), "workspace_id": WORKSPACE, "user_id": null, "type": kind,
            "entity_id": null, "entity_type": null, "data": {}, "progress": 0, "status": "pending", "created_at": at,
            "updated_at": at,
        }))
    }
}
