//! Stopping all buying, or that at one account, and going on.

use model::audit::Act;
use model::change::Change;
use model::pause::{Pause, RESTORE, Reach};
use model::refusal::{Code, Fault, Refusal};
use store::{Failure, pauses};

use super::{Did, Operator};

impl Operator {
    /// Stops buying, as far as this reaches: whoever is about to buy asks after the commit, on any process. A pause that is
    /// in force already becomes this one.
    ///
    /// # Errors
    /// What goes wrong in the store.
    pub async fn pause(&self, reach: Reach, renewals: bool) -> Result<Pause, Failure> {
        let by = self.origin.system_user.clone().unwrap_or_else(|| "operator".into());
        self.pause_by(&by, reach, renewals).await
    }

    /// Stops buying everywhere because a backup was restored: [`Pause::is_after_restore`]. A pause that the backup had is over.
    ///
    /// # Errors
    /// What goes wrong in the store.
    pub async fn pause_after_restore(&self) -> Result<Pause, Failure> {
        // Without one there is nothing to lift.
        let _ = self.resume(Reach::All).await;
        self.pause_by(RESTORE, Reach::All, false).await
    }

    async fn pause_by(&self, by: &str, reach: Reach, renewals: bool) -> Result<Pause, Failure> {
        let fresh = Pause::new(self.ids.next(), reach, renewals, by, self.now());
        self.decide(move |tx, _| {
            let fresh = fresh.clone();
            Box::pin(async move {
                let mut change = Change::default();
                let there = pauses::in_force(tx).await?.into_iter().find(|pause| pause.reach == fresh.reach);
                let pause = match there {
                    Some(there) => {
                        let pause = Pause { renewals: fresh.renewals, ..there };
                        change.pauses.update.push(pause.clone());
                        pause
                    }
                    None => {
                        change.pauses.insert.push(fresh.clone());
                        fresh
                    }
                };
                Ok((change, did(Act::BuyingPause, &pause), pause))
            })
        })
        .await
    }

    /// Goes on buying.
    ///
    /// # Errors
    /// `not_found` when nothing is paused there.
    pub async fn resume(&self, reach: Reach) -> Result<Pause, Failure> {
        self.decide(move |tx, now| {
            let reach = reach.clone();
            Box::pin(async move {
                let there = pauses::in_force(tx).await?.into_iter().find(|pause| pause.reach == reach);
                let none = || {
                    let message = "nothing is paused there; `mailwright doctor` says what is".to_owned();
                    Refusal::from(Fault::new(Code::NotFound, message))
                };
                let pause = Pause { lifted_at: Some(now), ..there.ok_or_else(none)? };
                let mut change = Change::default();
                change.pauses.update.push(pause.clone());
                Ok((change, did(Act::BuyingResume, &pause), pause))
            })
        })
        .await
    }
}

fn did(act: Act, pause: &Pause) -> Did {
    Did { act, partner: None, environment: None, subject: Some(pause.reach.text()) }
}
