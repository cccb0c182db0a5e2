//! Countries by their codes.

use super::Country;
use crate::store::{
    act::{Act, ActError, check_text},
    page::ListQuery,
    predicate::{Predicate, Scalar, Test},
    values::LIST,
};

/// ISO alpha-3 codes of States that the hub knows, each once.
///
/// # Errors
/// Refuses a code that no State or territory has, and too many.
pub async fn known(
    act: &Act,
    field: &'static str,
    mut codes: Vec<String>,
) -> Result<Vec<String>, ActError> {
    codes.sort_unstable();
    codes.dedup();
    if codes.len() > LIST {
        let sentence = format!("it names at most {LIST} States");
        return Err(ActError::invalid(field, sentence));
    }
    for code in &codes {
        check_text(field, code, 3)?;
        let is = Test::In(vec![Scalar::Text(code.clone())]);
        let query = ListQuery::one(Predicate::Column(Country::code, is));
        let found = act.reader().list::<Country>(&query).await?;
        if found.rows.is_empty() {
            let sentence = format!("no State or territory has the code `{code}`: use ISO alpha-3");
            return Err(ActError::invalid(field, sentence));
        }
    }
    Ok(codes)
}
