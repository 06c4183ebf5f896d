//! What a secondary is told, and what it answers.

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType, TSigVerifier};

use crate::dns::keys::Key;
use crate::dns::name::labels;

/// A message that tells of a zone, signed where there is a key, and what its answer's signature is held against. `None` for what
/// is no name.
pub(super) fn word(id: u16, zone: &[u8], key: Option<&Key>, seconds: u64) -> Option<(Vec<u8>, Option<TSigVerifier>)> {
    let mut message = Message::new(id, MessageType::Query, OpCode::Notify);
    message.metadata.authoritative = true;
    message.add_query(Query::query(Name::from_labels(labels(zone)).ok()?, RecordType::SOA));
    let verifier = match key {
        Some(key) => message.finalize(&key.signer, seconds).ok()?,
        None => None,
    };
    Some((message.to_vec().ok()?, verifier))
}

/// An answer that can be read: to which message, and what it says.
pub(super) fn read(packet: &[u8]) -> Option<(u16, ResponseCode)> {
    let message = Message::from_vec(packet).ok()?;
    let is_answer =
        message.metadata.message_type == MessageType::Response && message.metadata.op_code == OpCode::Notify;
    is_answer.then_some((message.metadata.id, message.metadata.response_code))
}
