//! How accounts are to be at Instantly: what the operator may set, and what it is otherwise.

use model::domain::MailProvider;

use crate::kind::Said;

/// How accounts are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knobs {
    /// How they are warmed up; `None` where they are not.
    pub warmup: Option<Warmup>,
    /// How many mails of campaigns a day.
    pub daily_limit: u32,
    /// Whether campaigns begin slowly too.
    pub ramps_up: bool,
    /// Whether the vendor is told who hosts an inbox, or that anybody does.
    pub names_host: bool,
}

/// How an account is warmed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warmup {
    /// Mails a day in the end.
    pub a_day: u32,
    /// How many more each day, 1 to 4.
    pub ramp_up: u32,
}

impl Default for Knobs {
    fn default() -> Self {
        Self { warmup: Some(Warmup { a_day: 30, ramp_up: 2 }), daily_limit: 30, ramps_up: true, names_host: true }
    }
}

impl Knobs {
    /// Of what the configuration says.
    ///
    /// # Errors
    /// A sentence that begins with the field that will not do.
    pub(super) fn of(said: &Said) -> Result<Self, String> {
        let warmup = Warmup {
            a_day: said.number("warmup_per_day", 1..=50, 30)?,
            ramp_up: said.number("warmup_ramp_up", 1..=4, 2)?,
        };
        let names_host = match said.value("provider_code") {
            "" | "host" => true,
            "custom" => false,
            _ => return Err("provider_code is neither host nor custom".into()),
        };
        Ok(Self {
            warmup: said.switch("warmup", true)?.then_some(warmup),
            daily_limit: said.number("daily_limit", 1..=2_000, 30)?,
            ramps_up: said.switch("ramp_up", true)?,
            names_host,
        })
    }

    /// What the vendor calls an inbox's host. With a wrong code an account does not work.
    pub(super) const fn code(self, provider: MailProvider) -> u8 {
        match provider {
            _ if !self.names_host => 1,
            MailProvider::Google => 2,
            MailProvider::Microsoft => 3,
        }
    }
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
            ("warmup_ramp_up", "5"),
            ("ramp_up", "2"),
            ("provider_code", "2"),
            ("daily_limit", "many"),
            ("daily_limit", "-1"),
        ] {
            let told = knobs(&[(key, value)]).unwrap_err();
            assert!(told.starts_with(key), "{told}");
        }
    }

    #[test]
    fn hosts_have_codes_unless_they_are_not_named() {
        let codes = |knobs: Knobs| [MailProvider::Google, MailProvider::Microsoft].map(|provider| knobs.code(provider));
        assert_eq!(codes(Knobs::default()), [2, 3]);
        assert_eq!(knobs(&[("provider_code", "custom")]).map(codes), Ok([1, 1]));
    }
}
