//! Templates: a text of several columns, such as `npm_{iso2|iso3|lower}`.

use super::values::countries;

/// Places of a template at most.
const PLACES: usize = 50;
/// Bytes over which no field takes a text, so that it need not be gone on with.
const LONGEST: usize = 20_000;

/// A text with places for columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    Column(String, Vec<Filter>),
}

/// What is made of a column's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filter {
    /// The ISO alpha-3 code of the State that it names.
    Iso3,
    /// That State's English name.
    Country,
    Lower,
    Upper,
    /// A code as words: `COURT_ORDER` is `Court order`.
    Words,
    /// Nothing where the column has no value.
    Optional,
}

/// What a row makes of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rendered {
    /// A text.
    Text(String),
    /// A column of it has no value.
    Absent,
    /// A column names no State; which, and what it says.
    NoCountry(String, String),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Says in a sentence what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((words, tail)) = rest.split_once('{') {
            let (inside, after) = tail
                .split_once('}')
                .ok_or_else(|| format!("`{text}` opens a brace and does not close it"))?;
            if !words.is_empty() {
                pieces.push(Piece::Words(words.to_owned()));
            }
            let mut parts = inside.split('|').map(str::trim);
            let column = parts.next().unwrap_or_default();
            if column.is_empty() {
                return Err(format!("`{text}` has a place without a column"));
            }
            let filters = parts.map(|name| {
                Filter::named(name).ok_or_else(|| {
                    format!("`{name}` is no filter; filters are iso3, country, lower, upper, words and optional")
                })
            });
            let filters = filters.collect::<Result<_, _>>()?;
            pieces.push(Piece::Column(column.to_owned(), filters));
            rest = after;
        }
        if rest.contains('}') {
            return Err(format!("`{text}` closes a brace that it has not opened"));
        }
        if !rest.is_empty() {
            pieces.push(Piece::Words(rest.to_owned()));
        }
        if pieces.len() > PLACES {
            return Err(format!("a template has at most {PLACES} places"));
        }
        Ok(Self {
            text: text.to_owned(),
            pieces,
        })
    }

    /// The template, as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns that it asks for.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Column(column, _) => Some(column.as_str()),
            Piece::Words(_) => None,
        })
    }

    /// The text for one row; `value` gives a column's entries, where it has a value.
    pub fn render(&self, value: impl Fn(&str) -> Option<Vec<String>>) -> Rendered {
        let mut text = String::new();
        for piece in &self.pieces {
            if text.len() > LONGEST {
                break;
            }
            match piece {
                Piece::Words(words) => text.push_str(words),
                Piece::Column(column, filters) => {
                    let mut parts = match value(column) {
                        Some(parts) => parts,
                        None if filters.contains(&Filter::Optional) => continue,
                        None => return Rendered::Absent,
                    };
                    for part in &mut parts {
                        for filter in filters {
                            match filter.apply(part) {
                                Some(filtered) => *part = filtered,
                                None => return Rendered::NoCountry(column.clone(), part.clone()),
                            }
                        }
                    }
                    text.push_str(&parts.join(", "));
                }
            }
        }
        Rendered::Text(text.trim().to_owned())
    }
}

impl Filter {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "iso3" => Self::Iso3,
            "country" => Self::Country,
            "lower" => Self::Lower,
            "upper" => Self::Upper,
            "words" => Self::Words,
            "optional" => Self::Optional,
            _ => return None,
        })
    }

    fn apply(self, text: &str) -> Option<String> {
        Some(match self {
            Self::Iso3 => countries::find(text).ok()?.iso3,
            Self::Country => countries::find(text).ok()?.name,
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
            Self::Words => {
                let lower = text.replace('_', " ").to_lowercase();
                let mut letters = lower.chars();
                let first = letters.next().map(char::to_uppercase);
                first.into_iter().flatten().chain(letters).collect()
            }
            Self::Optional => text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str, value: &str) -> Rendered {
        let template = Template::parse(template).unwrap();
        template
            .render(|column| (column == "c" && !value.is_empty()).then(|| vec![value.to_owned()]))
    }

    #[test]
    fn a_template_is_filled_from_columns() {
        let text = |text: &str| Rendered::Text(text.to_owned());
        assert_eq!(render("npm_{c|iso3|lower}", "MN"), text("npm_mng"));
        assert_eq!(render("NHRI of {c|country}", "KE"), text("NHRI of Kenya"));
        assert_eq!(render("plain", ""), text("plain"));
        assert_eq!(render("{c|words}", "COURT_ORDER"), text("Court order"));
        assert_eq!(render("status {c|optional}", ""), text("status"));
        assert_eq!(render("{c}", ""), Rendered::Absent);
        assert_eq!(
            render("{c|iso3}", "Atlantis"),
            Rendered::NoCountry("c".to_owned(), "Atlantis".to_owned())
        );
    }

    #[test]
    fn a_template_that_is_not_well_made_is_refused() {
        for text in ["{c", "c}", "{}", "{c|nothing}", "{|iso3}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
