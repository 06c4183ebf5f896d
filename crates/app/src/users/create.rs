//! A new customer.

use async_trait::async_trait;
use model::audit::Act;
use model::user::{self, Asked, User};
use store::{Halt, users};

use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Makes a user.
pub struct CreateUser {
    /// Who.
    pub asked: Asked,
}

#[async_trait]
impl UseCase for CreateUser {
    type Output = User;
    const ACT: Act = Act::UserCreate;

    fn subject(&self, user: &User) -> Option<String> {
        Some(user.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<User>, Halt> {
        let mut present = acting.present().await?;
        let holder = users::active_by_email(&mut present.tx, &present.scope, &self.asked.email).await?;
        let asked = self.asked.clone();
        let decided = user::create(&present.scope, asked, holder.as_ref(), present.now, &present.ids)?;
        present.apply(decided.change).await?;
        Ok(present.done(decided.user))
    }
}
