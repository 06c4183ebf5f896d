//! The people of an order.

use model::persona::{Persona, is_local_part, is_reserved, spell};

use crate::body::Spot;

/// Reads one. The key of the picture has to be there, even when there is no picture: whoever sends no
/// key has most likely forgotten it.
pub(crate) fn read<'a>(item: &Spot<'a>, address: impl Fn(&Spot<'a>) -> Option<String>) -> Option<Persona> {
    item.object(|fields| {
        let first_name = fields.required("first_name", name);
        // People with one name have no other; whoever sends no key has most likely forgotten it.
        if !fields.present(LAST_NAME) {
            fields.refuse::<()>(LAST_NAME, "Send the family name, or null for somebody with one name.");
        }
        let last_name =
            fields.optional(LAST_NAME, |spot| if spot.value() == "" { Some(String::new()) } else { name(spot) });
        if !fields.present(PICTURE) {
            fields.refuse::<()>(PICTURE, "Send the public address of a picture, or null for none.");
        }
        let picture =
            fields.optional(PICTURE, |spot| if spot.value() == "" { Some(String::new()) } else { address(spot) });
        let addresses = fields.optional("addresses", |spot| spot.list(0..=20, local_part));
        Some(Persona {
            first_name: first_name?,
            last_name: last_name.unwrap_or_default(),
            profile_picture_url: picture,
            addresses: addresses.unwrap_or_default(),
        })
    })
}

const PICTURE: &str = "profile_picture_url";

const LAST_NAME: &str = "last_name";

/// Characters that pages and signatures may take for more than themselves.
const MARKUP: &[char] = &['<', '>', '"', '\\', '{', '}', '`'];

fn local_part(spot: &Spot<'_>) -> Option<String> {
    let text = spot.text(1..=64)?.to_lowercase();
    if !is_local_part(&text) {
        return spot.refuse("Send what stands before the @: letters a to z, digits, and . - _ between them.");
    }
    if is_reserved(&text) {
        return spot.refuse(format!("`{text}` is kept for a role by mailbox hosts; send another."));
    }
    Some(text)
}

fn name(spot: &Spot<'_>) -> Option<String> {
    let text = spot.text(1..=60)?;
    if text.contains(MARKUP) {
        return spot.refuse("Send a name without < > \" \\ { } and `.");
    }
    if spell(text).is_empty() {
        return spot.refuse("Send a name with at least one letter or digit: addresses are made of it.");
    }
    Some(text.to_owned())
}
