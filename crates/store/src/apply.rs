//! The only function that writes a `Change`.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use model::change::Change;
use model::clock::Time;
use model::delivery::{Delivery, Endpoint};
use model::event::Event;
use model::id::{BundleId, EndpointId, Ids};
use model::task::Task;

use crate::db::{Tx, args};
use crate::error::Halt;
use crate::record::{Record, place};
use crate::{endpoints, idempotency, keys, partners, standing, tasks};

impl Tx {
    /// Writes everything that a decision wants written and what its domains make of their orders, and queues a
    /// delivery for every endpoint that wants one of its events.
    ///
    /// # Errors
    /// [`Halt::Clash`] when a row is no longer at the version it was read at, or its place is taken.
    pub fn apply<'a>(&'a mut self, change: Change, ids: &'a Ids, now: Time) -> BoxFuture<'a, Result<(), Halt>> {
        // It is large, and the compiler would make one of it for each decision, were it not on the heap.
        self.write_down(change, ids, now).boxed()
    }

    async fn write_down(&mut self, mut change: Change, ids: &Ids, now: Time) -> Result<(), Halt> {
        for remembered in &change.remembered {
            idempotency::keep(self, remembered).await?;
        }
        for partner in &change.partners.update {
            partners::lock(self, &partner.id).await?;
        }
        self.update(&change.partners.update).await?;
        self.insert(&change.partners.insert).await?;
        for key in &change.keys.update {
            keys::hold_alone(self, &key.id).await?;
        }
        self.update(&change.keys.update).await?;
        self.insert(&change.keys.insert).await?;
        self.update(&change.endpoints.update).await?;
        self.insert(&change.endpoints.insert).await?;
        for id in &change.endpoints_removed {
            self.remove_endpoint(id).await?;
        }
        // What follows looks at partners and endpoints.
        self.send_later().await?;
        self.insert(&change.users.insert).await?;
        self.update(&change.users.update).await?;
        self.apply_bundles(&change).await?;
        for id in &change.quotes_removed {
            // Two who make room at once remove the same ones.
            self.run("DELETE FROM quotes WHERE id = $1", args![id]).await?;
        }
        self.insert(&change.quotes).await?;
        self.insert(&change.orders.insert).await?;
        // Two that take some of the same names wait for each other in one order, whatever order they were sent in.
        change.domains.insert.sort_by(|one, other| one.name.cmp(&other.name));
        change.domains.update.sort_by(|one, other| one.id.cmp(&other.id));
        // A name must be let go before it is taken again.
        self.update(&change.domains.update).await?;
        self.insert(&change.domains.insert).await?;
        standing::follow(self, &mut change, ids, now).await?;
        self.update(&change.orders.update).await?;
        self.update(&change.inboxes.update).await?;
        self.insert(&change.inboxes.insert).await?;
        self.update(&change.actions.update).await?;
        self.insert(&change.actions.insert).await?;
        self.update(&change.runs.update).await?;
        self.insert(&change.runs.insert).await?;
        self.update(&change.intents.update).await?;
        self.insert(&change.intents.insert).await?;
        self.apply_jobs(&change).await?;
        self.apply_notices(&change).await?;
        self.apply_zones(&change).await?;
        self.apply_consents(&change).await?;
        self.keep_looks(&change.evidence).await?;
        self.insert(&change.lines).await?;
        self.booked.add(&change.lines);
        self.update(&change.deliveries.update).await?;
        let (deliveries, tasks) = self.deliveries_of(&change.events, ids, now).await?;
        self.tell(&change.events).await?;
        self.insert(&change.deliveries.insert).await?;
        self.insert(&deliveries).await?;
        let all: Vec<Task> = change.tasks.into_iter().chain(tasks).collect();
        tasks::queue(self, &all).await?;
        tasks::make_due(self, &change.make_due, now).await
    }

    async fn apply_bundles(&mut self, change: &Change) -> Result<(), Halt> {
        self.update(&change.bundles.update).await?;
        self.insert(&change.bundles.insert).await?;
        for id in &change.bundles_removed {
            self.remove_bundle(id).await?;
        }
        Ok(())
    }

    async fn apply_jobs(&mut self, change: &Change) -> Result<(), Halt> {
        self.update(&change.swaps.update).await?;
        self.insert(&change.swaps.insert).await?;
        self.update(&change.imports.update).await?;
        self.insert(&change.imports.insert).await?;
        self.update(&change.import_rows.update).await?;
        self.insert(&change.import_rows.insert).await?;
        self.update(&change.forwardings.update).await?;
        self.insert(&change.forwardings.insert).await
    }

    /// What is closed or lifted goes first: its place may be taken again.
    async fn apply_notices(&mut self, change: &Change) -> Result<(), Halt> {
        self.update(&change.notices.update).await?;
        self.insert(&change.notices.insert).await?;
        self.update(&change.messages.update).await?;
        self.insert(&change.messages.insert).await?;
        self.update(&change.pauses.update).await?;
        self.insert(&change.pauses.insert).await
    }

    /// One that is given up goes first: its domain may have another.
    async fn apply_zones(&mut self, change: &Change) -> Result<(), Halt> {
        self.update(&change.zones.update).await?;
        self.insert(&change.zones.insert).await?;
        self.mark_zones(&change.zones.update).await?;
        self.mark_zones(&change.zones.insert).await
    }

    /// Those of domains that have ended go last: whatever was heard of them goes too.
    async fn apply_consents(&mut self, change: &Change) -> Result<(), Halt> {
        self.update(&change.consents.update).await?;
        self.insert(&change.consents.insert).await?;
        for domain in &change.consents_ended {
            self.end_consents(domain).await?;
        }
        Ok(())
    }

    async fn remove_bundle(&mut self, id: &BundleId) -> Result<(), Halt> {
        let removed = self.run("DELETE FROM bundles WHERE id = $1", args![id]).await?;
        if removed == 0 { Err(Halt::Clash) } else { Ok(()) }
    }

    async fn remove_endpoint(&mut self, id: &EndpointId) -> Result<(), Halt> {
        let removed = self.run("DELETE FROM endpoints WHERE id = $1", args![id]).await?;
        if removed == 0 { Err(Halt::Clash) } else { Ok(()) }
    }

    /// Events need a column that only the database knows: their place in the feed.
    async fn tell(&mut self, events: &[Event]) -> Result<(), Halt> {
        const PARTNER: usize = place::<Event>("partner");
        const WORLD: usize = place::<Event>("world");
        let columns = Event::COLUMNS.join(", ");
        for chunk in events.chunks(self.rows_at_once(Event::COLUMNS.len())) {
            let mut rows = String::new();
            self.backend().push_rows(&mut rows, chunk.len(), Event::COLUMNS.len());
            let (partner, world) = (format!("new.column{PARTNER}"), format!("new.column{WORLD}"));
            let position = self.backend().feed_position(&partner, &world);
            let sql =
                format!("INSERT INTO events ({columns}, position) SELECT new.*, {position} FROM (VALUES {rows}) new");
            let values = chunk.iter().flat_map(|event| event.values(&self.vault)).collect();
            self.insert_later(sql, values, chunk.len()).await?;
        }
        Ok(())
    }

    async fn deliveries_of(
        &mut self,
        events: &[Event],
        ids: &Ids,
        now: Time,
    ) -> Result<(Vec<Delivery>, Vec<Task>), Halt> {
        let (mut deliveries, mut tasks) = (vec![], vec![]);
        let mut endpoints: Option<(&Event, Vec<Endpoint>)> = None;
        for event in events {
            let known =
                endpoints.take().filter(|(first, _)| first.partner == event.partner && first.world == event.world);
            let (first, list) = match known {
                Some(known) => known,
                None => (event, endpoints::of_partner_beside(self, &event.partner, event.world.environment()).await?),
            };
            for endpoint in list.iter().filter(|endpoint| endpoint.wants(event.kind)) {
                let id = ids.next();
                let delivery = Delivery::due(id, event.id.clone(), endpoint, &event.world, event.created_at);
                tasks.push(delivery.task(ids, now));
                deliveries.push(delivery);
            }
            endpoints = Some((first, list));
        }
        Ok((deliveries, tasks))
    }
}
