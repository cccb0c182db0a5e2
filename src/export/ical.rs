//! Lines of iCalendar: how dates and texts are written, and where a line is folded.

use time::{Date, Month, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::date::PartialDate;

/// Octets that a line holds before it is folded.
const LINE: usize = 75;

/// The days of a date, or of all from one date to another.
pub(super) fn days(from: &str, until: Option<&str>) -> Option<Vec<String>> {
    let from = PartialDate::parse(from)?;
    let until = until.and_then(PartialDate::parse);
    let (from, until) = (from.as_str(), until.as_ref().map(PartialDate::as_str));
    let begin = from.split_once('/').map_or(from, |(begin, _)| begin);
    let end = until.unwrap_or(from);
    let end = end.split_once('/').map_or(end, |(_, end)| end);
    let (begins, ends) = (first(begin)?, last(end)?);
    let mut lines = vec![format!("DTSTART;VALUE=DATE:{}", day(begins))];
    // The end is the day after; the last day there is has none.
    let after = ends
        .next_day()
        .filter(|after| after.year() <= 9999 && ends >= begins);
    lines.extend(after.map(|after| format!("DTEND;VALUE=DATE:{}", day(after))));
    let told = until.map_or_else(|| from.to_owned(), |until| format!("{from}/{until}"));
    lines.push(format!("X-LIAISON-DATE:{}", escaped(&told)));
    if begin.len() < 10 || end.len() < 10 {
        // What a calendar program shows beside the title: it has no day of its own.
        let comment = format!("The day is not known: this is for some time in {told}.");
        lines.push(format!("COMMENT:{}", escaped(&comment)));
    }
    Some(lines)
}

/// Year, and month and day where they are known.
fn parts(date: &str) -> Option<(i32, Option<Month>, Option<u8>)> {
    let mut parts = date.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next().map(|month| month.parse::<u8>().ok());
    let month = match month {
        None => None,
        Some(month) => Some(Month::try_from(month?).ok()?),
    };
    Some((year, month, parts.next().and_then(|day| day.parse().ok())))
}

/// The first day that a date may mean.
fn first(date: &str) -> Option<Date> {
    let (year, month, day) = parts(date)?;
    Date::from_calendar_date(year, month.unwrap_or(Month::January), day.unwrap_or(1)).ok()
}

/// The last day that a date may mean.
fn last(date: &str) -> Option<Date> {
    let (year, month, day) = parts(date)?;
    let month = month.unwrap_or(Month::December);
    Date::from_calendar_date(year, month, day.unwrap_or_else(|| month.length(year))).ok()
}

fn day(date: Date) -> String {
    let month = u8::from(date.month());
    format!("{:04}{month:02}{:02}", date.year(), date.day())
}

/// A moment in UTC, to the second.
pub(super) fn moment(text: &str) -> Option<String> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let at = at.checked_to_offset(UtcOffset::UTC)?;
    let (hour, minute, second) = at.to_hms();
    Some(format!(
        "{}T{hour:02}{minute:02}{second:02}Z",
        day(at.date())
    ))
}

/// A text as a value: what ends a line anywhere is a line break of the text, and other
/// control characters, which the standard has no place for, are left out.
pub(super) fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut after_return = false;
    for letter in text.chars() {
        match letter {
            '\n' if after_return => {}
            '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => value.push_str("\\n"),
            '\\' | ';' | ',' => value.extend(['\\', letter]),
            '\t' => value.push(letter),
            letter if letter.is_control() => {}
            letter => value.push(letter),
        }
        after_return = letter == '\r';
    }
    value
}

/// Writes a line, folded so that none has more octets than the standard lets it have.
pub(super) fn fold(file: &mut String, line: &str) {
    let mut octets = 0;
    for letter in line.chars() {
        if octets + letter.len_utf8() > LINE {
            file.push_str("\r\n ");
            octets = 1;
        }
        file.push(letter);
        octets += letter.len_utf8();
    }
    file.push_str("\r\n");
}
