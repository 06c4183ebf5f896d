//! Secondaries that answer, or do not, at times that the tests make.

use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::tsig::TsigAlgorithm;
use hickory_proto::rr::{Name, TSigResponseContext, TSigner};
use model::dns::Zone;
use tokio::time::Instant;

use super::errands::{Errands, Next};
use super::{Pace, Secondary};
use crate::dns::tests::{NOW, zone};
use crate::dns::{Key, Notified, Rendered, Update, Zones};

/// A secondary, what it is told, and a clock.
struct Scene {
    zones: Zones,
    errands: Errands,
    now: Instant,
}

impl Scene {
    fn new(key: Option<Key>) -> Self {
        let zones = Zones::default();
        let address = "192.0.2.2:53".parse().unwrap();
        let secondary = Secondary { address, key: key.map(Arc::new), from: None };
        let (now, pace) = (Instant::now(), Pace { at_once: 3, tries: 4, ..Pace::default() });
        let errands = Errands::new(secondary, pace, zones.watch(), now);
        Self { zones, errands, now }
    }

    fn publish(&self, names: &[&str], serial: u32) {
        let one = |name: &&str| Rendered::of(&Zone { name: (*name).into(), serial, ..zone(vec![]) }).unwrap();
        assert_eq!(self.zones.publish(Update { put: names.iter().map(one).collect(), ..Update::default() }), []);
    }

    /// What is sent now, and for how long there is nothing then.
    fn sent(&mut self) -> (Vec<Vec<u8>>, Option<Duration>) {
        let mut sent = vec![];
        loop {
            match self.errands.next(&self.zones, self.now, NOW) {
                Next::Send(message) => sent.push(message),
                Next::GivenUp => panic!("given up"),
                Next::Wait(until) => return (sent, until.map(|at| at - self.now)),
            }
        }
    }

    /// The one message that is sent after a time, and nothing is sent before it.
    fn after(&mut self, wait: Duration) -> Vec<u8> {
        let (sent, until) = self.sent();
        assert_eq!((sent.len(), until), (0, Some(wait)));
        self.now += wait;
        let Next::Send(message) = self.errands.next(&self.zones, self.now, NOW) else { panic!("it is sent again") };
        message
    }

    /// Moves on until a zone is given up; answers how many messages that took.
    fn until_given_up(&mut self) -> usize {
        let mut sent = 0;
        loop {
            match self.errands.next(&self.zones, self.now, NOW) {
                Next::Send(_) => sent += 1,
                Next::GivenUp => return sent,
                Next::Wait(until) => self.now = until.expect("something is under way"),
            }
        }
    }
}

const GAP: Duration = Duration::from_millis(20);

fn zone_of(message: &[u8]) -> String {
    Message::from_vec(message).unwrap().queries[0].name().to_string()
}

fn answer(message: &[u8], code: ResponseCode) -> Message {
    let mut answer = Message::from_vec(message).unwrap();
    answer.metadata.message_type = MessageType::Response;
    answer.metadata.response_code = code;
    answer.take_signature();
    answer
}

fn answered(message: &[u8], code: ResponseCode) -> Vec<u8> {
    answer(message, code).to_vec().unwrap()
}

#[test]
fn a_change_is_told_until_it_is_answered() {
    let mut scene = Scene::new(None);
    scene.publish(&["acme.com"], 1);
    let (sent, until) = scene.sent();
    let message = Message::from_vec(&sent[0]).unwrap();
    assert_eq!((sent.len(), message.op_code, message.authoritative), (1, OpCode::Notify, true));
    assert_eq!((zone_of(&sent[0]).as_str(), until), ("acme.com.", Some(Duration::from_secs(2))));
    scene.after(Duration::from_secs(2));
    let third = scene.after(Duration::from_secs(4));
    assert_eq!(scene.errands.hear(&answered(&third, ResponseCode::NoError)), Some(Notified::Answered));
    assert_eq!(scene.sent(), (vec![], None));
    scene.publish(&["acme.com"], 2);
    assert_eq!(scene.sent().0.len(), 1);
    scene.publish(&["b.com"], 1);
    let (sent, until) = scene.sent();
    assert_eq!((sent.len(), until), (0, Some(GAP)), "not at once after the one before it");
}

#[test]
fn what_changes_again_before_the_answer_is_told_again() {
    let mut scene = Scene::new(None);
    scene.publish(&["acme.com"], 1);
    let (first, _) = scene.sent();
    scene.publish(&["acme.com"], 2);
    scene.now += GAP;
    let (second, until) = scene.sent();
    assert_eq!((second.len(), until), (1, Some(Duration::from_secs(2))));
    assert_eq!(scene.errands.hear(&answered(&first[0], ResponseCode::NoError)), None, "it knows of the older version");
    assert_eq!(scene.errands.hear(&answered(&second[0], ResponseCode::Refused)), Some(Notified::Refused));
    assert_eq!(scene.sent(), (vec![], None), "who does not want to hear it is not told again");
}

#[test]
fn one_that_does_not_answer_is_tried_with_one_zone_at_a_time_until_it_does() {
    let mut scene = Scene::new(None);
    let names: Vec<_> = (0..9).map(|n| format!("z{n}.com")).collect();
    scene.publish(&names.iter().map(String::as_str).collect::<Vec<_>>(), 1);
    assert_eq!(scene.until_given_up(), 3 * 4, "three at once, four times each");
    assert!(scene.errands.is_silent());
    for _ in 0..2 {
        assert_eq!(scene.until_given_up(), 0, "the others that were under way");
    }
    assert_eq!(scene.until_given_up(), 4, "then one, as often");
    let Next::Send(message) = scene.errands.next(&scene.zones, scene.now, NOW) else { panic!("the next one") };
    assert_eq!(scene.sent().0.len(), 0, "and nothing beside it");
    assert_eq!(scene.errands.hear(&answered(&message, ResponseCode::NoError)), Some(Notified::Answered));
    let mut sent = 0;
    for _ in 0..3 {
        scene.now += GAP;
        sent += scene.sent().0.len();
    }
    assert_eq!(sent, 3, "it is back");
}

#[test]
fn only_the_secondary_s_own_answer_is_believed() {
    let key = Key::new("second.example", "", &"aHVzaA==".into(), false).unwrap();
    let mut scene = Scene::new(Some(key));
    scene.publish(&["acme.com"], 1);
    let (sent, _) = scene.sent();
    let theirs = Message::from_vec(&sent[0]).unwrap().signature().unwrap().data.mac.clone();
    assert_eq!(scene.errands.hear(b"junk"), None);
    assert_eq!(scene.errands.hear(&sent[0]), None, "a question is no answer");
    let mut other = answer(&sent[0], ResponseCode::NoError);
    other.metadata.id ^= 1;
    assert_eq!(scene.errands.hear(&other.to_vec().unwrap()), None, "to something else");
    assert_eq!(scene.errands.hear(&answered(&sent[0], ResponseCode::NoError)), None, "not signed");
    for (secret, told) in [(&b"other"[..], None), (b"hush", Some(Notified::Answered))] {
        let name = Name::from_ascii("second.example.").unwrap();
        let signer = TSigner::new(secret.to_vec(), TsigAlgorithm::HmacSha256, name, 300).unwrap();
        let mut answer = answer(&sent[0], ResponseCode::NoError);
        let context = TSigResponseContext::new(answer.id, NOW, signer, theirs.clone(), None);
        answer.set_signature(context.sign(&answer.to_vec().unwrap()).unwrap());
        assert_eq!(scene.errands.hear(&answer.to_vec().unwrap()), told);
    }
}
