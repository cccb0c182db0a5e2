//! Whether a word is Chinese in Hanyu Pinyin.

const INITIALS: [&str; 24] = [
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r",
    "z", "c", "s", "y", "w", "",
];
const FINALS: [&str; 34] = [
    "iang", "iong", "uang", "iao", "ian", "ang", "eng", "ong", "ing", "uai", "uan", "ai", "ei",
    "ao", "ou", "an", "en", "ia", "ie", "iu", "in", "ua", "uo", "ui", "un", "ue", "er", "ve", "a",
    "o", "e", "i", "u", "v",
];
/// Syllables of a surname or a given name.
const MOST_SYLLABLES: usize = 3;

/// Whether a word of small letters is a row of syllables of Hanyu Pinyin.
pub(super) fn is_pinyin(word: &str) -> bool {
    is_row(word, MOST_SYLLABLES)
}

fn is_row(word: &str, most: usize) -> bool {
    let rest_is_row = |rest: &str| rest.is_empty() || is_row(rest, most - 1);
    most > 0
        && INITIALS.iter().any(|initial| {
            let rest = word.strip_prefix(initial);
            rest.is_some_and(|rest| {
                let mut rests = FINALS.iter().filter_map(|last| rest.strip_prefix(last));
                rests.any(rest_is_row)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinyin_is_told_from_other_words() {
        for word in ["zhang", "xiaoming", "li", "guoqiang", "lu", "ouyang"] {
            assert!(is_pinyin(word), "{word}");
        }
        for word in ["", "hsiao", "omar", "hassan", "smirnov", "tsung", "khalid"] {
            assert!(!is_pinyin(word), "{word}");
        }
    }
}
