//! Where the name can be had that is to take a domain's place.

use crate::domain::{Domain, DomainName, NameAnswer};
use crate::order::{NameRow, Order, Wanted, look_up_one};

/// Where it can be had; `None` when it cannot.
pub(crate) fn source(
    order: &Order,
    domain: &Domain,
    name: &DomainName,
    holder: Option<&Domain>,
    answers: &[NameAnswer],
) -> Option<NameRow> {
    let wanted =
        Wanted { name: name.clone(), forwarding_url: domain.forwarding_url.clone(), provider: domain.provider };
    look_up_one(&order.partner, &wanted, holder.map_or(&[], std::slice::from_ref), answers).ok()
}

/// Whether the name can be used for the domain's provider.
pub(crate) fn suits(domain: &Domain, row: &NameRow) -> bool {
    domain.provider.is_some_and(|provider| row.usable_for.contains(&provider))
}
