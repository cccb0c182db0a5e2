//! Cells with a comma, a semicolon or a tabulator between.

use csv::{ReaderBuilder, StringRecord};

use super::table::{Cell, Format, Limits, Row, Table, too_many_cells};
use crate::import::report::{FindingCode, Findings};

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Reads a text whose first line names the columns.
pub(super) fn read(text: &str, found: &mut Findings) -> Option<Table> {
    let delimiter = sniffed(text);
    let layout = Layout::of(text, delimiter);
    if let Some(line) = layout.open_quote {
        let sentence = "a quotation mark is opened here and not closed until the file ends";
        found.push(FindingCode::RowWrong.says(sentence).at(line));
        let sentence = "a quotation mark is not closed: where rows end can't be known";
        found.push(FindingCode::FileUnreadable.says(sentence));
        return None;
    }
    if layout.ways > 1 {
        let sentence = "the file ends its lines in several ways (CR, LF, CR LF); each was taken \
                        as the end of a line";
        found.push(FindingCode::LineEndsMixed.says(sentence));
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut columns: Option<Vec<String>> = None;
    let mut rows = Vec::new();
    let mut cells = 0;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => {
                let sentence = "the file can't be read as a table of cells";
                found.push(FindingCode::FileUnreadable.says(sentence));
                return None;
            }
        }
        let Some(header) = &columns else {
            columns = Some(record.iter().map(|name| name.trim().to_owned()).collect());
            continue;
        };
        if rows.len() > Limits::ROWS {
            break;
        }
        cells += record.len();
        if cells > Limits::CELLS {
            too_many_cells(found);
            return None;
        }
        let byte = record.position().map_or(0, csv::Position::byte);
        let line = layout.line(text, usize::try_from(byte).unwrap_or(usize::MAX));
        // Lines that a spreadsheet has left at the end.
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let broken = record.len() != header.len();
        if broken {
            let (has, should) = (record.len(), header.len());
            let sentence = format!(
                "the row has {has} cells and the header has {should}; look for a `{}` that stands \
                 in a cell without quotation marks",
                named(delimiter)
            );
            found.push(FindingCode::RowWrong.says(sentence).at(line));
        }
        let texts = record.iter().map(|cell| Cell::text(cell.to_owned()));
        rows.push(Row {
            line,
            cells: texts.collect(),
            raw: None,
            broken,
        });
    }
    Some(Table {
        format: Format::Delimited(delimiter),
        columns: columns.unwrap_or_default(),
        rows,
    })
}

fn named(delimiter: u8) -> String {
    match delimiter {
        b'\t' => "TAB".to_owned(),
        other => char::from(other).to_string(),
    }
}

/// The delimiter of which the header has most, outside of quotation marks.
fn sniffed(text: &str) -> u8 {
    let mut counts = [0usize; 3];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => break,
            _ if !quoted => {
                for (count, delimiter) in counts.iter_mut().zip(DELIMITERS) {
                    *count += usize::from(byte == delimiter);
                }
            }
            _ => {}
        }
    }
    let best = counts
        .iter()
        .zip(DELIMITERS)
        .rev()
        .max_by_key(|(count, _)| **count);
    best.map_or(b',', |(_, delimiter)| delimiter)
}

/// Where lines begin, in how many ways they end, and whether a quotation mark stays open.
struct Layout {
    starts: Vec<usize>,
    ways: usize,
    open_quote: Option<u64>,
}

impl Layout {
    fn of(text: &str, delimiter: u8) -> Self {
        let mut starts = vec![0];
        let (mut cr, mut lf, mut crlf) = (false, false, false);
        // The line on which the quotation mark stands that is open now.
        let mut quote: Option<u64> = None;
        let mut at_start = true;
        let mut bytes = text.bytes().enumerate().peekable();
        while let Some((place, byte)) = bytes.next() {
            let next = bytes.peek().map(|(_, next)| *next);
            let line = u64::try_from(starts.len()).unwrap_or(u64::MAX);
            match byte {
                b'"' if quote.is_some() && next == Some(b'"') => {
                    bytes.next();
                }
                b'"' if quote.is_some() => quote = None,
                b'"' if at_start => quote = Some(line),
                _ => {}
            }
            let ends = byte == b'\n' || (byte == b'\r' && next != Some(b'\n'));
            if ends {
                starts.push(place + 1);
                let before = place.checked_sub(1).and_then(|at| text.as_bytes().get(at));
                // Within quotation marks, an end of line is part of the cell.
                if quote.is_none() {
                    match (byte, before) {
                        (b'\n', Some(b'\r')) => crlf = true,
                        (b'\n', _) => lf = true,
                        _ => cr = true,
                    }
                }
            }
            at_start = quote.is_none() && (byte == delimiter || byte == b'\n' || byte == b'\r');
        }
        Self {
            starts,
            ways: [cr, lf, crlf].into_iter().filter(|way| *way).count(),
            open_quote: quote,
        }
    }

    /// The line on which a record begins that the reader has met at `byte`: the reader
    /// counts what is left of the line before to the next one.
    fn line(&self, text: &str, byte: usize) -> u64 {
        let rest = text.as_bytes().get(byte..).unwrap_or_default();
        let ends = rest
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let line = self.starts.partition_point(|start| *start <= byte + ends);
        u64::try_from(line).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(text: &str) -> (Option<Table>, Findings) {
        let mut found = Findings::default();
        (read(text, &mut found), found)
    }

    fn lines(text: &str) -> Vec<u64> {
        let rows = table(text).0.unwrap().rows;
        rows.iter().map(|row| row.line).collect()
    }

    #[test]
    fn lines_are_counted_however_they_end() {
        for end in ["\n", "\r", "\r\n"] {
            let text = ["a,b", "1,2", "", "\"x\ny\",4", "5,6"].join(end);
            assert_eq!(lines(&text), [2, 4, 6], "{end:?}");
        }
    }

    #[test]
    fn the_delimiter_is_that_of_the_header() {
        for (text, delimiter) in [
            ("a,b;c,d\n", b','),
            ("a;b\n1,5;2\n", b';'),
            ("a\tb,c\td\n", b'\t'),
            ("\"a,b,c\";d\n", b';'),
            ("a\n", b','),
        ] {
            let format = table(text).0.unwrap().format;
            assert_eq!(format, Format::Delimited(delimiter), "{text}");
        }
    }

    #[test]
    fn an_open_quotation_mark_refuses_the_file_and_says_its_line() {
        let (none, found) = table("a,b\n1,2\n3,\"4\n5,6\n");
        assert!(none.is_none() && found.is_fatal());
        assert!(found.by_line().iter().any(|found| found.line == Some(3)));
    }

    #[test]
    fn a_row_of_another_length_is_broken() {
        let (table, found) = table("a,b\n1,2,3\n4\n5,6\n");
        let broken: Vec<bool> = table.unwrap().rows.iter().map(|row| row.broken).collect();
        assert_eq!(broken, [true, true, false]);
        assert_eq!(found.by_line().len(), 2);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            cells in prop::collection::vec(
                prop::collection::vec("[a-z,;\t\"\r\n é]{1,12}", 3), 1..8),
            delimiter in prop::sample::select(vec![b',', b';', b'\t']),
            end in prop::sample::select(vec!["\n", "\r", "\r\n"]),
        ) {
            let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let between = char::from(delimiter).to_string();
            let mut lines = vec![["a", "b", "c"].join(&between)];
            for row in &cells {
                lines.push(row.iter().map(quoted).collect::<Vec<_>>().join(&between));
            }
            let (table, found) = table(&lines.join(end));
            let table = table.unwrap();
            prop_assert!(!found.is_fatal());
            let kept: Vec<Vec<Cell>> = cells
                .iter()
                .map(|row| row.iter().map(|cell| Cell::text(cell.clone())).collect::<Vec<_>>())
                .filter(|row| row.iter().any(|cell| *cell != Cell::Empty))
                .collect();
            let read: Vec<Vec<Cell>> = table.rows.into_iter().map(|row| row.cells).collect();
            prop_assert_eq!(read, kept);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[a-c,;\t\"\r\n\0é]{0,60}") {
            let (table, found) = table(&text);
            prop_assert!(table.is_some() || found.is_fatal());
        }
    }
}
