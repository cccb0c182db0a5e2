//! The encoding of a file: its mark, then strict UTF-8, then what the caller says.

use encoding_rs::{Encoding, UTF_8};

use crate::import::report::{FindingCode, Findings};

/// The text of a file.
///
/// `None` where it is in no encoding that was named: nothing is guessed, and nothing is
/// replaced.
pub fn decode(
    bytes: &[u8],
    named: Option<&'static Encoding>,
    found: &mut Findings,
) -> Option<String> {
    if let Some((marked, length)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(length..).unwrap_or_default();
        return strictly(marked, rest, found);
    }
    // A text in UTF-16 without its mark is UTF-8, too, with a NUL beside each letter.
    let is_wide = named.is_some_and(|named| !named.is_ascii_compatible());
    match std::str::from_utf8(bytes) {
        Ok(text) if !is_wide => {
            if let Some(named) = named.filter(|named| *named != UTF_8 && !text.is_ascii()) {
                let name = named.name();
                let sentence = format!("the file is UTF-8 and was read so, not as `{name}`");
                found.push(FindingCode::EncodingIgnored.says(sentence));
            }
            Some(text.to_owned())
        }
        Ok(_) => strictly(named?, bytes, found),
        Err(error) => match named.filter(|named| *named != UTF_8) {
            Some(named) => strictly(named, bytes, found),
            None => {
                let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let line = line_of(before);
                let sentence = "this line is not UTF-8; save the file as UTF-8, or name its \
                                encoding, for example `--encoding windows-1252`";
                found.push(FindingCode::EncodingWrong.says(sentence).at(line));
                // Which rows are meant can't be known: the whole file is refused.
                found.push(FindingCode::EncodingWrong.says("the file is not UTF-8"));
                None
            }
        },
    }
}

fn strictly(encoding: &'static Encoding, bytes: &[u8], found: &mut Findings) -> Option<String> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    if text.is_none() {
        let name = encoding.name();
        let sentence = format!("the file holds what is not `{name}`, its encoding");
        found.push(FindingCode::EncodingWrong.says(sentence));
    }
    text.map(std::borrow::Cow::into_owned)
}

fn line_of(before: &[u8]) -> u64 {
    let mut line = 1;
    let mut last = 0;
    for byte in before {
        // CR LF is one end.
        if *byte == b'\r' || (*byte == b'\n' && last != b'\r') {
            line += 1;
        }
        last = *byte;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], named: Option<&str>) -> (Option<String>, Findings) {
        let mut found = Findings::default();
        let named = named.map(|name| Encoding::for_label(name.as_bytes()).unwrap());
        (decode(bytes, named, &mut found), found)
    }

    #[test]
    fn the_mark_comes_first_then_utf8_then_what_was_named() {
        let text = |bytes: &[u8], named| read(bytes, named).0;
        assert_eq!(text(b"\xef\xbb\xbfa,b", None).as_deref(), Some("a,b"));
        assert_eq!(text(b"\xff\xfea\0,\0", None).as_deref(), Some("a,"));
        assert_eq!(
            text("é".as_bytes(), Some("windows-1252")).as_deref(),
            Some("é")
        );
        assert_eq!(
            text(b"caf\xe9", Some("windows-1252")).as_deref(),
            Some("café")
        );
        assert_eq!(text(b"a\0b\0", Some("utf-16le")).as_deref(), Some("ab"));
        assert_eq!(text(b"\xef\xbb\xbfcaf\xe9", Some("windows-1252")), None);
    }

    #[test]
    fn what_is_not_utf8_is_refused_with_its_line() {
        for bytes in [&b"a\nb\nc\xe9"[..], b"a\r\nb\r\nc\xe9", b"a\rb\rc\xe9"] {
            let (text, found) = read(bytes, None);
            assert_eq!(text, None);
            assert!(found.is_fatal());
            let lines: Vec<_> = found.by_line().iter().map(|found| found.line).collect();
            assert!(lines.contains(&Some(3)), "{lines:?}");
        }
    }
}
