//! Which roles a domain is given accounts for, and when.

use super::{Run, RunKind, StepName};
use crate::domain::{Domain, Source};
use crate::role::Role;

/// The roles that a run's step is about to need of a domain that has no account for them yet. Steps that only look or take
/// down give none: where no account was ever needed, nothing was set up.
#[must_use]
pub fn roles_given(run: &Run, domain: &Domain) -> Vec<Role> {
    let spec = run.step.spec();
    if !spec.acts || matches!(run.step, StepName::CloseInboxes | StepName::ReleaseDomain | StepName::LookBack) {
        return vec![];
    }
    let redirects = domain.forwarding_url.is_some() || run.kind == RunKind::Forward;
    let needs = |role: &Role| match role {
        Role::Registrar => domain.source == Source::Registrar,
        Role::Redirect => redirects,
        Role::Dns => run.step != StepName::SetForwarding || redirects,
        Role::Mail => domain.provider.is_some(),
        Role::Sequencer => true,
        Role::Observer => false,
    };
    let missing = |role: &Role| domain.accounts.get(*role).is_none();
    spec.talks_to.iter().copied().filter(|role| needs(role) && missing(role)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DomainStatus;
    use crate::id::Id as _;
    use crate::run::tests::{NOW, domain};

    fn given(kind: RunKind, step: StepName, domain: &Domain) -> Vec<Role> {
        let run = Run { step, ..Run::new(crate::id::RunId::opaque("run_1"), kind, domain, NOW) };
        roles_given(&run, domain)
    }

    #[test]
    fn a_role_is_given_when_it_is_first_needed_and_kept() {
        let mut domain = domain(DomainStatus::Pending, false);
        // Whoever is to host its mail is asked before the name is bought.
        assert_eq!(given(RunKind::Provision, StepName::RegisterName, &domain), [Role::Registrar, Role::Mail]);
        domain.accounts.give(Role::Registrar, "acme");
        domain.accounts.give(Role::Mail, "office");
        assert!(given(RunKind::Provision, StepName::RegisterName, &domain).is_empty());
        assert_eq!(given(RunKind::Provision, StepName::CreateZone, &domain), [Role::Dns]);
    }

    #[test]
    fn what_is_not_needed_is_not_given() {
        let mut domain = domain(DomainStatus::Active, true);
        assert!(given(RunKind::Provision, StepName::SetForwarding, &domain).is_empty(), "it redirects nowhere");
        assert_eq!(given(RunKind::Forward, StepName::SetForwarding, &domain), [Role::Redirect, Role::Dns]);
        assert!(given(RunKind::Close, StepName::ReleaseDomain, &domain).is_empty(), "nothing was set up");
        domain.source = Source::Imported;
        assert!(given(RunKind::Import, StepName::DelegateName, &domain).is_empty(), "its owner points it");
    }
}
