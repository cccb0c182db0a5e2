//! Mechanisms by what they are called.

use super::Mechanism;
use crate::{
    id::RecordId,
    store::{
        Reader, StoreError,
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
