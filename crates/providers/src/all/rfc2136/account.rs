//! What such a server says when it is asked something harmless.

use async_trait::async_trait;
use hickory_proto::op::{Message, Query};
use hickory_proto::rr::RecordType;

use super::Rfc2136;
use super::client::Question;
use crate::dns::values::name;
use crate::roles::{Account, Examined};
use crate::trouble::Trouble;

/// A name that never is (RFC 6761 §6.4).
const NOBODY: &str = "invalid";

#[async_trait]
impl Account for Rfc2136 {
    /// A signed question about a zone: whatever the answer, it is signed when key and clock are right, and the server has the
    /// zone. Some sign it all the same.
    async fn examine(&self) -> Result<Examined, Trouble> {
        let mut message = Message::query();
        let zone = name(self.probe.as_deref().unwrap_or(NOBODY));
        message.queries.extend(zone.map(|zone| Query::query(zone, RecordType::SOA)));
        let question = Question { operation: "examine", message, writes: false, is_whole: |_| true };
        let told = self.client.ask(question).await?;
        let mut remarks = vec![
            "Zones are not made here: each one has to be there, and this key be allowed to update and transfer it.",
        ];
        match (told.clock, &self.probe) {
            (Some(_), _) => {}
            (None, None) => {
                remarks.push("Key and clocks could not be tried: set probe_zone to a zone that the server has.")
            }
            (None, Some(_)) => {
                remarks.push("Key and clocks could not be tried: the server does not have the zone of probe_zone.")
            }
        }
        Ok(Examined {
            known_as: told.clock.map(|_| self.client.key_name().to_owned()),
            clock: told.clock,
            remarks: remarks.into_iter().map(str::to_owned).collect(),
            ..Examined::default()
        })
    }
}
