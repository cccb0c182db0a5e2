//! When a question is answered: ten working days after it was put, whatever it is about.

use crate::clock::Moment;

/// Working days until a question is answered.
const WORKING_DAYS: u32 = 10;
const DAY: i64 = 24 * 3_600;

/// The moment ten working days later: of the same hour, Saturdays and Sundays not counted.
pub(super) fn due(asked: Moment) -> Moment {
    let mut at = asked;
    let mut left = WORKING_DAYS;
    while left > 0 {
        at = at.plus_seconds(DAY);
        if !is_weekend(at) {
            left -= 1;
        }
    }
    at
}

/// The first day of the count was a Thursday.
fn is_weekend(at: Moment) -> bool {
    let day = at.seconds().div_euclid(DAY).saturating_add(4).rem_euclid(7);
    day == 0 || day == 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_working_days_are_two_weeks_and_never_end_on_a_weekend() {
        // 1 June 2026 is a Monday.
        let monday = Moment::from_seconds(1_780_315_200);
        for (day, length) in [(0, 14), (4, 14), (5, 13), (6, 12)] {
            let asked = monday.plus_seconds(day * DAY);
            assert_eq!(due(asked), asked.plus_seconds(length * DAY), "{day}");
            assert!(!is_weekend(due(asked)));
        }
    }
}
