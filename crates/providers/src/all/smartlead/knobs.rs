//! How accounts are to be at Smartlead: what the operator may set, and what it is otherwise.

use std::time::Duration;

use serde_json::{Value, json};

use crate::kind::Said;
use crate::vendor::Pace;

/// How accounts are to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knobs {
    /// How many warm-up mails a day; `None` where accounts are not warmed up.
    pub warmup: Option<Warmup>,
    /// How many mails of campaigns a day.
    pub daily_limit: u32,
    /// How kinds of OAuth accounts are called: Google's, Microsoft's.
    pub oauth_types: [String; 2],
    /// Whether consent was given to an application of ours, which the vendor knows as a white label.
    pub is_own_application: bool,
    /// What the keys' plan allows.
    pub plan: Plan,
    /// Whether logins are exchanged for keys.
    pub exchanges_logins: bool,
}

/// How an account is warmed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warmup {
    /// Mails a day in the end, 1 to 50.
    pub a_day: u32,
    /// How many more each day, 5 to 20.
    pub ramp_up: u32,
    /// Of a hundred, how many are replied to, 20 to 100.
    pub reply_rate: u32,
}

/// What a plan allows of each key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// 60 calls a minute, 1,000 an hour.
    Standard,
    /// 120 calls a minute, 3,000 an hour.
    Pro,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            warmup: Some(Warmup { a_day: 30, ramp_up: 5, reply_rate: 30 }),
            daily_limit: 30,
            oauth_types: ["GMAIL".into(), "OUTLOOK".into()],
            is_own_application: true,
            plan: Plan::Standard,
            exchanges_logins: true,
        }
    }
}

impl Knobs {
    /// Of what the configuration says.
    ///
    /// # Errors
    /// A sentence that begins with the field that will not do.
    pub(super) fn of(said: &Said) -> Result<Self, String> {
        let usual = Self::default();
        let warmup = Warmup {
            a_day: said.number("warmup_per_day", 1..=50, 30)?,
            ramp_up: said.number("warmup_ramp_up", 5..=20, 5)?,
            reply_rate: said.number("warmup_reply_rate", 20..=100, 30)?,
        };
        let oauth_types = match said.value("oauth_types").split(',').map(str::trim).collect::<Vec<_>>()[..] {
            [""] => usual.oauth_types,
            [google, microsoft] if is_word(google) && is_word(microsoft) => [google.into(), microsoft.into()],
            _ => return Err("oauth_types is not two words with a comma between them, such as GMAIL,OUTLOOK".into()),
        };
        let plan = match said.value("plan") {
            "" | "standard" => Plan::Standard,
            "pro" => Plan::Pro,
            _ => return Err("plan is neither standard nor pro".into()),
        };
        Ok(Self {
            warmup: said.switch("warmup", true)?.then_some(warmup),
            daily_limit: said.number("daily_limit", 1..=2_000, usual.daily_limit)?,
            oauth_types,
            is_own_application: said.switch("own_application", usual.is_own_application)?,
            plan,
            exchanges_logins: said.switch("login_exchange", true)?,
        })
    }

    /// What an account is told of warming up.
    pub(super) fn warming(&self) -> Value {
        match self.warmup {
            None => json!({ "warmup_enabled": false }),
            Some(Warmup { a_day, ramp_up, reply_rate }) => json!({
                "warmup_enabled": true, "total_warmup_per_day": a_day, "daily_rampup": ramp_up,
                "reply_rate_percentage": reply_rate,
            }),
        }
    }
}

impl Plan {
    /// How often a key of it may be used.
    pub(super) fn paces(self) -> Vec<Pace> {
        let (minute, hour) = match self {
            Self::Standard => (60, 1_000),
            Self::Pro => (120, 3_000),
        };
        let pace = |calls, seconds| Pace::of_all(calls, Duration::from_secs(seconds));
        vec![pace(10, 1), pace(minute, 60), pace(hour, 3_600)]
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= 32 && text.bytes().all(|letter| letter.is_ascii_alphabetic() || letter == b'_')
}

#[cfg(test)]
mod tests {
    use model::clock::{HandClock, Time};

    use super::*;

    fn knobs(values: &[(&str, &str)]) -> Result<Knobs, String> {
        let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let (base_url, secrets, clock) = (None, Default::default(), HandClock::at(Time(0)));
        Knobs::of(&Said { name: "main", base_url, values, secrets, is_sandbox: false, clock })
    }

    #[test]
    fn what_is_left_out_is_usual_and_what_will_not_do_is_told_by_its_name() {
        assert_eq!(knobs(&[]), Ok(Knobs::default()));
        assert_eq!(knobs(&[("warmup", "off")]).map(|knobs| knobs.warmup), Ok(None));
        for (key, value) in [
            ("warmup", "yes"),
            ("warmup_per_day", "0"),
            ("warmup_per_day", "51"),
            ("warmup_ramp_up", "4"),
            ("warmup_reply_rate", "19"),
            ("plan", "free"),
            ("oauth_types", "GMAIL"),
            ("oauth_types", "GMAIL,OUT LOOK"),
            ("own_application", "no"),
            ("daily_limit", "many"),
            ("daily_limit", "-1"),
        ] {
            let told = knobs(&[(key, value)]).unwrap_err();
            assert!(told.starts_with(key), "{told}");
        }
    }

    #[test]
    fn what_is_said_counts() {
        let said = knobs(&[("oauth_types", "gmail, microsoft"), ("plan", "pro"), ("own_application", "off")]).unwrap();
        assert_eq!((said.oauth_types, said.plan), (["gmail".into(), "microsoft".into()], Plan::Pro));
        assert!(!said.is_own_application && Plan::Pro.paces() != Plan::Standard.paces());
    }
}
