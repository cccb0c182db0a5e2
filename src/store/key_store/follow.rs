//! What a hub does for its key store while it serves.

use std::time::Duration;

use super::Rotation;
use crate::{clock::Clock, store::Store};

/// How often: a grant that has run out opens nothing from its end on, and its copy goes then.
const LOOK: Duration = Duration::from_secs(3_600);

/// Begins an epoch with the month, and gives and takes copies, for as long as the hub runs.
pub async fn follow(store: Store, clock: Clock) {
    loop {
        let now = clock.now();
        match store.turn_month(now).await {
            Ok(Rotation {
                wrapped: 0,
                destroyed: 0,
                ..
            }) => {}
            Ok(done) => {
                let (wrapped, destroyed) = (done.wrapped, done.destroyed);
                tracing::info!(wrapped, destroyed, "keys were wrapped anew for the month");
            }
            Err(error) => tracing::error!(cause = %error, "no epoch of keys was begun"),
        }
        if let Err(error) = store.mend_copies(now).await {
            tracing::error!(cause = %error, "copies of keys were not looked through");
        }
        tokio::time::sleep(LOOK).await;
    }
}
