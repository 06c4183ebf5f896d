//! Pictures.

use model::action::ActionReason;
use serde_json::json;

use super::Google;
use super::scope::Scope;
use super::users::web_safe;
use super::wire::User;
use crate::trouble::{Refused, Trouble};
use crate::vendor::Method;

impl Google {
    /// Gives a user a picture. The vendor makes it smaller and keeps another one than it was given, so that nobody can see
    /// whether it is that one: whoever asks sends it again.
    pub(super) async fn show(&self, user: &User, picture: &[u8]) -> Result<(), Trouble> {
        let request = Self::users("set_photo", Method::Put, &[&user.id, "photos", "thumbnail"]);
        match self.ask(Scope::Users, request.body(json!({ "photoData": web_safe(picture) }))).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 400 => Err(Trouble::Refused(Refused::Ask(ActionReason::ProfilePictureNotAnImage))),
            Err(no) if no.status == 404 => Err(Trouble::Later(None)),
            Err(no) => Err(self.refused(&no, Scope::Users)),
        }
    }
}
