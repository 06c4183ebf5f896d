//! Deleting a customer.

use async_trait::async_trait;
use model::audit::Act;
use model::id::UserId;
use model::user::{self, User};
use store::{Halt, users};

use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Deletes a user who has no live order.
pub struct RemoveUser {
    /// Which.
    pub id: UserId,
}

#[async_trait]
impl UseCase for RemoveUser {
    type Output = User;
    const ACT: Act = Act::UserRemove;

    fn subject(&self, user: &User) -> Option<String> {
        Some(user.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<User>, Halt> {
        let (mut present, user) = acting.present().await?.user(&self.id).await?;
        let order = users::live_order(&mut present.tx, &present.scope, &self.id).await?;
        let decided = user::remove(&user, order.as_ref())?;
        present.apply(decided.change).await?;
        Ok(present.done(decided.user))
    }
}
