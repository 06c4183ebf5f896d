//! Signatures under what we answer (TSIG, RFC 8945).

use std::sync::Arc;

use super::keys::Key;
use super::reply::rcode;
use super::request::Tsig;
use super::rtype;

/// What a record of a signature has beside names and a signature: type, class, TTL and length; time, fudge, the signature's length,
/// the message's number, the error and the length of what else there is; and a time as that.
const FIXED: usize = 10 + 16 + TIME;
/// How many bytes a time has.
const TIME: usize = 6;
/// Where a header says how many records there are in the last section.
const ADDITIONAL: usize = 10;

/// Whoever signs the messages of one answer, each with the one before it.
pub(super) struct Signing {
    key: Arc<Key>,
    /// The signature of what came before: the question's, and then that of our last message.
    prior: Vec<u8>,
    is_first: bool,
    /// When it is signed.
    pub(super) seconds: u64,
}

/// Why a signed message is not believed.
pub(super) enum Fault {
    /// The signature has a length that none can have.
    Format,
    /// It cannot be told by whom it is: what is answered is not signed either.
    Unsigned(Tsig, u16),
    /// It is too old or too new.
    Time { signing: Signing, theirs: u64 },
    /// It is right as far as it goes, and too short.
    Short(Signing),
}

impl Signing {
    /// Signs what is answered to a message with this signature.
    pub(super) const fn answering(key: Arc<Key>, theirs: Vec<u8>, seconds: u64) -> Self {
        Self { key, prior: theirs, is_first: true, seconds }
    }

    /// Whether whole zones may be given to whoever asks.
    pub(super) fn may_transfer(&self) -> bool {
        self.key.may_transfer()
    }

    /// How much longer a message gets.
    pub(super) fn room(&self) -> usize {
        // The signature's own length is that of the one before it, whichever of ours it was.
        self.key.name.len() + self.key.algorithm.len() + FIXED + self.prior.len()
    }

    /// Signs a message that is whole otherwise.
    pub(super) fn sign(&mut self, message: &mut Vec<u8>) {
        let seconds = self.seconds;
        self.put(message, seconds, 0, &[]);
    }

    fn put(&mut self, message: &mut Vec<u8>, time: u64, error: u16, other: &[u8]) {
        let key = self.key.clone();
        let fudge = key.signer.fudge();
        let mut signed = Vec::with_capacity(message.len() + 512);
        signed.extend_from_slice(&length(&self.prior));
        signed.extend_from_slice(&self.prior);
        signed.extend_from_slice(message);
        if self.is_first {
            signed.extend_from_slice(&key.name);
            signed.extend_from_slice(&rtype::CLASS_ANY.to_be_bytes());
            signed.extend_from_slice(&[0; 4]);
            signed.extend_from_slice(&key.algorithm);
        }
        signed.extend_from_slice(&bytes(time));
        signed.extend_from_slice(&fudge.to_be_bytes());
        if self.is_first {
            signed.extend_from_slice(&error.to_be_bytes());
            signed.extend_from_slice(&length(other));
            signed.extend_from_slice(other);
        }
        // Only an algorithm that does not exist has none, and no key has that.
        self.prior = key.signer.sign(&signed).unwrap_or_default();
        self.is_first = false;
        let (name, algorithm) = (&key.name, &key.algorithm);
        put(message, &Parts { name, algorithm, time, fudge, mac: &self.prior, error, other });
    }
}

impl Fault {
    pub(super) const fn unknown(tsig: Tsig) -> Self {
        Self::Unsigned(tsig, rcode::BAD_KEY)
    }

    pub(super) const fn forged(tsig: Tsig) -> Self {
        Self::Unsigned(tsig, rcode::BAD_SIGNATURE)
    }

    /// The code of the answer.
    pub(super) const fn rcode(&self) -> u16 {
        match self {
            Self::Format => rcode::FORMAT,
            _ => rcode::NOT_AUTHORIZED,
        }
    }

    /// Says in a message, which is whole otherwise, what is wrong (RFC 8945 §5.3.2).
    pub(super) fn tell(self, message: &mut Vec<u8>) {
        match self {
            Self::Format => {}
            Self::Unsigned(Tsig { key: name, algorithm, time, fudge, .. }, error) => {
                let (name, algorithm) = (&name, &algorithm);
                put(message, &Parts { name, algorithm, time, fudge, mac: &[], error, other: &[] });
            }
            // They are told by their own clock what ours shows.
            Self::Time { mut signing, theirs } => {
                let ours = bytes(signing.seconds);
                signing.put(message, theirs, rcode::BAD_TIME, &ours);
            }
            Self::Short(mut signing) => {
                let seconds = signing.seconds;
                signing.put(message, seconds, rcode::BAD_TRUNCATION, &[]);
            }
        }
    }
}

/// What a record of a signature says.
struct Parts<'p> {
    name: &'p [u8],
    algorithm: &'p [u8],
    time: u64,
    fudge: u16,
    mac: &'p [u8],
    error: u16,
    other: &'p [u8],
}

/// Adds a record to a message, as its last one.
fn put(message: &mut Vec<u8>, parts: &Parts<'_>) {
    let Parts { name, algorithm, time, fudge, mac, error, other } = parts;
    let Some(id) = message.first_chunk::<2>().copied() else { return };
    let data = [
        algorithm,
        &bytes(*time)[..],
        &fudge.to_be_bytes(),
        &length(mac),
        mac,
        &id,
        &error.to_be_bytes(),
        &length(other),
        other,
    ]
    .concat();
    message.extend_from_slice(name);
    message.extend_from_slice(&rtype::TSIG.to_be_bytes());
    message.extend_from_slice(&rtype::CLASS_ANY.to_be_bytes());
    message.extend_from_slice(&[0; 4]);
    message.extend_from_slice(&length(&data));
    message.extend_from_slice(&data);
    if let Some([high, low]) = message.get_mut(ADDITIONAL..ADDITIONAL + 2) {
        [*high, *low] = (u16::from_be_bytes([*high, *low]) + 1).to_be_bytes();
    }
}

fn length(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).unwrap_or_default().to_be_bytes()
}

fn bytes(seconds: u64) -> [u8; TIME] {
    let [_, _, time @ ..] = seconds.to_be_bytes();
    time
}
