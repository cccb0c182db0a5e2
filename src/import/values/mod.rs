//! Values of cells: texts, dates, countries.

pub mod countries;
pub mod dates;
pub mod text;
