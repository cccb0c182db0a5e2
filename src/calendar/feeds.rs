//! Making a feed of the calendar: what it may read of what its holder may.

use std::sync::{Arc, OnceLock};

use crate::{
    confidentiality::{Level, warrant::WriteRefused},
    id::RecordId,
    identity::{holder::Proof, kind::Kind, scope::Scopes, token::TokenRequest},
    store::act::{Act, ActError, RefusalCode, check_text},
};

/// Bytes of a feed's name at most.
const NAME: usize = 100;
/// Seconds that the viewer of one fetch is asked for: any that a token may live.
const FETCH: i64 = 60;
/// What a feed tells of: events, and what they lead to by a code.
const TOLD: [Kind; 4] = [
    Kind::CalendarEvent,
    Kind::Mechanism,
    Kind::Country,
    Kind::Organisation,
];

/// The secret of a feed on its way to whom it was made for: shown once, written nowhere.
pub(super) type Handed = Arc<OnceLock<String>>;

/// Makes a feed for the viewer: of events, at most at `PARTNER`, and never more than the
/// viewer's own token has.
///
/// # Errors
/// Refuses a token without `token:issue`, one that is bound to a key, which a calendar program
/// could not prove, and a name that is not valid.
pub(super) async fn create(
    act: &mut Act,
    name: String,
    proof: Proof,
    handed: Handed,
) -> Result<RecordId, ActError> {
    act.writer().may_issue()?;
    check_text("name", &name, NAME)?;
    let viewer = Arc::clone(act.reader().viewer());
    let own = viewer.standing().ok_or(WriteRefused::TokenNeeded)?;
    if viewer
        .claims()
        .is_some_and(|claims| claims.thumbprint().is_some())
    {
        let sentence = "a token that is bound to a key makes no credential without one";
        return Err(RefusalCode::Forbidden.says(sentence).into());
    }
    let known = act
        .reader()
        .store()
        .holder(own.subject(), own.client(), viewer.now());
    let (holder, client) = known.await?.ok_or(WriteRefused::TokenNeeded)?;
    let scopes = scopes(own.scopes());
    let refused = |error| ActError::from(RefusalCode::Forbidden.says(format!("{error}")));
    let request = TokenRequest::new(&holder, &client, scopes, FETCH).map_err(refused)?;
    request.is_of_use(&client, proof).map_err(refused)?;
    let (id, secret) = act.create_feed(&request, &name).await?;
    // It was empty: an act hands out one secret.
    let _ = handed.set(secret.to_string());
    Ok(id)
}

/// What of a scope a feed has.
fn scopes(own: &Scopes) -> Scopes {
    let told = |kind: &Kind| TOLD.contains(kind);
    own.reading(told).capped(Level::Partner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::kind::Action;

    #[test]
    fn a_feed_reads_events_at_partner_within_what_its_holder_has() {
        let of = |text: &str| scopes(&text.parse().unwrap()).to_string();
        assert_eq!(
            of(
                "read:calendar_event@SECRETARIAT read:communication@CHANNEL \
                write:calendar_event@SECRETARIAT token:issue st:KEN"
            ),
            "read:calendar_event@PARTNER st:KEN"
        );
        assert_eq!(
            of("read:calendar_event@PUBLIC"),
            "read:calendar_event@PUBLIC"
        );
        assert_eq!(of("read:communication@CHANNEL"), "");
        let scope = scopes(&"read:calendar_event@CHANNEL".parse().unwrap());
        assert_eq!(
            scope.level(Action::Read, Kind::CalendarEvent),
            Some(Level::Partner)
        );
    }
}
