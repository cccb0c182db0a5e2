//! Dates with their precision, in the forms that a mapping names, in their order.

use crate::date::PartialDate;

/// A form such as `dd/mm/yyyy`, `d mmm yyyy` or `yyyy-mm`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Year,
    /// Two digits, or one or two.
    Month(bool),
    Day(bool),
    /// An English name, whole or its first three letters.
    MonthName,
    Other(char),
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Why a text is no date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoDate {
    /// It has none of the forms.
    NoForm,
    /// It has a form, and there is no such day.
    NoSuchDay,
    /// It is a day, in a year that can't be meant.
    Year(u16),
}

impl Form {
    /// Reads a form; `None` where it has no year, or a part twice, or a part alone.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let known = [
                ("yyyy", Part::Year),
                ("mmm", Part::MonthName),
                ("mm", Part::Month(true)),
                ("m", Part::Month(false)),
                ("dd", Part::Day(true)),
                ("d", Part::Day(false)),
            ];
            let found = known
                .into_iter()
                .find_map(|(word, part)| Some((part, rest.strip_prefix(word)?)));
            let (part, tail) = match found {
                Some(found) => found,
                None if first.is_alphanumeric() => return None,
                None => (Part::Other(first), rest.get(first.len_utf8()..)?),
            };
            parts.push(part);
            rest = tail;
        }
        let count = |is: fn(&Part) -> bool| parts.iter().filter(|part| is(part)).count();
        let years = count(|part| matches!(part, Part::Year));
        let months = count(|part| matches!(part, Part::Month(_) | Part::MonthName));
        let days = count(|part| matches!(part, Part::Day(_)));
        (years == 1 && months <= 1 && days <= months).then(|| Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The form, as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The date in ISO 8601, were there such a day; `None` where the text has not the form.
    fn read(&self, text: &str) -> Option<String> {
        let mut rest = text;
        let (mut year, mut month, mut day) = (0, None, None);
        for part in &self.parts {
            match part {
                Part::Year => year = number(&mut rest, 4, 4)?,
                Part::Month(two) => month = Some(number(&mut rest, if *two { 2 } else { 1 }, 2)?),
                Part::Day(two) => day = Some(number(&mut rest, if *two { 2 } else { 1 }, 2)?),
                Part::MonthName => month = Some(month_name(&mut rest)?),
                Part::Other(letter) => rest = rest.strip_prefix(*letter)?,
            }
        }
        if !rest.is_empty() {
            return None;
        }
        Some(match (month, day) {
            (None, _) => format!("{year:04}"),
            (Some(month), None) => format!("{year:04}-{month:02}"),
            (Some(month), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
        })
    }
}

fn number(rest: &mut &str, least: usize, most: usize) -> Option<u16> {
    let digits = rest
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    if digits < least {
        return None;
    }
    let (number, tail) = rest.split_at_checked(digits)?;
    *rest = tail;
    number.parse().ok()
}

fn month_name(rest: &mut &str) -> Option<u16> {
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, tail) = rest.split_at_checked(letters)?;
    let name = name.to_ascii_lowercase();
    let place = MONTHS.iter().position(|month| {
        *month == name
            || month.get(..3) == Some(name.as_str())
            || (name == "sept" && month.starts_with("sep"))
    })?;
    *rest = tail.strip_prefix('.').unwrap_or(tail);
    u16::try_from(place + 1).ok()
}

/// The date that a text is in the first of the forms that fits, or an interval of two such
/// dates with `/` between; a full ISO date always fits.
///
/// # Errors
/// Says whether no form fits, there is no such day, or the year can't be meant.
pub fn parse(text: &str, forms: &[Form], years: (u16, u16)) -> Result<PartialDate, NoDate> {
    let whole = one(text, forms);
    let found = match (whole, text.split_once('/')) {
        (Err(NoDate::NoForm), Some((from, to))) => {
            let (from, to) = (one(from.trim(), forms)?, one(to.trim(), forms)?);
            format!("{from}/{to}")
        }
        (whole, _) => whole?,
    };
    for year in found.split('/').filter_map(|date| date.get(..4)) {
        let year = year.parse().map_err(|_| NoDate::NoForm)?;
        if year < years.0 || year > years.1 {
            return Err(NoDate::Year(year));
        }
    }
    PartialDate::parse(&found).ok_or(NoDate::NoSuchDay)
}

fn one(text: &str, forms: &[Form]) -> Result<String, NoDate> {
    let mut fits = false;
    let read = forms.iter().filter_map(|form| form.read(text));
    let iso = Form::parse("yyyy-mm-dd").and_then(|form| form.read(text));
    for date in read.chain(iso) {
        fits = true;
        if PartialDate::parse(&date).is_some() {
            return Ok(date);
        }
    }
    Err(if fits {
        NoDate::NoSuchDay
    } else {
        NoDate::NoForm
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn forms(texts: &[&str]) -> Vec<Form> {
        texts
            .iter()
            .map(|text| Form::parse(text).unwrap())
            .collect()
    }

    fn read(text: &str, texts: &[&str]) -> Result<String, NoDate> {
        parse(text, &forms(texts), (1900, 2036)).map(|date| date.as_str().to_owned())
    }

    #[test]
    fn the_first_form_that_fits_decides() {
        let day_first = ["dd/mm/yyyy", "mm/dd/yyyy", "d mmm yyyy", "yyyy"];
        for (text, date) in [
            ("03/04/2012", "2012-04-03"),
            ("04/25/2012", "2012-04-25"),
            ("3 March 2012", "2012-03-03"),
            ("3 Sept. 2012", "2012-09-03"),
            ("2012", "2012"),
            ("2012-02-29", "2012-02-29"),
            ("2012-12-01/2013-02-28", "2012-12-01/2013-02-28"),
        ] {
            assert_eq!(read(text, &day_first).as_deref(), Ok(date), "{text}");
        }
    }

    #[test]
    fn a_day_that_never_was_and_a_year_not_meant_are_told_apart() {
        let forms = ["dd/mm/yyyy", "yyyy-mm-dd", "yyyy"];
        for (text, no) in [
            ("31/02/2012", NoDate::NoSuchDay),
            ("2011-02-29", NoDate::NoSuchDay),
            ("0001-01-01", NoDate::Year(1)),
            ("2204-05-01", NoDate::Year(2204)),
            ("1899", NoDate::Year(1899)),
            ("soon", NoDate::NoForm),
            ("", NoDate::NoForm),
            ("1/2/2012", NoDate::NoForm),
            ("2013/2012", NoDate::NoSuchDay),
            ("２０１２", NoDate::NoForm),
        ] {
            assert_eq!(read(text, &forms), Err(no), "{text}");
        }
    }

    #[test]
    fn a_form_has_a_year_and_no_part_twice() {
        for form in ["", "dd/mm", "yyyy yyyy", "yyyy-dd", "mm mm yyyy", "x yyyy"] {
            assert_eq!(Form::parse(form), None, "{form}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_in_a_form_is_read_back(
            year in 1900u16..=2036, month in 1u8..=12, day in 1u8..=28,
        ) {
            let iso = format!("{year:04}-{month:02}-{day:02}");
            let name = MONTHS[usize::from(month) - 1];
            for (form, text) in [
                ("yyyy-mm-dd", iso.clone()),
                ("dd.mm.yyyy", format!("{day:02}.{month:02}.{year}")),
                ("d/m/yyyy", format!("{day}/{month}/{year}")),
                ("d mmm yyyy", format!("{day} {name} {year}")),
            ] {
                prop_assert_eq!(read(&text, &[form]), Ok(iso.clone()));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
            let read = read(&text, &["dd/mm/yyyy", "d mmm yyyy", "yyyy-mm", "yyyy"]);
            if let Ok(date) = read {
                prop_assert!(PartialDate::parse(&date).is_some());
            }
        }
    }
}
