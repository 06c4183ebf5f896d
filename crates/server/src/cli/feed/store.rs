//! The data folder beside a running server.

use std::collections::VecDeque;
use std::time::Duration;

use model::event::Event;
use model::id::{EventId, Id as _, PartnerId, drawn_at};
use model::world::{Environment, Scope};
use store::{events, partners};

use super::Told;
use crate::cli::admin::Desk;
use crate::cli::{Fail, out};

/// How often we look.
const LOOK: Duration = Duration::from_millis(300);

/// How many events are read at once.
const CHUNK: i64 = 100;

/// The events of a partner's environment.
pub(crate) struct StoreFeed {
    desk: Desk,
    partner: PartnerId,
    environment: Environment,
    scope: Scope,
    last: Option<EventId>,
    waiting: VecDeque<Event>,
}

impl StoreFeed {
    /// Begins to look, after an event or from now on.
    pub(crate) async fn open(
        desk: Desk,
        partner: &str,
        environment: Environment,
        after: Option<String>,
    ) -> Result<Self, Fail> {
        let partner = desk.partner(partner).await?;
        let scope = partner.scope(environment);
        let mut db = desk.store.read().await?;
        let last = match after.map(EventId::opaque) {
            None => events::newest(&mut db, &scope).await?,
            Some(id) if events::get(&mut db, &scope, &id).await?.is_some() => Some(id),
            Some(id) if drawn_at(&id).is_none() => {
                return Err(Fail::refused(format!("there is no event {id} in this environment")));
            }
            Some(id) => {
                let last = events::before(&mut db, &scope, &id).await?;
                let go_on = last.as_ref().map_or_else(|| "from the beginning".into(), |last| format!("after {last}"));
                out::error(&format!("the event {id} is not known any more; going on {go_on}"));
                last
            }
        };
        drop(db);
        Ok(Self { desk, partner: partner.id, environment, scope, last, waiting: VecDeque::new() })
    }

    pub(crate) async fn next(&mut self) -> Result<Told, Fail> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                let (id, kind) = (event.id.to_string(), event.kind.as_str().to_owned());
                return Ok(Told { id, kind, body: event.body() });
            }
            if !self.look().await? {
                tokio::time::sleep(LOOK).await;
            }
        }
    }

    async fn look(&mut self) -> Result<bool, Fail> {
        let mut db = self.desk.store.read().await?;
        let scope = partners::get(&mut db, &self.partner).await?.map(|partner| partner.scope(self.environment));
        if let Some(scope) = scope.filter(|scope| *scope != self.scope) {
            // The sandbox was reset: its new world is shown from its beginning.
            (self.scope, self.last) = (scope, None);
        }
        let read = events::after(&mut db, &self.scope, None, self.last.as_ref(), CHUNK).await?;
        let Some(newest) = read.last() else { return Ok(false) };
        self.last = Some(newest.id.clone());
        self.waiting.extend(read);
        Ok(true)
    }
}
