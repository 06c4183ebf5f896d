//! Why an event was told, where somebody has to act or something failed.

use serde::Serialize;
use utoipa::ToSchema;

use super::text;
use crate::action::Action;

/// What stands beside the object in the `data` of events that ask for something or tell of a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Why {
    /// Why. New reasons may be added.
    #[schema(example = "name_taken")]
    pub reason: String,
    #[serde(flatten)]
    #[schema(inline)]
    told: Told,
}

/// The same without the reason, for an object that has it itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WhatToDo)]
pub struct Told {
    /// The pending action that waits for an answer: see `POST /orders/pending/{id}/resolve`. Null where none does.
    #[schema(required, example = "act_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    action_id: Option<String>,
    /// What happened and what to do, in words that a customer can read.
    #[schema(example = "Somebody else registered the name first. Choose a replacement, or give it up for a credit.")]
    message: String,
}

#[derive(Serialize)]
struct Explained<'a, T, W> {
    #[serde(flatten)]
    object: &'a T,
    #[serde(flatten)]
    why: &'a W,
}

impl Why {
    /// Something that nobody is asked about.
    #[must_use]
    pub fn told(reason: &str, message: &str) -> Self {
        Self { reason: reason.to_owned(), told: Told { action_id: None, message: message.to_owned() } }
    }

    /// An import of which nothing has come.
    #[must_use]
    pub fn nothing_imported() -> Self {
        let message = "None of the names could be imported; `domains[].reason` says why for each. Mend that, and import them again.";
        Self::told("nothing_imported", message)
    }

    /// An order of which nothing has come.
    #[must_use]
    pub fn nothing_delivered() -> Self {
        let message = "None of the order's domains could be made ready, and what was not delivered is credited. Names that were bought are in your inventory; the order's timeline says what happened to each.";
        Self::told("nothing_delivered", message)
    }

    /// What a pending action asks for.
    #[must_use]
    pub fn asked(action: &Action) -> Self {
        let told = Told { action_id: Some(action.id.to_string()), message: action.message.clone() };
        Self { reason: action.reason.as_str().to_owned(), told }
    }

    /// An object with it, as JSON text.
    #[must_use]
    pub fn beside(&self, object: &impl Serialize) -> String {
        text(&Explained { object, why: self })
    }

    /// The same for an object that has the reason itself.
    #[must_use]
    pub fn beside_its_reason(&self, object: &impl Serialize) -> String {
        text(&Explained { object, why: &self.told })
    }
}
