//! A domain that is given up: its users, what they were licensed for, and then the domain itself.

use model::clock::MINUTE;

use super::Google;
use super::scope::Scope;
use super::wire::User;
use crate::call::Call;
use crate::trouble::{Refused, Trouble};
use crate::vendor::Method;

/// How long the vendor takes to see that nobody is left, in microseconds.
const SEES: i64 = 5 * MINUTE;

impl Google {
    pub(super) async fn close_domain(&self, call: &Call) -> Result<(), Trouble> {
        let name = &call.subject;
        let Some(domain) = self.domain(name).await? else { return Ok(()) };
        if domain.is_primary {
            return Err(keeps(format!("{name} is the first domain of its Google tenant, which cannot be removed.")));
        }
        let users = self.users_of(name, false).await?;
        if let Some(admin) = users.iter().find(|user| user.is_admin || user.is_at(self.tokens.subject())) {
            let email = &admin.primary_email;
            return Err(keeps(format!("{email} administers the Google tenant: give this user another domain first.")));
        }
        for user in &users {
            self.delete_user(user).await?;
        }
        let request = self.domains("remove_domain", Method::Delete, &[name.as_str()]);
        match self.ask(Scope::Domains, request).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 404 => Ok(()),
            // The users are gone, and not seen to be.
            Err(no) if matches!(no.status, 400 | 409 | 412) => Err(Trouble::Later(Some(call.now.plus(SEES)))),
            Err(no) => Err(self.refused(&no, Scope::Domains)),
        }
    }

    /// What they are licensed for first: who cannot be found any more cannot give it back.
    async fn delete_user(&self, user: &User) -> Result<(), Trouble> {
        self.unlicense(user).await?;
        match self.ask(Scope::Users, Self::users("delete_user", Method::Delete, &[&user.id])).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 404 => Ok(()),
            Err(no) => Err(self.refused(&no, Scope::Users)),
        }
    }
}

const fn keeps(words: String) -> Trouble {
    Trouble::Refused(Refused::ForGood(words))
}
