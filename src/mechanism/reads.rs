//! Mechanisms by what they are called.

use super::Mechanism;
use crate::{
    confidentiality::warrant::WriteRefused,
    id::{MechanismId, RecordId},
    store::{
        Reader, StoreError,
        act::{Act, ActError},
        page::ListQuery,
        predicate::{Predicate, Scalar, Test},
    },
};

/// The mechanism with a code, as far as the reader's viewer may know of it.
///
/// # Errors
/// Fails where the database does.
pub async fn with_code(reader: &Reader, code: &str) -> Result<Option<RecordId>, StoreError> {
    let is = Test::In(vec![Scalar::Text(code.to_owned())]);
    let query = ListQuery::one(Predicate::Column(Mechanism::code, is));
    let found = reader.list::<Mechanism>(&query).await?;
    Ok(found.rows.first().map(|placed| placed.known.id()))
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
