//! What a server's no means, in sentences for the operator.

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::tsig::{TSIG, TsigError};
use model::domain::DomainName;

use super::key::FUDGE;
use crate::trouble::{Refused, Trouble};

/// Who said it.
pub(super) struct Speaker<'a> {
    pub(super) account: &'a str,
    pub(super) key: &'a str,
    pub(super) algorithm: &'static str,
}

impl Speaker<'_> {
    /// What is wrong with a signature of ours, as the server says; `ours` is what our clock showed, in seconds of Unix time.
    pub(super) fn signature(&self, error: TsigError, tsig: &TSIG, ours: u64) -> Trouble {
        let Self { account, key, algorithm } = self;
        Trouble::Misconfigured(match error {
            TsigError::BadKey => format!(
                "The name server of the account {account} does not know the key {key} with {algorithm}: make it there, and let \
                 it update and transfer the zones, or set key_name and algorithm to those of a key that it has."
            ),
            TsigError::BadSig => format!(
                "The name server of the account {account} knows the key {key} with another secret: set secret to the one that \
                 it has."
            ),
            TsigError::BadTime => {
                let apart = theirs(tsig).map(|theirs| theirs.abs_diff(ours));
                let apart = apart.map_or_else(String::new, |seconds| format!(" by {seconds} seconds"));
                format!(
                    "The clocks of this machine and of the name server of the account {account} differ{apart}, and {FUDGE} are \
                     allowed: have both set by NTP."
                )
            }
            other => format!(
                "The name server of the account {account} does not accept what is signed with the key {key} (TSIG error {}).",
                u16::from(other)
            ),
        })
    }

    /// It does not know signatures at all.
    pub(super) fn unsigned(&self) -> Trouble {
        let Self { account, .. } = self;
        Trouble::Misconfigured(format!(
            "The name server of the account {account} does not take signed updates: switch that on, or use another one."
        ))
    }

    /// What its answer to an update or a transfer means, where that is no success.
    pub(super) fn refusal(&self, code: ResponseCode, zone: &DomainName, what: &str, writes: bool) -> Trouble {
        let Self { account, key, .. } = self;
        match code {
            ResponseCode::Refused => Trouble::Misconfigured(format!(
                "The name server of the account {account} does not let the key {key} {what} the zone {zone}: allow it there."
            )),
            ResponseCode::NotImp => Trouble::Misconfigured(format!(
                "The name server of the account {account} does not know how to {what} a zone: switch that on, or use another one."
            )),
            ResponseCode::NotAuth | ResponseCode::NotZone => no_zone(account, zone),
            ResponseCode::FormErr => Trouble::Refused(Refused::ForGood(format!(
                "The name server of the account {account} does not understand what it is told of {zone}."
            ))),
            _ if writes => Trouble::Unknown,
            _ => Trouble::Later(None),
        }
    }
}

/// The server's clock, in seconds of Unix time, as it comes with BADTIME (RFC 8945 §5.2.3).
fn theirs(tsig: &TSIG) -> Option<u64> {
    let bytes: [u8; 6] = tsig.other.as_slice().try_into().ok()?;
    Some(bytes.iter().fold(0, |time, byte| time << 8 | u64::from(*byte)))
}

/// There is no such zone, and nothing will be done about that now.
pub(super) fn no_zone(account: &str, zone: &DomainName) -> Trouble {
    Trouble::Refused(Refused::ForGood(format!("The name server of the account {account} has no zone {zone}.")))
}
