//! The people of an order.

use model::persona::{Persona, spell};

use crate::body::Spot;

/// Reads one. The key of the picture has to be there, even when there is no picture: whoever sends no
/// key has most likely forgotten it.
pub(crate) fn read<'a>(item: &Spot<'a>, address: impl Fn(&Spot<'a>) -> Option<String>) -> Option<Persona> {
    item.object(|fields| {
        let first_name = fields.required("first_name", name);
        let last_name = fields.required("last_name", name);
        if !fields.present(PICTURE) {
            fields.refuse::<()>(PICTURE, "Send the public address of a picture, or null for none.");
        }
        let picture =
            fields.optional(PICTURE, |spot| if spot.value() == "" { Some(String::new()) } else { address(spot) });
        Some(Persona { first_name: first_name?, last_name: last_name?, profile_picture_url: picture })
    })
}

const PICTURE: &str = "profile_picture_url";

fn name(spot: &Spot<'_>) -> Option<String> {
    let text = spot.text(1..=60)?;
    if spell(text).is_empty() {
        return spot.refuse("Send a name with at least one letter or digit: addresses are made of it.");
    }
    Some(text.to_owned())
}
