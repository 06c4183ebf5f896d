//! The three beats of every call that is about one name: load, act, keep.

use crate::call::Call;
use crate::roles::Part;
use crate::trouble::Trouble;

use super::Sim;
use super::error::SimError;
use super::estate::Estate;
use super::ledger::Line;
use super::scene::Scene;

/// A scene after the act, as it goes into memory.
struct Left {
    memory: Option<String>,
    lines: Vec<Line>,
}

impl Sim {
    /// Runs one plain function on the call's name as one transaction.
    ///
    /// # Errors
    /// The function's own, those that the name asks for, and what becomes of a memory that fails.
    pub(super) async fn turn<T: Send>(
        &self,
        call: &Call,
        act: impl FnOnce(&mut Scene<'_>) -> Result<T, Trouble> + Send,
    ) -> Result<T, Trouble> {
        self.take_time().await;
        let mut session = self.memory.begin(call).await.map_err(SimError::before_acting)?;
        let before = session.load(call).await.map_err(SimError::before_acting)?;
        let (answer, left) = play(call, before.as_deref(), act).map_err(SimError::before_acting)?;
        let kept = session.keep(call, left.memory.as_deref(), &left.lines, self.clock.now()).await;
        kept.map_err(SimError::while_acting).and(answer)
    }

    /// The same for a call about several things.
    pub(super) async fn turn_in_parts<T: Send>(
        &self,
        call: &Call,
        act: impl FnOnce(&mut Scene<'_>) -> Result<Part<T>, Trouble> + Send,
    ) -> Part<T> {
        let nothing = |trouble| Part { done: vec![], trouble: Some(trouble) };
        self.turn(call, act).await.unwrap_or_else(nothing)
    }
}

fn play<T>(
    call: &Call,
    before: Option<&str>,
    act: impl FnOnce(&mut Scene<'_>) -> Result<T, Trouble>,
) -> Result<(Result<T, Trouble>, Left), SimError> {
    let damaged = |source| SimError::Damaged { name: call.subject.to_string(), source };
    let estate = before.map_or_else(|| Ok(Estate::default()), serde_json::from_str).map_err(damaged)?;
    let mut scene = Scene::new(call, estate);
    let answer = scene.pace().and_then(|()| act(&mut scene));
    let answer = if scene.loses_the_answer() { Err(Trouble::Unknown) } else { answer };
    let memory = serde_json::to_string(&scene.estate).map_err(damaged)?;
    let changed = before.unwrap_or("{}") != memory;
    Ok((answer, Left { memory: changed.then_some(memory), lines: scene.lines }))
}
