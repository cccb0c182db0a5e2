//! Keys: order, case and marks do not matter, and no spelling takes anything away.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::{
    KeyKind, MOST, MatchKey, Victim, probe_keys, record_keys, synthetic::languages,
};
use crate::{chance::Chance, confidentiality::facts::CountryCode, date::PartialDate};

/// What is known of somebody in the tests below, but for the name.
struct Known {
    born: Option<PartialDate>,
    happened: Option<PartialDate>,
    countries: Vec<CountryCode>,
}

impl Known {
    fn of(born: &str, happened: &str) -> Self {
        Self {
            born: PartialDate::parse(born),
            happened: PartialDate::parse(happened),
            countries: vec![CountryCode::parse("TUN").unwrap()],
        }
    }

    fn victim<'a>(&'a self, spellings: &'a [&'a str]) -> Victim<'a> {
        Victim {
            spellings,
            born: self.born.as_ref(),
            happened: self.happened.as_ref(),
            countries: &self.countries,
        }
    }

    fn keys(&self, spelling: &str) -> BTreeSet<Vec<u8>> {
        bytes(&record_keys(&self.victim(&[spelling])))
    }
}

fn bytes(keys: &[MatchKey]) -> BTreeSet<Vec<u8>> {
    keys.iter().map(|key| key.bytes().to_vec()).collect()
}

fn whole() -> Known {
    Known::of("1984-03-12", "2012-05-09")
}

proptest! {
    #[test]
    fn the_order_of_the_words_does_not_matter(
        words in prop::collection::vec("[bdklmnrst][aeiou][bdklmnrst]{2}[aeiou][bdklmnrst]", 2..5),
        turn in 0_usize..5,
        between in prop::sample::select(vec![" ", "  ", ", ", "-", ". "]),
    ) {
        let mut turned = words.clone();
        turned.rotate_left(turn % words.len());
        turned.reverse();
        prop_assert_eq!(whole().keys(&words.join(" ")), whole().keys(&turned.join(between)));
    }

    #[test]
    fn a_spelling_more_never_loses_a_key(
        spellings in prop::collection::vec(".{0,40}", 1..5),
        more in ".{0,60}",
        born in prop::sample::select(vec!["", "1984", "1984-03", "1984-03-12"]),
        happened in prop::sample::select(vec!["", "2012", "2012-05-09", "2012-12-30/2013-01-04"]),
    ) {
        let known = Known::of(born, happened);
        let mut all: Vec<&str> = spellings.iter().map(String::as_str).collect();
        let (record, probe) = (record_keys(&known.victim(&all)), probe_keys(&known.victim(&all)));
        all.push(&more);
        prop_assert!(bytes(&record).is_subset(&bytes(&record_keys(&known.victim(&all)))));
        prop_assert!(bytes(&probe).is_subset(&bytes(&probe_keys(&known.victim(&all)))));
    }

    #[test]
    fn no_record_and_no_probe_has_more_keys_than_allowed(
        spellings in prop::collection::vec("(.{1,9} ){0,9}", 0..7),
    ) {
        let spellings: Vec<&str> = spellings.iter().map(String::as_str).collect();
        let known = Known::of("1984-03-12/1985", "2012-12-30/2013-01-04");
        for keys in [record_keys(&known.victim(&spellings)), probe_keys(&known.victim(&spellings))] {
            prop_assert!(keys.len() <= MOST);
            prop_assert_eq!(bytes(&keys).len(), keys.len());
        }
    }
}

#[test]
fn case_and_marks_and_forms_of_a_letter_do_not_matter() {
    for (one, other) in [
        ("José Núñez", "JOSE NUNEZ"),
        ("Çelik Şahin", "CELIK SAHIN"),
        ("Jose\u{301} Nu\u{301}n\u{303}ez", "José Núñez"),
        ("ＪＯＳＥ Ｎｕñｅｚ", "José Núñez"),
        ("Weiß Großmann", "WEISS GROSSMANN"),
        ("Иванов Сергей", "ИВАНОВ СЕРГЕЙ"),
        ("مُحَمَّد عَوَض", "محمد عوض"),
    ] {
        assert!(
            !whole().keys(one).is_disjoint(&whole().keys(other)),
            "{one} and {other} share nothing"
        );
    }
    assert_eq!(
        whole().keys("José Núñez"),
        whole().keys("Jose\u{301} Nu\u{301}n\u{303}ez")
    );
}

#[test]
fn one_name_in_two_scripts_shares_a_pair() {
    let pairs = |spelling: &str| -> BTreeSet<Vec<u8>> {
        let keys = record_keys(&whole().victim(&[spelling])).into_iter();
        let pairs = keys.filter(|key| key.kind.is_pair());
        pairs.map(|key| key.bytes().to_vec()).collect()
    };
    for (one, other) in [
        ("محمد الحداد", "Mohamed El Haddad"),
        ("عبد الرحمن منصور", "Abderrahmane Mansour"),
        ("Юлия Щербакова", "Iuliia Shcherbakova"),
        ("王晓明", "Xiaoming WANG"),
        ("王晓明", "Wang, Xiao-Ming"),
        ("欧阳文", "Wen Ouyang"),
        ("ተስፋዬ ከበደ", "Tesfaye Kebede"),
        ("حسین کریمی", "Hossein Karimi"),
    ] {
        assert!(!pairs(one).is_disjoint(&pairs(other)), "{one} and {other}");
    }
}

#[test]
fn every_name_of_every_language_meets_itself_turned_round_and_in_capitals() {
    for language in languages() {
        for (given, surname) in language.given.iter().zip(&language.surnames) {
            let channel = language.channels.first().unwrap();
            let write = |name| language.write(name, channel, &mut Chance::of(1));
            let (given, surname) = (write(given), write(surname));
            let (one, other) = (format!("{given} {surname}"), format!("{surname} {given}"));
            let (one, other) = (whole().keys(&one), whole().keys(&other.to_uppercase()));
            assert!(!one.is_disjoint(&other), "{given} {surname}");
        }
    }
}

#[test]
fn an_initial_is_nobodys_name() {
    assert_eq!(whole().keys("A. B."), whole().keys(""));
    assert_eq!(whole().keys("J. Karimov"), whole().keys("Karimov"));
}

#[test]
fn there_is_no_key_without_a_date() {
    assert!(Known::of("", "").keys("José Núñez").is_empty());
    for kind in KeyKind::ALL {
        let made = |born, happened| {
            let known = Known::of(born, happened);
            let keys = record_keys(&known.victim(&["José Núñez"]));
            keys.iter().any(|key| key.kind == *kind)
        };
        assert!(made("1984-03-12", "2012-05-09"), "{kind:?}");
    }
}

#[test]
fn the_first_of_january_is_a_year() {
    let year = Known::of("1984", "2012-05-09").keys("José Núñez");
    assert_eq!(
        Known::of("1984-01-01", "2012-05-09").keys("José Núñez"),
        year
    );
}

#[test]
fn a_probe_finds_the_year_and_the_month_before_and_after() {
    for (born, happened) in [
        ("1985-03-12", "2012-05"),
        ("1984-12-03", "2012-06"),
        ("1984-03-12", "2011-12"),
    ] {
        let record = Known::of(born, happened).keys("José Núñez");
        let probe = bytes(&probe_keys(&whole().victim(&["José Núñez"])));
        assert!(!record.is_disjoint(&probe), "{born} {happened}");
    }
    let january = Known::of("", "2012-01");
    let probe = bytes(&probe_keys(&january.victim(&["José Núñez"])));
    let december = record_keys(&Known::of("", "2011-12").victim(&["José Núñez"]));
    let month = december
        .iter()
        .find(|key| key.kind == KeyKind::PairEventMonth);
    assert!(probe.contains(month.unwrap().bytes()));
}

#[test]
fn the_state_is_in_every_key() {
    let mut elsewhere = whole();
    elsewhere.countries = vec![CountryCode::parse("MAR").unwrap()];
    assert!(
        whole()
            .keys("José Núñez")
            .is_disjoint(&elsewhere.keys("José Núñez"))
    );
    elsewhere.countries.push(CountryCode::parse("TUN").unwrap());
    assert!(
        whole()
            .keys("José Núñez")
            .is_subset(&elsewhere.keys("José Núñez"))
    );
}

#[test]
fn a_key_prints_its_kind_alone() {
    let keys = record_keys(&whole().victim(&["José Núñez"]));
    let printed = format!("{keys:?}");
    assert!(
        printed.contains("PairBirthYear") && !printed.contains("1984"),
        "{printed}"
    );
}
