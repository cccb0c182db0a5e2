//! The skeleton of a word: what of its sound survives most ways of writing it.
//!
//! Consonants in broad classes, without vowels: `Mohamed`, `Muhammad`, `Mokhamed` and
//! the Arabic letters without their vowels are one. A word of two consonants or fewer
//! keeps its first vowel, in two classes, or half a docket would be one skeleton.

use super::clear::Clear;

/// Groups of letters that are one sound, the longest first.
const GROUPS: [(&str, &str); 17] = [
    ("shch", "S"),
    ("tsch", "S"),
    ("dsch", "S"),
    ("sch", "S"),
    ("dzh", "S"),
    ("tch", "S"),
    ("sh", "S"),
    ("ch", "S"),
    ("zh", "S"),
    ("dj", "S"),
    ("kh", "K"),
    ("gh", "K"),
    ("ck", "K"),
    ("ts", "Z"),
    ("tz", "Z"),
    ("th", "T"),
    ("ph", "V"),
];

/// As many consonants do without vowels.
const ENOUGH: usize = 3;

/// How a word was written: with its vowels, or in a script that leaves them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vowels {
    /// They are written.
    Written,
    /// The script leaves most of them out.
    LeftOut,
}

/// The skeletons of a word of small Latin letters; none where nothing is left.
///
/// Two for a short word, so that it meets itself in a script without vowels.
pub(super) fn skeletons(word: &str, vowels: Vowels) -> Vec<Clear> {
    let sounds = sounds(word, vowels);
    let consonants = sounds.chars().filter(char::is_ascii_uppercase).count();
    let mark = if sounds.starts_with(is_vowel) {
        "A"
    } else {
        ""
    };
    let bare = || {
        let bare = sounds.chars().filter(char::is_ascii_uppercase);
        mark.chars().chain(bare).collect::<String>()
    };
    if consonants >= ENOUGH {
        return vec![Clear::from(bare())];
    }
    let mut skeletons = Vec::new();
    if vowels != Vowels::LeftOut && !sounds.is_empty() {
        let first = sounds.find(is_vowel);
        let kept = sounds
            .char_indices()
            .filter(|(at, sound)| !is_vowel(*sound) || first == Some(*at));
        skeletons.push(kept.map(|(_, sound)| sound).collect());
    }
    // One consonant alone says nothing.
    if consonants + mark.len() >= 2 {
        skeletons.push(Clear::from(format!("~{}", bare())));
    }
    skeletons
}

/// Capitals are consonants by class, `a` and `u` vowels by class.
fn sounds(word: &str, vowels: Vowels) -> Clear {
    let word = Clear::from(word.replace("oo", "u").replace("ee", "i"));
    let mut sounds = Clear::default();
    let mut rest = word.as_str();
    while let Some(letter) = rest.chars().next() {
        let first = rest.len() == word.len();
        let group = GROUPS.iter().find(|(letters, _)| rest.starts_with(letters));
        let (length, class) = match group {
            Some((letters, class)) => (letters.len(), *class),
            None => (letter.len_utf8(), ""),
        };
        let after = rest.get(length..).unwrap_or_default();
        let class = if class.is_empty() {
            single(letter, first, after, sounds.ends_with(is_vowel))
        } else {
            class
        };
        for sound in class.chars() {
            // Of vowels in a row one is kept; that of the back where there is one.
            if sound == 'u' && sounds.ends_with('a') {
                sounds.pop();
            }
            let row = is_vowel(sound) && sounds.ends_with(is_vowel);
            // Where vowels are left out, two letters are two; but for the name of God.
            let two = vowels == Vowels::LeftOut && sound != 'L';
            if !row && (two || !sounds.ends_with(sound)) {
                sounds.push(sound);
            }
        }
        rest = after;
    }
    sounds
}

const fn is_vowel(sound: char) -> bool {
    matches!(sound, 'a' | 'u')
}

/// The class of a letter by itself.
fn single(letter: char, first: bool, after: &str, after_vowel: bool) -> &'static str {
    let soft = || after.starts_with(['e', 'i', 'y']);
    let before_vowel = || after.starts_with(['a', 'e', 'i', 'o', 'y']);
    match letter {
        'a' | 'e' | 'i' | 'y' => "a",
        // `Anouar` is `Anwar`.
        'o' if after.starts_with('u')
            && after
                .get(1..)
                .is_some_and(|after| after.starts_with(['a', 'e', 'i'])) =>
        {
            "V"
        }
        'u' if after_vowel && before_vowel() => "",
        'o' | 'u' => "u",
        'b' => "B",
        'c' if soft() => "Z",
        'c' | 'g' | 'k' | 'q' => "K",
        'd' => "D",
        'f' | 'v' | 'w' => "V",
        // Arabic h is h, kh, g or nothing, by the land: sounded between vowels it is of the
        // class of k, mute after a consonant and at the end.
        'h' if !after.is_empty() && (first || after_vowel) => "K",
        'j' => "S",
        'l' => "L",
        'm' => "M",
        'n' => "N",
        'p' => "P",
        'r' => "R",
        's' | 'z' => "Z",
        't' => "T",
        'x' if first => "S",
        'x' => "KZ",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skeleton(word: &str) -> String {
        skeletons(word, Vowels::Written)[0].to_string()
    }

    #[test]
    fn one_sound_written_in_many_ways_is_one_skeleton() {
        for family in [
            &[
                "mohamed", "muhammad", "mohammed", "mokhamed", "magomed", "mkmd",
            ][..],
            &[
                "hussein", "husain", "hossein", "khusein", "guseyn", "houssein", "ksyn",
            ],
            &["sergei", "sergey", "serguei"],
            &["yusuf", "youssef", "iusuf"],
            &["omar", "umar", "oumar"],
            &["amin", "amine", "ameen", "emin"],
            &["nour", "noor", "nur"],
            &["anwar", "anouar"],
            &["alexander", "aleksandr", "aleksander"],
            &["ivanov", "ivanoff", "ivanow", "ivanova"],
            &["zhang", "chang", "jang"],
        ] {
            for word in family {
                assert_eq!(skeleton(word), skeleton(family[0]), "{word}");
            }
        }
    }

    #[test]
    fn different_names_stay_apart() {
        for (one, other) in [
            ("omar", "amir"),
            ("ahmed", "hamid"),
            ("nur", "nasr"),
            ("li", "lu"),
        ] {
            assert_ne!(skeleton(one), skeleton(other));
        }
    }

    #[test]
    fn a_short_word_meets_itself_in_a_script_without_vowels() {
        let latin = skeletons("omar", Vowels::Written);
        let arabic = skeletons("amr", Vowels::LeftOut);
        assert!(latin.iter().any(|skeleton| arabic.contains(skeleton)));
    }

    #[test]
    fn nothing_is_left_of_nothing() {
        assert!(skeletons("", Vowels::Written).is_empty());
        assert!(skeletons("'", Vowels::Written).is_empty());
    }
}
