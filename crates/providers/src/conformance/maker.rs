//! The calls of a check.

use std::sync::atomic::{AtomicU64, Ordering};

use model::clock::Time;
use model::domain::DomainName;
use model::id::{Id as _, UserId};
use model::run::StepName;
use model::world::World;

use crate::call::Call;

/// Makes the calls of a check. No two checks get the same name, so they do not disturb each other.
pub struct Maker {
    world: World,
    now: Time,
    names: Names,
    nobodys: Option<Names>,
    drawn: AtomicU64,
}

type Names = Box<dyn Fn(u64) -> DomainName + Send + Sync>;

impl Maker {
    /// Calls about a world at a partner time. `names` turns 1, 2, 3… into names that are free to buy there.
    pub fn new(world: World, now: Time, names: impl Fn(u64) -> DomainName + Send + Sync + 'static) -> Self {
        Self { world, now, names: Box::new(names), nobodys: None, drawn: AtomicU64::new(0) }
    }

    /// The same, where names that are free to buy are not the ones that nobody has registered: in a sandbox, whoever
    /// imports a name has registered it elsewhere.
    #[must_use]
    pub fn with_nobodys(self, names: impl Fn(u64) -> DomainName + Send + Sync + 'static) -> Self {
        Self { nobodys: Some(Box::new(names)), ..self }
    }

    /// The world that calls are about.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// A name that no check has used.
    #[must_use]
    pub fn name(&self) -> DomainName {
        (self.names)(self.draw())
    }

    /// A name that no check has used and nobody has registered.
    #[must_use]
    pub fn nobodys_name(&self) -> DomainName {
        self.nobodys.as_ref().unwrap_or(&self.names)(self.draw())
    }

    fn draw(&self) -> u64 {
        self.drawn.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The call that a step of a name's run makes: the same on every try.
    #[must_use]
    pub fn call(&self, name: &DomainName, step: StepName) -> Call {
        self.call_of("run", name, step.as_str())
    }

    /// The call that a later run makes for the name, to do `what`: the same on every try.
    #[must_use]
    pub fn later_call(&self, name: &DomainName, what: &str) -> Call {
        self.call_of("later", name, what)
    }

    /// The call that a step of somebody else's run makes for the same name.
    #[must_use]
    pub fn rival_call(&self, name: &DomainName, step: StepName) -> Call {
        self.call_of("rival", name, step.as_str())
    }

    fn call_of(&self, run: &str, name: &DomainName, step: &str) -> Call {
        Call {
            world: self.world.clone(),
            now: self.now,
            reference: format!("{run}_{name}/{step}"),
            nudges: 0,
            subject: name.clone(),
            registrant: None,
            asked_at: None,
            customer: Some(UserId::opaque("usr_1")),
            by_hand: None,
        }
    }
}
