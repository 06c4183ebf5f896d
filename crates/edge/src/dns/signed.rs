//! Questions that are signed (TSIG, RFC 8945): what is answered is signed with the same key.

use super::Transport;
use super::answer::{Answered, Known, Told, longest, only, to_question as unsigned};
use super::request::{Head, Question};
use super::signing::Fault;
use super::transfer::{Transfer, is_asked_for};

/// Writes the answer to a signed question.
pub(super) fn to_question(
    known: &Known<'_>,
    head: Head,
    mut question: Box<Question>,
    (packet, transport): (&[u8], Transport),
    out: &mut Vec<u8>,
) -> Told {
    let checked = match question.tsig.take() {
        Some(tsig) => known.keys.check(tsig, packet, known.seconds()),
        None => Err(Fault::Format),
    };
    let mut signing = match checked {
        Ok(signing) => signing,
        Err(fault) => {
            let answered = only(fault.rcode(), head, &question, out);
            fault.tell(out);
            return Told::Answer(answered);
        }
    };
    let answered = if is_asked_for(head, &question) {
        match Transfer::of(known.zones, head, question, signing, transport) {
            Ok(transfer) => return transferred(transfer, transport, known.seconds(), out),
            Err((rcode, question, same)) => {
                signing = same;
                only(rcode, head, &question, out)
            }
        }
    } else {
        let most = longest(transport, question.edns).saturating_sub(signing.room());
        unsigned(known.zones, head, &question, most, out)
    };
    signing.sign(out);
    Told::Answer(answered)
}

/// Over UDP the version is all that is told, in one message: whoever wants more comes over TCP.
fn transferred(mut transfer: Transfer, transport: Transport, seconds: u64, out: &mut Vec<u8>) -> Told {
    if transport == Transport::Udp && transfer.write(seconds, out) {
        return Told::Answer(Answered::without(0));
    }
    Told::Transfer(Box::new(transfer))
}
