//! What has to hold when nobody hears the answer: the next try finds what the lost one made.

use std::fmt::Debug;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use model::domain::{DomainName, MailProvider};
use model::run::StepName;

use super::maker::Maker;
use super::patience::settled;
use super::renaming::renamed;
use super::stage::{PLENTY, login, mailboxes, reachable};
use crate::call::Call;
use crate::cast::Cast;
use crate::roles::Part;
use crate::trouble::Trouble;

/// At how many different moments a call is abandoned: a call waits for its provider less often than that.
const MOMENTS: usize = 16;

/// Walks a name from its purchase to its linked accounts and back to the bare name, and abandons every call at
/// several moments before it lets one finish. Whoever can count effects should find each of them once afterwards.
///
/// # Panics
/// With the first sentence of the contract that is broken.
pub async fn lost_replies(cast: &Cast, maker: &Maker, provider: MailProvider) {
    let name = maker.name();
    let (mail, call) = (cast.mail(provider), |step| maker.call(&name, step));
    let buy = async |call: &Call| cast.registrar.ensure_registered(call, PLENTY).await;
    insisted(&call(StepName::RegisterName), buy).await;
    let open = async |call: &Call| cast.dns.ensure_zone(call).await;
    let servers = insisted(&call(StepName::CreateZone), open).await;
    let point = async |call: &Call| cast.registrar.ensure_nameservers(call, &servers).await;
    insisted(&call(StepName::DelegateName), point).await;
    let records = insisted(&call(StepName::OpenMailDomain), async |call: &Call| mail.ensure_domain(call).await).await;
    let publish = async |call: &Call| cast.dns.ensure_records(call, &records).await;
    insisted(&call(StepName::PublishRecords), publish).await;
    insisted(&call(StepName::VerifyMailDomain), async |call: &Call| mail.ensure_verified(call).await).await;
    let boxes = mailboxes(&name, 3);
    let fill = async |call: &Call| whole(mail.ensure_mailboxes(call, &boxes).await);
    let emails = insisted(&call(StepName::CreateInboxes), fill).await;
    let link = async |call: &Call| whole(cast.sequencer.ensure_linked(call, &login(), &reachable(&emails)).await);
    insisted(&call(StepName::LinkSequencer), link).await;
    lost_farewells(cast, maker, provider, &name, &emails).await;
}

/// The other half of a name's life: renewed, one mailbox renamed, then everything but the name undone.
async fn lost_farewells(cast: &Cast, maker: &Maker, provider: MailProvider, name: &DomainName, emails: &[String]) {
    let call = |what| maker.later_call(name, what);
    let (asking, look) =
        (maker.call(name, StepName::RegisterName), async |call: &Call| cast.registrar.registered(call).await);
    let Some(bought) = insisted(&asking, look).await else { panic!("{name} was bought and is not found") };
    let renew = async |call: &Call| {
        cast.registrar.ensure_renewed(call, bought.expires_at, PLENTY).await.map(|it| it.expires_at)
    };
    insisted(&call("renew"), renew).await;
    insisted(&call("rename"), async |call: &Call| renamed(cast, provider, call, &emails[0]).await).await;
    let unlink = async |call: &Call| cast.sequencer.ensure_unlinked(call, &login(), emails).await;
    insisted(&call("unlink"), unlink).await;
    insisted(&call("close"), async |call: &Call| cast.mail(provider).ensure_no_domain(call).await).await;
    insisted(&call("remove"), async |call: &Call| cast.dns.ensure_no_zone(call).await).await;
}

fn whole<T>(part: Part<T>) -> Result<Vec<T>, Trouble> {
    part.trouble.map_or(Ok(part.done), Err)
}

/// Abandons a call at every moment, then lets it finish twice: both have to say the same.
async fn insisted<T: PartialEq + Debug>(call: &Call, attempt: impl AsyncFn(&Call) -> Result<T, Trouble>) -> T {
    for waits in 0..MOMENTS {
        abandoned(attempt(call), waits).await;
    }
    let first = settled(call, &attempt).await;
    let again = settled(call, &attempt).await;
    assert_eq!(first, again, "{}: a later try finds what an earlier one made", call.reference);
    first
}

/// Lets a call wait so many times for its provider, and drops it when it has to wait once more.
async fn abandoned(call: impl Future, waits: usize) {
    let mut call = pin!(call);
    let mut waited = 0;
    poll_fn(|context| {
        if call.as_mut().poll(context).is_ready() || waited == waits {
            return Poll::Ready(());
        }
        waited += 1;
        Poll::Pending
    })
    .await;
}
