//! A whole zone, for those who serve it too (AXFR, RFC 5936): only over TCP, and only to whoever has a key that may. What has
//! changed since a version (IXFR, RFC 1995) is answered by the whole zone too.
//!
//! A transfer is of the zone as it stood when it was asked for, whatever changes meanwhile.

use std::sync::Arc;

use model::dns::is_newer;

use super::Transport;
use super::name::Lower;
use super::rendered::Rendered;
use super::reply::{Full, Owner, Reply, Section, rcode};
use super::request::{self, Head, Question};
use super::rtype;
use super::signing::Signing;
use super::zones::Snapshot;

/// How long a message gets, as long as one set is not longer: names point no farther back than that (RFC 5936 §3.4).
const MESSAGE: usize = 16 * 1024;

/// A zone on its way to somebody.
pub(super) struct Transfer {
    zone: Arc<Rendered>,
    head: Head,
    question: Box<Question>,
    signing: Signing,
    next: Step,
    /// Whether only the version is told.
    is_version_only: bool,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The SOA, with which it begins.
    Begin,
    /// The sets from this one on.
    Sets(usize),
    /// The SOA once more.
    End,
    Done,
}

/// Whether a question is for a whole zone.
pub(super) const fn is_asked_for(head: Head, question: &Question) -> bool {
    head.opcode == request::QUERY && matches!(question.qtype, rtype::AXFR | rtype::IXFR)
}

impl Transfer {
    /// The transfer that is asked for, or the code that it is refused with: nobody is told which zones there are who may not
    /// have them.
    pub(super) fn of(
        zones: &Snapshot,
        head: Head,
        question: Box<Question>,
        signing: Signing,
        transport: Transport,
    ) -> Result<Self, (u16, Box<Question>, Signing)> {
        let is_in_one_piece = transport == Transport::Udp;
        let is_allowed = signing.may_transfer() && question.qclass == rtype::IN;
        if !is_allowed || (is_in_one_piece && question.qtype == rtype::AXFR) {
            return Err((rcode::REFUSED, question, signing));
        }
        let name = Lower::of(question.name.iter());
        let Some(zone) = name.and_then(|name| zones.exactly(name.without(0)).cloned()) else {
            return Err((rcode::NOT_AUTHORIZED, question, signing));
        };
        let is_known = question.serial.is_some_and(|theirs| !is_newer(zone.serial(), theirs));
        let is_version_only = question.qtype == rtype::IXFR && (is_in_one_piece || is_known);
        Ok(Self { zone, head, question, signing, next: Step::Begin, is_version_only })
    }

    /// Writes the next message, signed; `false` where there is none any more.
    pub(super) fn write(&mut self, seconds: u64, out: &mut Vec<u8>) -> bool {
        if self.next == Step::Done {
            return false;
        }
        self.signing.seconds = seconds;
        let room = self.signing.room();
        let begun = self.next;
        self.fill(MESSAGE - room, out);
        if self.next == begun {
            // One set that is longer than that: the model lets none in that is too long for the longest message.
            self.fill(usize::from(u16::MAX) - room, out);
        }
        if self.next == begun {
            return false;
        }
        self.signing.sign(out);
        true
    }

    /// Writes a message of at most so many bytes.
    fn fill(&mut self, most: usize, out: &mut Vec<u8>) {
        let question = &self.question;
        // What the asker says of itself is answered once (RFC 5936 §2.2.5).
        let edns = question.edns.filter(|_| self.next == Step::Begin);
        let mut reply = Reply::new(out, self.head, edns, most);
        reply.question(question.name.iter(), question.qtype, question.qclass);
        // Zones have small letters, whatever letters they are asked for in (RFC 5936 §3.4).
        reply.forget();
        let mut step = self.next;
        while step != Step::Done {
            match self.add(step, &mut reply) {
                Ok(next) => step = next,
                Err(Full) => break,
            }
        }
        self.next = step;
        reply.edns(rcode::NO_ERROR);
        reply.finish(rcode::NO_ERROR, true);
    }

    /// Adds what is next, and answers what comes after it.
    fn add(&self, step: Step, reply: &mut Reply<'_>) -> Result<Step, Full> {
        let apex = Owner::Name(self.zone.apex());
        match step {
            Step::Begin | Step::End => {
                let soa = self.zone.set(b"", rtype::SOA).ok_or(Full)?;
                reply.add(Section::Answer, apex, soa)?;
                let is_last = step == Step::End || self.is_version_only;
                Ok(if is_last { Step::Done } else { Step::Sets(0) })
            }
            Step::Sets(at) => {
                let Some((owner, set)) = self.zone.nth(at) else { return Ok(Step::End) };
                if set.rtype != rtype::SOA {
                    reply.add(Section::Answer, Owner::Name(&owner), set)?;
                }
                Ok(Step::Sets(at + 1))
            }
            Step::Done => Ok(Step::Done),
        }
    }

    /// Says instead that it cannot be had now.
    pub(super) fn put_off(mut self, out: &mut Vec<u8>) {
        let question = &self.question;
        let mut reply = Reply::new(out, self.head, question.edns, usize::from(u16::MAX) - self.signing.room());
        reply.question(question.name.iter(), question.qtype, question.qclass);
        reply.edns(rcode::SERVER_FAILURE);
        reply.finish(rcode::SERVER_FAILURE, false);
        self.signing.sign(out);
    }
}
