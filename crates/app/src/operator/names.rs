//! Names that lie in accounts at vendors, and are to be known here.

use model::audit::Act;
use model::change::Change;
use model::clock::{Now, Time};
use model::domain::Assigned;
use model::domain::{Domain, DomainName, DomainStatus, MailProvider, Source};
use model::id::TaskId;
use model::partner::Partner;
use model::refusal::{Code, Fault, Refusal};
use model::run::RunKind;
use model::task::Task;
use model::world::{Environment, World};
use store::{Failure, domains, runs};

use super::{Did, Operator};

impl Operator {
    /// Takes a name that lies in an account into a partner's inventory. When it runs out has to be known: otherwise it would never be
    /// renewed for the order that uses it.
    ///
    /// # Errors
    /// `already_exists` when a live row has it, and what goes wrong in the store.
    pub async fn adopt(
        &self,
        partner: &Partner,
        name: &DomainName,
        account: &str,
        expires_at: Time,
    ) -> Result<(), Failure> {
        let (scope, id) = (partner.scope(Environment::Live), self.ids.next());
        let adopted = Domain {
            status: DomainStatus::Available,
            held: true,
            usable_for: MailProvider::ALL.to_vec(),
            expires_at: Some(expires_at),
            accounts: Assigned { registrar: Some(account.to_owned()), ..Assigned::default() },
            ..Domain::new(id, &scope, name.clone(), Source::Registrar, self.now())
        };
        let task: TaskId = self.ids.next();
        self.decide(move |tx, now| {
            let (adopted, task) = (adopted.clone(), task.clone());
            Box::pin(async move {
                let name = std::slice::from_ref(&adopted.name);
                if let Some(holder) = domains::holders(tx, &adopted.world, name).await?.pop() {
                    let message = format!("{} is known here already, as {}.", adopted.name, holder.id);
                    return Err(Refusal::from(Fault::new(Code::AlreadyExists, message)).into());
                }
                let mut change = Change::default();
                let due = Now { server: now, offset: 0 }.due(expires_at);
                change.tasks.push(Task::for_expiry(task, &adopted.id, &adopted.partner, &adopted.world, due));
                let did = Did {
                    act: Act::NameAdopt,
                    partner: Some(adopted.partner.clone()),
                    environment: Some(Environment::Live),
                    subject: Some(adopted.name.to_string()),
                };
                change.domains.insert.push(adopted);
                Ok((change, did, ()))
            })
        })
        .await
    }

    /// Takes over the day on which a live name runs out, as its account has it.
    ///
    /// # Errors
    /// `not_found` when no live row has the name, and what goes wrong in the store.
    pub async fn take_over_expiry(&self, name: &DomainName, expires_at: Time) -> Result<(), Failure> {
        let (name, task): (_, TaskId) = (name.clone(), self.ids.next());
        self.decide(move |tx, now| {
            let (name, task) = (name.clone(), task.clone());
            Box::pin(async move {
                let holder = domains::holders(tx, &World::live(), std::slice::from_ref(&name)).await?.pop();
                let none = || Refusal::from(Fault::new(Code::NotFound, format!("{name} is no live domain here.")));
                let domain = holder.ok_or_else(none)?;
                let did = Did {
                    act: Act::NameExpiry,
                    partner: Some(domain.partner.clone()),
                    environment: Some(Environment::Live),
                    subject: Some(name.to_string()),
                };
                let mut change = Change::default();
                // Whatever waits for the day looks again: at the old one it would come too early or too late.
                let renewing = runs::open_of_domain(tx, &domain.id, RunKind::Renew).await?;
                change.make_due.extend(renewing.into_iter().map(|run| run.id));
                if domain.status == DomainStatus::Available {
                    let due = Now { server: now, offset: 0 }.due(expires_at);
                    change.tasks.push(Task::for_expiry(task.clone(), &domain.id, &domain.partner, &domain.world, due));
                }
                change.domains.update.push(Domain { expires_at: Some(expires_at), ..domain });
                Ok((change, did, ()))
            })
        })
        .await
    }
}
