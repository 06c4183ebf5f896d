//! How every call that is about one name goes: a plain function, handed to the clerk.

use tokio::sync::oneshot;

use super::Sim;
use super::error::SimError;
use super::estate::Estate;
use super::ledger::Line;
use super::memory::{Job, Played};
use super::scene::Scene;
use crate::call::Call;
use crate::roles::Part;
use crate::trouble::Trouble;

impl Sim {
    /// Runs a plain function on what is remembered of the call's name, and answers when it is committed.
    ///
    /// # Errors
    /// The function's own, those that the name asks for, and `Unknown` when nobody knows of a commit.
    pub(super) async fn turn<T: Send + 'static>(
        &self,
        call: &Call,
        act: impl FnOnce(&mut Scene<'_>) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        self.take_time().await;
        let (teller, told) = oneshot::channel();
        let job = Job::new(call.clone(), |call, before| {
            let (answer, left) = play(call, before, act);
            // A caller that has stopped waiting need not hear it.
            let tell = Box::new(move || drop(teller.send(answer)));
            Played { memory: left.memory, lines: left.lines, tell }
        });
        self.memory.hand_over(job).await;
        told.await.unwrap_or(Err(Trouble::Unknown))
    }

    /// The same for a call about several things.
    pub(super) async fn turn_in_parts<T: Send + 'static>(
        &self,
        call: &Call,
        act: impl FnOnce(&mut Scene<'_>) -> Result<Part<T>, Trouble> + Send + 'static,
    ) -> Part<T> {
        let nothing = |trouble| Part { done: vec![], trouble: Some(trouble) };
        self.turn(call, act).await.unwrap_or_else(nothing)
    }
}

/// What a call leaves behind.
#[derive(Default)]
struct Left {
    memory: Option<String>,
    lines: Vec<Line>,
}

fn play<T>(
    call: &Call,
    before: Option<&str>,
    act: impl FnOnce(&mut Scene<'_>) -> Result<T, Trouble>,
) -> (Result<T, Trouble>, Left) {
    let mut scene = match before.map_or_else(|| Ok(Estate::default()), Estate::read) {
        Ok(estate) => Scene::new(call, estate),
        Err(source) => return (Err(SimError::damaged(&call.subject, source).into()), Left::default()),
    };
    let answer = scene.pace().and_then(|()| act(&mut scene));
    let answer = if scene.loses_the_answer() { Err(Trouble::Unknown) } else { answer };
    let memory = scene.estate.written();
    let changed = memory != before.unwrap_or("{}");
    (answer, Left { memory: changed.then_some(memory), lines: scene.lines })
}
