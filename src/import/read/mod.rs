//! Reading a file: its encoding, its format, its rows.

mod delimited;
mod encoding;
mod json;
mod sheet;
mod table;

pub use self::{
    encoding::decode,
    table::{Cell, Format, Limits, Options, Row, Table, read},
};
