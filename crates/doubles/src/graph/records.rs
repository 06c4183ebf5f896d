//! Records that domains want.

use serde_json::{Value, json};

use super::{Estate, bad, many, nowhere};
use crate::server::Said;

/// The text that proves whose a name is.
pub(super) fn proof(name: &str) -> String {
    format!("MS=ms{:08}", name.bytes().fold(17_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 100_000_000))
}

impl Estate {
    pub(super) fn proof_of(&self, name: &str) -> Said {
        if !self.domains.contains_key(name) {
            return nowhere();
        }
        let exchange = format!("{}.msv1.invalid", proof(name).trim_start_matches("MS="));
        many(&[
            record(name, "1", "Txt", None, &json!({ "text": proof(name) })),
            record(name, "2", "Mx", None, &json!({ "mailExchange": exchange, "preference": 32_767 })),
        ])
    }

    /// The policy has the stray space that the vendor's documentation shows.
    pub(super) fn records_of(&mut self, name: &str) -> Said {
        let Some(domain) = self.domains.get_mut(name) else { return nowhere() };
        if !domain.is_verified {
            return bad("The domain is not verified.");
        }
        if domain.services.is_empty() || domain.records_lag > 0 {
            domain.records_lag = domain.records_lag.saturating_sub(1);
            return many(&[]);
        }
        let mail = Some("Email");
        let exchange = format!("{}.mail.protection.outlook.com", name.replace('.', "-"));
        let chat = json!({
            "nameTarget": "sipdir.online.lync.com", "port": 443, "priority": 100, "protocol": "_tls", "service": "_sip", "weight": 1,
        });
        let auto = format!("autodiscover.{name}");
        many(&[
            record(name, "3", "Mx", mail, &json!({ "mailExchange": exchange, "preference": 0 })),
            record(name, "4", "Txt", mail, &json!({ "text": "v=spf1 include: spf.protection.outlook.com -all" })),
            record(&auto, "5", "Cname", mail, &json!({ "canonicalName": "autodiscover.outlook.com" })),
            record(&format!("_sip._tls.{name}"), "6", "Srv", Some("OfficeCommunicationsOnline"), &chat),
        ])
    }
}

fn record(label: &str, id: &str, kind: &str, service: Option<&str>, data: &Value) -> Value {
    let mut shape = json!({
        "@odata.type": format!("#microsoft.graph.domainDns{kind}Record"), "id": id, "isOptional": false, "label": label,
        "recordType": kind, "supportedService": service, "ttl": 3_600,
    });
    for (name, value) in data.as_object().into_iter().flatten() {
        shape[name] = value.clone();
    }
    shape
}
