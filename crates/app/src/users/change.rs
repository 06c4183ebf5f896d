//! Changing a customer.

use async_trait::async_trait;
use model::audit::Act;
use model::id::UserId;
use model::user::{self, User, Wish};
use store::{Halt, users};

use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Changes a user.
pub struct ChangeUser {
    /// Which.
    pub id: UserId,
    /// What it should be.
    pub wish: Wish,
}

#[async_trait]
impl UseCase for ChangeUser {
    type Output = User;
    const ACT: Act = Act::UserChange;

    fn subject(&self, user: &User) -> Option<String> {
        Some(user.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<User>, Halt> {
        let (mut present, user) = acting.present().await?.user(&self.id).await?;
        let holder = match &self.wish.email {
            Some(email) => users::active_by_email(&mut present.tx, &present.scope, email).await?,
            None => None,
        };
        let decided = user::change(user, self.wish.clone(), holder.as_ref())?;
        present.apply(decided.change).await?;
        Ok(present.done(decided.user))
    }
}
