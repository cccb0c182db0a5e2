//! Mechanisms by what they are called.

use super::Mechanism;
use crate::{
    confidentiality::warrant::WriteRefused,
    id::MechanismId,
    store::act::{Act, ActError},
};

/// The institution of a code, to which an act gives something: one that the hub's
/// administrator has admitted, and whose profile the viewer may know of. Whoever else calls
/// an entry in the list so is not it.
///
/// # Errors
/// Fails where the database does.
pub async fn institution(act: &Act, code: &str) -> Result<Option<MechanismId>, ActError> {
    let Some(id) = act.institution(code).await? else {
        return Ok(None);
    };
    let known = act.reader().by_ids::<Mechanism>(&[id.into()]).await?;
    Ok(known.contains_key(&id.into()).then_some(id))
}

/// The viewer's own mechanism, which has to be on the list of mechanisms for records to
/// hang on it.
///
/// # Errors
/// Refuses who has no token of a mechanism, and a mechanism that is not on the list.
pub async fn registered(act: &Act) -> Result<MechanismId, ActError> {
    let own = act.reader().viewer().mechanism();
    let own = own.ok_or(WriteRefused::TokenNeeded)?;
    let found = act.reader().by_ids::<Mechanism>(&[own.into()]).await?;
    if found.is_empty() {
        let sentence = "your mechanism is not on the list of mechanisms yet: register it first";
        return Err(ActError::conflict(sentence));
    }
    Ok(own)
}
