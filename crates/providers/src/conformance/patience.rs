//! Trying again, as a worker would, until a provider has made up its mind.

use crate::call::Call;
use crate::roles::Part;
use crate::trouble::{Refused, Trouble};

/// Tries before a provider counts as stuck.
const TRIES: usize = 20;

/// What a provider has to say in the end.
enum Verdict<T> {
    Yes(T),
    No(Trouble),
}

/// The answer; everything but *later* and *unknown* breaks the contract.
pub(super) async fn settled<T>(call: &Call, attempt: impl AsyncFn(&Call) -> Result<T, Trouble>) -> T {
    match decided(call, attempt).await {
        Verdict::Yes(answer) => answer,
        Verdict::No(trouble) => panic!("{} has to work, and ended with {trouble:?}", call.reference),
    }
}

/// All parts of the answer; everything but *later* and *unknown* breaks the contract.
pub(super) async fn settled_parts<T>(call: &Call, attempt: impl AsyncFn(&Call) -> Part<T>) -> Vec<T> {
    let whole = async |call: &Call| match attempt(call).await {
        Part { done, trouble: None } => Ok(done),
        Part { trouble: Some(trouble), .. } => Err(trouble),
    };
    settled(call, whole).await
}

/// The refusal; an answer breaks the contract.
pub(super) async fn refused<T>(call: &Call, attempt: impl AsyncFn(&Call) -> Result<T, Trouble>) -> Refused {
    match decided(call, attempt).await {
        Verdict::No(Trouble::Refused(refused)) => refused,
        Verdict::No(trouble) => panic!("{} has to be refused, and ended with {trouble:?}", call.reference),
        Verdict::Yes(_) => panic!("{} has to be refused, and worked", call.reference),
    }
}

async fn decided<T>(call: &Call, attempt: impl AsyncFn(&Call) -> Result<T, Trouble>) -> Verdict<T> {
    let mut call = call.clone();
    let mut last = Trouble::Unknown;
    for _ in 0..TRIES {
        last = match attempt(&call).await {
            Ok(answer) => return Verdict::Yes(answer),
            Err(trouble) => trouble,
        };
        match last {
            Trouble::Later(when) => call.now = when.map_or(call.now, |when| when.max(call.now)),
            Trouble::UnderWay(_, when) => call.now = when.max(call.now),
            Trouble::Unknown => {}
            Trouble::Refused(_) | Trouble::Misconfigured(_) => return Verdict::No(last),
        }
    }
    panic!(
        "{} was neither done nor refused in {TRIES} tries, the last of which ended with {last:?}: no answer was understood, or \
         the vendor never comes to an end; its log says which",
        call.reference
    )
}
