//! Showing an authority that names lead here: answers are kept where every process finds them, and then it looks.

use std::time::Duration;

use instant_acme::{AuthorizationStatus, ChallengeType, Order, OrderStatus, RetryPolicy};
use model::clock::Time;
use tokio::time::sleep;

use super::super::challenge::{Challenge, ChallengeKind};
use super::keeper::Keeper;
use super::trouble::Trouble;

/// How often it is asked how far it is; where it says when to ask again, that counts.
pub(super) const ASKING: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(500)).backoff(1.5).timeout(Duration::from_mins(2));

/// How often it is looked whether a name is decided about whose order has failed, and how long is waited in between.
const LOOKS: u32 = 15;
const LOOK: Duration = Duration::from_secs(1);

/// Shows that all names of an order lead here, in one way, with answers that are kept until a time.
pub(super) async fn prove(
    order: &mut Order,
    way: ChallengeKind,
    keeper: &dyn Keeper,
    until: Time,
) -> Result<(), Trouble> {
    answer_all(order, way, keeper, until).await?;
    if order.state().status == OrderStatus::Pending {
        let waited = order.poll_ready(&ASKING).await;
        if order.state().status == OrderStatus::Invalid {
            let refused = refused(order).await?;
            if !refused.is_empty() {
                return Err(Trouble::Names(refused));
            }
        }
        waited?;
    }
    Ok(())
}

/// Keeps all answers first, and then says that they are there: the other order would have it look for what is not there yet.
async fn answer_all(order: &mut Order, way: ChallengeKind, keeper: &dyn Keeper, until: Time) -> Result<(), Trouble> {
    for says_ready in [false, true] {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            if authorization.status != AuthorizationStatus::Pending {
                continue;
            }
            let name = authorization.identifier().to_string();
            let Some(mut challenge) = authorization.challenge(kind(way)) else {
                return Err(Trouble::Names(vec![(name, "it cannot be shown in our way that it leads here".into())]));
            };
            if says_ready {
                challenge.set_ready().await?;
                continue;
            }
            let authorization = challenge.key_authorization().as_str().to_owned();
            let answer = Challenge { name, kind: way, token: challenge.token.clone(), authorization, until };
            keeper.keep_answer(answer).await.map_err(Trouble::Kept)?;
        }
    }
    Ok(())
}

/// The names that it did not accept, and why. One that it has not looked at to the end is not accepted either, where another one is
/// not: that the order has failed says nothing about it.
async fn refused(order: &mut Order) -> Result<Vec<(String, String)>, Trouble> {
    let mut refused = vec![];
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        let mut looks = LOOKS;
        while authorization.refresh().await?.status == AuthorizationStatus::Pending && looks > 0 {
            looks -= 1;
            sleep(LOOK).await;
        }
        let why = authorization.challenges.iter().find_map(|challenge| challenge.error.as_ref()?.detail.clone());
        let why = match authorization.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => "it was not looked at in time".into(),
            _ => why.unwrap_or_else(|| "it gave no reason".into()),
        };
        refused.push((authorization.identifier().to_string(), why));
    }
    Ok(refused)
}

const fn kind(way: ChallengeKind) -> ChallengeType {
    match way {
        ChallengeKind::Http01 => ChallengeType::Http01,
        ChallengeKind::TlsAlpn01 => ChallengeType::TlsAlpn01,
    }
}
