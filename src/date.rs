//! Dates with the precision that the world has of them.

use std::fmt;

use crate::clock::Moment;

/// A year, a month, a day, or an ISO 8601 interval of such dates.
///
/// `2012`, `2012-12`, `2012-12-12`, `2012-12-12/2012-12-14`. Never a day that
/// nobody knows. The text of these dates sorts as the dates do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate(Box<str>);

impl PartialDate {
    /// Parses one date or an interval of two; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = match text.split_once('/') {
            None => is_date(text),
            Some((from, to)) => is_date(from) && is_date(to) && from <= to,
        };
        valid.then(|| Self(text.into()))
    }

    /// The day of a moment, in UTC.
    pub fn of_day(moment: Moment) -> Self {
        let text = moment.rfc3339();
        Self(text.split('T').next().unwrap_or_default().into())
    }

    /// Whether it is certainly before another, as far as both are known.
    pub fn is_before(&self, other: &Self) -> bool {
        let known = self.0.len().min(other.0.len());
        self.0.get(..known) < other.0.get(..known)
    }

    /// Its first moment: of a month or an interval, that of its first day.
    pub fn begin(&self) -> Option<Moment> {
        let known = Known::parse(self.0.split('/').next()?)?;
        let month = time::Month::try_from(known.month.unwrap_or(1)).ok()?;
        let year = i32::from(known.year);
        let day = time::Date::from_calendar_date(year, month, known.day.unwrap_or(1)).ok()?;
        let begins = day.midnight().assume_utc().unix_timestamp();
        Some(Moment::from_seconds(begins))
    }

    /// The first moment after it: of a month or an interval, after all of it.
    pub fn end(&self) -> Option<Moment> {
        let last = self.0.rsplit('/').next()?;
        let mut parts = last.split('-').map(str::parse::<u8>);
        let year: i32 = last.get(..4)?.parse().ok()?;
        let (month, day) = (parts.nth(1), parts.next());
        let month = month.map_or(Ok(12), |month| month).ok()?;
        let month = time::Month::try_from(month).ok()?;
        let day = day.map_or(Ok(month.length(year)), |day| day).ok()?;
        let day = time::Date::from_calendar_date(year, month, day).ok()?;
        let begins = day.midnight().assume_utc().unix_timestamp();
        Some(Moment::from_seconds(begins).plus_seconds(24 * 3_600))
    }

    /// What of it is known: one date, or of an interval its two ends without their days.
    pub fn known(&self) -> Vec<Known> {
        let Some((from, to)) = self.0.split_once('/') else {
            return Known::parse(&self.0).into_iter().collect();
        };
        let ends = [from, to].into_iter().filter_map(Known::parse);
        let mut known: Vec<Known> = ends.map(|end| Known { day: None, ..end }).collect();
        known.dedup();
        known
    }

    /// The date as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The year of a date, and its month and day where they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Known {
    /// The year.
    pub year: u16,
    /// The month, from 1 on.
    pub month: Option<u8>,
    /// The day of the month; only where the month is known.
    pub day: Option<u8>,
}

impl Known {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let year = parts.next()?.parse().ok()?;
        let mut part = || parts.next()?.parse().ok();
        Some(Self {
            year,
            month: part(),
            day: part(),
        })
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), month, day, None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u16>().ok())
            .flatten()
    };
    let Some(year) = number(year, 4) else {
        return false;
    };
    match (
        month.map(|month| number(month, 2)),
        day.map(|day| number(day, 2)),
    ) {
        (None, None) => true,
        (Some(Some(month)), None) => (1..=12).contains(&month),
        (Some(Some(month)), Some(Some(day))) => u8::try_from(month)
            .ok()
            .and_then(|month| time::Month::try_from(month).ok())
            .is_some_and(|month| (1..=u16::from(month.length(i32::from(year)))).contains(&day)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_before_another_as_far_as_both_are_known() {
        let date = |text| PartialDate::parse(text).expect("a date");
        assert!(date("2011").is_before(&date("2012-05")));
        assert!(!date("2012").is_before(&date("2012-05")));
        assert!(date("2012-04").is_before(&date("2012-05-01")));
    }

    #[test]
    fn a_date_ends_when_all_of_it_has_passed() {
        for (text, end) in [
            ("2012", "2013-01-01"),
            ("2012-02", "2012-03-01"),
            ("2012-12-31", "2013-01-01"),
            ("2012-12-12/2012-12-14", "2012-12-15"),
        ] {
            let end_of = PartialDate::parse(text).and_then(|date| date.end());
            assert_eq!(end_of.map(PartialDate::of_day), PartialDate::parse(end));
        }
    }

    #[test]
    fn a_date_begins_on_the_first_day_that_it_may_mean() {
        for (text, begins) in [
            ("2012", "2012-01-01"),
            ("2012-02", "2012-02-01"),
            ("2012-12-31", "2012-12-31"),
            ("2012-12/2013", "2012-12-01"),
        ] {
            let begin = PartialDate::parse(text).and_then(|date| date.begin());
            assert_eq!(begin.map(PartialDate::of_day), PartialDate::parse(begins));
        }
    }

    #[test]
    fn of_a_date_is_known_what_it_says_and_of_an_interval_no_day() {
        let known = |text| PartialDate::parse(text).expect("a date").known();
        let date = |year, month, day| Known { year, month, day };
        assert_eq!(known("2012"), [date(2012, None, None)]);
        assert_eq!(known("2012-05"), [date(2012, Some(5), None)]);
        assert_eq!(known("2012-05-09"), [date(2012, Some(5), Some(9))]);
        assert_eq!(known("2012-05-09/2012-05-12"), [date(2012, Some(5), None)]);
        assert_eq!(
            known("2012-12-30/2013"),
            [date(2012, Some(12), None), date(2013, None, None)]
        );
    }

    #[test]
    fn a_date_is_a_year_a_month_a_day_or_an_interval() {
        for good in [
            "2012",
            "2012-12",
            "2012-02-29",
            "2012-12-12/2012-12-14",
            "2012/2013-05",
        ] {
            assert!(PartialDate::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "12",
            "2012-13",
            "2012-00",
            "2011-02-29",
            "2012-1-1",
            "2012-12-12T00:00",
            "2012-12-12/",
            "2013/2012",
            "2012/2013/2014",
            "31/02/2012",
            "２０１２",
        ] {
            assert!(PartialDate::parse(bad).is_none(), "{bad}");
        }
    }
}
