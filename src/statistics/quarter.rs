//! Quarters: the periods of a release.

use std::fmt;

use crate::{clock::Moment, date::PartialDate};

/// Seconds for which a quarter has to be over before it is counted: 30 days.
const SETTLES: i64 = 30 * 24 * 3_600;

/// A quarter of a year, as `2026-Q1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(i32);

impl Quarter {
    /// Parses a quarter; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, number) = text.split_once("-Q")?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let number: i32 = number.parse().ok()?;
        let sound = year.len() == 4 && digits(year) && (1..=4).contains(&number);
        sound.then_some(Self(year.parse::<i32>().ok()? * 4 + number - 1))
    }

    /// The first quarter of a year.
    pub const fn of_year(year: i32) -> Self {
        Self(year * 4)
    }

    /// The quarter in which a date ends, as far as it is known: a year alone is its last.
    pub fn of(date: &PartialDate) -> Option<Self> {
        let last = date.end()?.plus_seconds(-1).rfc3339();
        let month: i32 = last.get(5..7)?.parse().ok()?;
        Some(Self(
            last.get(..4)?.parse::<i32>().ok()? * 4 + (month - 1) / 3,
        ))
    }

    /// Its year.
    pub const fn year(self) -> i32 {
        self.0.div_euclid(4)
    }

    /// The quarter after it.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Whether it was over 30 days before a moment.
    pub fn is_closed(self, at: Moment) -> bool {
        let month = self.0.rem_euclid(4) * 3 + 3;
        let date = PartialDate::parse(&format!("{:04}-{month:02}", self.year()));
        let end = date.and_then(|date| date.end());
        end.is_some_and(|end| end.plus_seconds(SETTLES) <= at)
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year(), self.0.rem_euclid(4) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_is_read_as_it_is_written_and_closed_thirty_days_after_its_end() {
        let quarter = Quarter::parse("2026-Q1").unwrap();
        assert_eq!(quarter.to_string(), "2026-Q1");
        assert_eq!(quarter.next().next().next().next().to_string(), "2027-Q1");
        for text in [
            "2026-Q0",
            "2026-Q5",
            "26-Q1",
            "2026Q1",
            "2026-Q01x",
            "+026-Q1",
        ] {
            assert_eq!(Quarter::parse(text), None, "{text}");
        }
        let of = |text: &str| Quarter::of(&PartialDate::parse(text).unwrap()).unwrap();
        assert_eq!(of("2026-02-03"), quarter);
        assert_eq!(of("2026").to_string(), "2026-Q4");
        assert_eq!(of("2025-12/2026-04").to_string(), "2026-Q2");
        let ends = PartialDate::parse("2026-03").unwrap().end().unwrap();
        assert!(!quarter.is_closed(ends.plus_seconds(SETTLES - 1)));
        assert!(quarter.is_closed(ends.plus_seconds(SETTLES)));
    }
}
