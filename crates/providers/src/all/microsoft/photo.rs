//! Pictures. There is a place for them once there is a mailbox.

use model::action::ActionReason;
use serde::de::IgnoredAny;

use super::Microsoft;
use super::service::Service;
use super::wire::User;
use crate::trouble::{Refused, Trouble};
use crate::vendor::Method;

/// What a PNG begins with.
const PNG: &[u8] = b"\x89PNG";

impl Microsoft {
    pub(super) async fn has_photo(&self, user: &User) -> Result<bool, Trouble> {
        let request = Self::users("look_at_photo", Method::Get, &[&user.id, "photo"]);
        Ok(self.look::<IgnoredAny>(request).await?.is_some())
    }

    /// Gives a user a picture. Nobody can see whether it is the same one: whoever asks sends it again.
    pub(super) async fn show(&self, user: &User, picture: &[u8]) -> Result<(), Trouble> {
        let media_type = if picture.starts_with(PNG) { "image/png" } else { "image/jpeg" };
        let request = Self::users("set_photo", Method::Put, &[&user.id, "photo", "$value"]);
        match self.ask(Service::Graph, request.bytes(media_type, picture.to_vec())).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 400 => Err(Trouble::Refused(Refused::Ask(ActionReason::ProfilePictureNotAnImage))),
            Err(no) if no.status == 404 => Err(Trouble::Later(None)),
            Err(no) => Err(self.refused(&no)),
        }
    }
}
