//! What such a server says when it is asked something harmless.

use async_trait::async_trait;
use hickory_proto::op::{Message, Query};
use hickory_proto::rr::RecordType;

use super::Rfc2136;
use super::client::Question;
use crate::dns::values::name;
use crate::roles::{Account, Examined};
use crate::trouble::Trouble;

#[async_trait]
impl Account for Rfc2136 {
    /// A signed question for a name that never is (RFC 6761 §6.4): whatever the answer, it is signed when key and clock are right.
    async fn examine(&self) -> Result<Examined, Trouble> {
        let mut message = Message::query();
        message.queries.extend(name("invalid").map(|nobody| Query::query(nobody, RecordType::SOA)));
        let question = Question { operation: "examine", message, writes: false, is_whole: |_| true };
        let told = self.client.ask(question).await?;
        let remarks = vec![
            "Zones are not made here: each one has to be there, with this key allowed to update and transfer it."
                .into(),
        ];
        Ok(Examined {
            known_as: Some(self.client.key_name().into()),
            clock: Some(told.clock),
            remarks,
            ..Examined::default()
        })
    }
}
