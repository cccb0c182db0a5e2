//! The words of a spelling in small Latin letters, whatever the script.

use ::pinyin::ToPinyin;
use any_ascii::any_ascii;
use unicode_normalization::UnicodeNormalization;

use super::{clear::Clear, skeleton::Vowels};

/// Words that join names and are none.
const PARTICLES: [&str; 44] = [
    "al", "el", "ul", "ibn", "ben", "bin", "bint", "bte", "abu", "abou", "abd", "abdul", "abdel",
    "abdal", "ould", "mint", "ag", "oglu", "kizi", "de", "la", "las", "los", "le", "les", "del",
    "da", "do", "dos", "das", "du", "des", "di", "van", "von", "der", "den", "ter", "und", "et",
    "mr", "mrs", "dr", "jr",
];
/// Forms of the Arabic article before a letter of the sun; only where a hyphen follows.
const ARTICLES: [&str; 11] = [
    "ar", "as", "ash", "at", "an", "ad", "az", "er", "es", "ech", "ul",
];
/// Chinese surnames of two characters.
const DOUBLE_SURNAMES: [&str; 10] = [
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "皇甫", "尉迟", "令狐",
];

/// A word of a name, in each way in which it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// In small Latin letters, at most two.
    pub(super) readings: Vec<Clear>,
    /// Whether its vowels are written.
    pub(super) vowels: Vowels,
}

/// The words of a spelling, each list of words being one way to part it.
///
/// Three Chinese syllables are one surname and one given name in either order, as well as
/// three words.
pub(super) fn partings(spelling: &str) -> Vec<Vec<Word>> {
    let folded = folded(spelling);
    let mut words = Vec::new();
    let mut han = Vec::new();
    for piece in folded.split(|letter: char| !belongs(letter) && letter != '-') {
        let mut parts = piece.split('-').filter(|part| !part.is_empty()).peekable();
        while let Some(part) = parts.next() {
            if part.chars().all(is_han) {
                han.push(part);
            } else if !(parts.peek().is_some() && ARTICLES.contains(&part)) {
                words.extend(word(part));
            }
        }
    }
    let named = words.iter().filter(|word| !word.is_particle()).count();
    if named >= 2 {
        words.retain(|word| !word.is_particle());
    }
    let alone = han.len() == 1;
    words.extend(han.iter().flat_map(|part| read(part, alone)));
    let mut partings = joined(&words);
    partings.push(words);
    partings
}

/// Compatible forms made one, and neither case nor marks.
///
/// The marks of scripts that write vowels with them stay.
fn folded(spelling: &str) -> Clear {
    let same: Clear = spelling.nfkc().collect();
    // Upper and lower again is as good as the full folding of case: ß, ς and ı.
    let lower = Clear::from(same.to_uppercase().to_lowercase());
    let spaced = lower.chars().map(|letter| match letter {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        letter => letter,
    });
    spaced.nfc().collect()
}

/// Whether a character is part of a word; signs that stand for a letter are.
fn belongs(letter: char) -> bool {
    letter.is_alphanumeric()
        || is_mark(letter)
        || matches!(letter, '\'' | '`' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '\u{2bb}')
        // Signs of vowels in other scripts, and the joiners of Persian.
        || matches!(letter, '\u{900}'..='\u{109f}' | '\u{200c}' | '\u{200d}' | '\u{640}')
}

const fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

const fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

const fn is_arabic(letter: char) -> bool {
    matches!(letter, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}')
}

impl Word {
    fn written(readings: Vec<Clear>) -> Self {
        Self {
            readings,
            vowels: Vowels::Written,
        }
    }

    fn is_particle(&self) -> bool {
        let particle = |reading: &Clear| PARTICLES.contains(&reading.as_str());
        self.readings.iter().all(particle)
    }
}

/// A word of any script but Chinese; `None` for an initial, which is nobody's name.
fn word(part: &str) -> Option<Word> {
    let mut word = if part.chars().any(is_arabic) {
        let (vowels, consonants) = (arabic(part, "u"), arabic(part, "w"));
        let mut readings = vec![vowels];
        if readings.first() != Some(&consonants) {
            readings.push(consonants);
        }
        Word {
            readings,
            vowels: Vowels::LeftOut,
        }
    } else {
        let plain = latin(part);
        let mut readings = vec![plain];
        if let Some(sounded) = sounded(part)
            && readings.first() != Some(&sounded)
        {
            readings.push(sounded);
        }
        Word::written(readings)
    };
    for reading in &mut word.readings {
        let kept = without_article(reading);
        *reading = kept;
    }
    word.readings.retain(|reading| reading.len() > 1);
    word.readings.dedup();
    (!word.readings.is_empty()).then_some(word)
}

/// Letters without their marks.
fn latin(part: &str) -> Clear {
    let bare: Clear = part.nfd().filter(|letter| !is_mark(*letter)).collect();
    letters(&Clear::from(any_ascii(&bare)))
}

/// The word as its marks would have it spoken, where they say a sound.
fn sounded(part: &str) -> Option<Clear> {
    let sound = |letter| match letter {
        'ş' | 'ș' | 'š' | 'ś' | 'ṣ' => Some("sh"),
        'ç' | 'č' | 'ć' => Some("ch"),
        'ž' => Some("zh"),
        'ñ' => Some("ny"),
        'ğ' => Some(""),
        _ => None,
    };
    part.chars().any(|letter| sound(letter).is_some()).then(|| {
        let mut sounded = Clear::default();
        for letter in part.chars() {
            match sound(letter) {
                Some(sound) => sounded.push_str(sound),
                None => sounded.push(letter),
            }
        }
        latin(&sounded)
    })
}

/// A word of Arabic letters. `waw` is what و stands for within a word.
fn arabic(part: &str, waw: &str) -> Clear {
    let kept =
        |letter: &char| !is_mark(*letter) && !matches!(letter, '\u{640}' | '\u{200c}' | '\u{200d}');
    let bare: Clear = part.nfc().filter(kept).collect();
    let mut rest = bare.as_str();
    for prefix in ["عبدال", "ال"] {
        if let Some(stripped) = rest.strip_prefix(prefix)
            && stripped.chars().count() >= 3
        {
            rest = stripped;
        }
    }
    let mut text = Clear::default();
    let last = rest.chars().count().saturating_sub(1);
    for (place, letter) in rest.chars().enumerate() {
        match letter {
            // Its class in Latin letters is that of k; an h here would be taken for a part of
            // `sh` or `th`.
            'ه' | 'ح' if place < last => text.push('k'),
            'ه' | 'ح' | 'ة' => {}
            'ا' | 'أ' | 'إ' | 'آ' | 'ع' | 'ء' | 'ٱ' => {
                // Within a word they are vowels, or nothing that others write.
                if place == 0 {
                    text.push('a');
                }
            }
            'و' if place > 0 => text.push_str(waw),
            'ی' | 'ي' | 'ى' | 'ئ' => text.push('y'),
            'ؤ' => text.push('u'),
            letter => text.push_str(&any_ascii(letter.encode_utf8(&mut [0; 4]))),
        }
    }
    letters(&text)
}

fn letters(text: &str) -> Clear {
    let letters = text.chars().filter(char::is_ascii_alphabetic);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// A word without the article or the servant of God that is written as one with it.
fn without_article(word: &str) -> Clear {
    let is_consonant = |letter: char| !"aeiouy".contains(letter);
    let long = |rest: &str, letters: usize| rest.len() >= letters && rest.starts_with(is_consonant);
    let mut rest = word;
    for servant in [
        "abdel", "abdul", "abdal", "abdol", "abder", "abdur", "abdes", "abdus",
    ] {
        // `Abdullah` is no servant of `lah`.
        if let Some(stripped) = rest.strip_prefix(servant)
            && long(stripped, 4)
        {
            rest = stripped;
            break;
        }
    }
    for article in ["ben", "el", "al"] {
        if let Some(stripped) = rest.strip_prefix(article)
            && long(stripped, 4)
        {
            rest = stripped;
            break;
        }
    }
    // `Essayed`, `Arrachidi`: the article has become the letter that follows.
    let mut letters = rest.chars();
    if let (Some('a' | 'e'), Some(one), Some(other)) =
        (letters.next(), letters.next(), letters.next())
        && one == other
        && "srtdnz".contains(one)
        && rest.len() >= 7
    {
        rest = rest.get(2..).unwrap_or(rest);
    }
    Clear::from(rest.to_owned())
}

/// Chinese characters read: surname and given name where they stand `alone` and as one.
fn read(part: &str, alone: bool) -> Vec<Word> {
    let length = part.chars().count();
    let double = DOUBLE_SURNAMES
        .iter()
        .any(|surname| part.starts_with(surname));
    let surname = if alone && (2..=4).contains(&length) {
        if double && length > 2 { 2 } else { 1 }
    } else {
        length
    };
    let split = part
        .char_indices()
        .nth(surname)
        .map_or(part.len(), |(at, _)| at);
    let (surname, given) = part.split_at_checked(split).unwrap_or((part, ""));
    let words = [surname, given].into_iter().filter(|word| !word.is_empty());
    words
        .map(|word| {
            let mut text = Clear::default();
            for syllable in word.chars() {
                match syllable.to_pinyin() {
                    Some(pinyin) => text.push_str(&latin(pinyin.plain())),
                    None => text.push_str(&any_ascii(syllable.encode_utf8(&mut [0; 4]))),
                }
            }
            Word {
                readings: vec![letters(&text)],
                vowels: Vowels::Written,
            }
        })
        .filter(|word| word.readings.iter().any(|reading| !reading.is_empty()))
        .collect()
}

/// Three syllables as a surname and a given name of two, in either order.
fn joined(words: &[Word]) -> Vec<Vec<Word>> {
    let mut syllables = Vec::new();
    for word in words {
        match word.readings.as_slice() {
            [reading] if is_syllable(reading) => syllables.push(reading),
            _ => return Vec::new(),
        }
    }
    let &[first, second, third] = syllables.as_slice() else {
        return Vec::new();
    };
    let join = |parts: &[&Clear]| {
        let mut text = Clear::default();
        for part in parts {
            text.push_str(part);
        }
        Word::written(vec![text])
    };
    vec![
        vec![join(&[first]), join(&[second, third])],
        vec![join(&[first, second]), join(&[third])],
    ]
}

/// Whether a word may be one Chinese syllable in Latin letters, of whatever romanisation.
fn is_syllable(word: &str) -> bool {
    let is_vowel = |letter: char| "aeiouv".contains(letter);
    let onset = word.trim_start_matches(|letter| !is_vowel(letter) && letter != 'y');
    let coda =
        onset.trim_start_matches(|letter| is_vowel(letter) || letter == 'y' || letter == 'w');
    word.len() - onset.len() <= 3
        && (1..=4).contains(&(onset.len() - coda.len()))
        && matches!(coda, "" | "n" | "ng" | "h" | "r" | "k" | "t" | "p" | "m")
}
