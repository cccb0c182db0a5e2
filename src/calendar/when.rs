//! Whether the dates and hours of an event agree with each other.

use async_graphql::MaybeUndefined;

use super::{CalendarEvent, terms::Amendment};
use crate::{
    clock::Moment,
    confidentiality::Known,
    date::PartialDate,
    store::{act::ActError, values::dates_in_order},
};

/// Seconds of a day.
const DAY: i64 = 24 * 3_600;

/// Refuses an event that ends before it begins, an hour of a day that is not known, and one
/// that is on another day, as far as the viewer is told of what was there before.
///
/// # Errors
/// Names the field.
pub(super) fn check(
    says: &Amendment,
    before: Option<&Known<CalendarEvent>>,
) -> Result<(), ActError> {
    let starts = before.and_then(|event| event.open(|row| &row.starts_on).visible().flatten());
    let ends = before.and_then(|event| event.open(|row| &row.ends_on).visible().flatten());
    dates_in_order((&says.starts_on, starts), (&says.ends_on, ends))?;
    let begins = before.and_then(|event| event.open(|row| &row.begins_at).visible().flatten());
    let finishes = before.and_then(|event| event.open(|row| &row.finishes_at).visible().flatten());
    let (starts, ends) = (after(&says.starts_on, starts), after(&says.ends_on, ends));
    let (begins, finishes) = (
        after(&says.begins_at, begins),
        after(&says.finishes_at, finishes),
    );
    let last = ends.as_ref().or(starts.as_ref());
    on_day("beginsAt", begins, starts.as_ref())?;
    on_day("finishesAt", finishes, last)?;
    match (begins, finishes) {
        (None, Some(_)) => {
            let sentence = "it is over at an hour where it begins at one: give that, too";
            Err(ActError::invalid("finishesAt", sentence))
        }
        (Some(begins), Some(finishes)) if finishes < begins => {
            let sentence = "it is not over before it begins";
            Err(ActError::invalid("finishesAt", sentence))
        }
        (Some(_) | None, None) | (Some(_), Some(_)) => Ok(()),
    }
}

/// A value as it is after an amendment.
fn after<T: Clone>(given: &MaybeUndefined<T>, before: Option<&T>) -> Option<T> {
    match given {
        MaybeUndefined::Undefined => before.cloned(),
        MaybeUndefined::Null => None,
        MaybeUndefined::Value(value) => Some(value.clone()),
    }
}

/// Refuses a moment that is on no such day anywhere on earth.
fn on_day(
    field: &'static str,
    moment: Option<Moment>,
    day: Option<&PartialDate>,
) -> Result<(), ActError> {
    let Some(moment) = moment else {
        return Ok(());
    };
    let around = [-DAY, 0, DAY].map(|away| PartialDate::of_day(moment.plus_seconds(away)));
    if day.is_some_and(|day| around.contains(day)) {
        return Ok(());
    }
    let sentence = "an hour is given where its day is known, and on that day";
    Err(ActError::invalid(field, sentence))
}
