//! The calls of a check.

use std::sync::atomic::{AtomicU64, Ordering};

use model::clock::Time;
use model::domain::DomainName;
use model::run::StepName;
use model::world::World;

use crate::call::Call;

/// Makes the calls of a check. No two checks get the same name, so they do not disturb each other.
pub struct Maker {
    world: World,
    now: Time,
    names: Box<dyn Fn(u64) -> DomainName + Send + Sync>,
    drawn: AtomicU64,
}

impl Maker {
    /// Calls about a world at a partner time. `names` turns 1, 2, 3… into names that are free to buy there.
    pub fn new(world: World, now: Time, names: impl Fn(u64) -> DomainName + Send + Sync + 'static) -> Self {
        Self { world, now, names: Box::new(names), drawn: AtomicU64::new(0) }
    }

    /// The world that calls are about.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// A name that no check has used.
    #[must_use]
    pub fn name(&self) -> DomainName {
        (self.names)(self.drawn.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The call that a step of a name's run makes: the same on every try.
    #[must_use]
    pub fn call(&self, name: &DomainName, step: StepName) -> Call {
        self.call_of("run", name, step)
    }

    /// The call that a step of somebody else's run makes for the same name.
    #[must_use]
    pub fn rival_call(&self, name: &DomainName, step: StepName) -> Call {
        self.call_of("rival", name, step)
    }

    fn call_of(&self, run: &str, name: &DomainName, step: StepName) -> Call {
        Call {
            world: self.world.clone(),
            now: self.now,
            reference: format!("{run}_{name}/{}", step.as_str()),
            nudges: 0,
            subject: name.clone(),
        }
    }
}
