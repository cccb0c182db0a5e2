//! Two shares are one secret; one of them is none.

use std::collections::BTreeSet;

use curve25519_dalek::Scalar;

use super::super::{
    BlindDocket, BlindFault, Element, Evaluation, MOST_ELEMENTS, Proof, Share,
    docket::blinded,
    suite::{Mode, output, random},
};
use crate::{
    confidentiality::facts::CountryCode,
    date::PartialDate,
    keys::SecretKey,
    same_matter::{MatchKey, Token, Tokens, TypedToken, Victim, record_keys},
};

pub(super) fn share() -> Share {
    Share::of(&SecretKey::fresh().unwrap()).unwrap()
}

pub(super) fn keys() -> Vec<MatchKey> {
    record_keys(&Victim {
        spellings: &["Invented Person", "Persona Inventada"],
        born: PartialDate::parse("1984-03-12").as_ref(),
        happened: PartialDate::parse("2012-05-09").as_ref(),
        countries: &[CountryCode::parse("TUN").unwrap()],
    })
}

/// Tokens of keys under two shares, as a client makes them: batch by batch.
pub(super) fn tokens(shares: [&Share; 2], keys: &[MatchKey]) -> Vec<TypedToken> {
    let docket = BlindDocket::new(shares.map(Share::published));
    let (pending, questions) = docket.begin(keys).unwrap();
    let mut answers = Vec::new();
    for asked in questions.chunks(MOST_ELEMENTS) {
        let [one, other] = shares.map(|share| share.evaluate(asked).unwrap());
        answers.extend(docket.answers(asked, [&one, &other]).unwrap());
    }
    docket.finish(pending, answers).unwrap()
}

fn set(tokens: &[TypedToken]) -> BTreeSet<Token> {
    tokens.iter().map(|one| one.token).collect()
}

#[test]
fn the_sum_of_two_shares_is_one_secret() {
    let (one, other) = (random().unwrap(), random().unwrap());
    let shares = [one, other].map(|number| Share::from_number(number).unwrap());
    let made = tokens([&shares[0], &shares[1]], &keys());
    for (token, key) in made.iter().zip(keys()) {
        let whole = Mode::Verifiable.point(key.bytes()).unwrap() * (one + other);
        let whole = output(key.bytes(), &whole);
        assert_eq!(token.token.0, whole[..16]);
        assert_eq!((token.kind, token.widened), (key.kind, key.widened));
    }
}

#[test]
fn who_has_one_share_makes_no_token() {
    let (hub, holder) = (share(), share());
    let made = set(&tokens([&hub, &holder], &keys()));
    assert_eq!(made, set(&tokens([&holder, &hub], &keys())));
    for guessed in (0..20).map(|_| share()) {
        assert!(made.is_disjoint(&set(&tokens([&hub, &guessed], &keys()))));
    }
    // Nor with one share alone, nor with it twice.
    let alone = keys().into_iter().map(|key| {
        let blind = random().unwrap();
        let asked = blinded(Mode::Verifiable, key.bytes(), &blind).unwrap();
        let said = hub.evaluate(&[asked]).unwrap().answered[0];
        let whole = output(key.bytes(), &(said.point * blind.invert()));
        Token(whole[..16].try_into().unwrap())
    });
    assert!(made.is_disjoint(&alone.collect()));
    assert!(made.is_disjoint(&set(&tokens([&hub, &hub], &keys()))));
}

#[test]
fn a_question_is_another_each_time() {
    let docket = BlindDocket::new([share().published(), share().published()]);
    let ask = || -> Vec<[u8; 32]> {
        let (_, questions) = docket.begin(&keys()).unwrap();
        questions.iter().map(|one| *one.bytes()).collect()
    };
    assert!(ask().iter().all(|one| !ask().contains(one)));
}

#[test]
fn a_share_that_is_not_the_published_one_is_found() {
    let (hub, holder, wrong) = (share(), share(), share());
    let docket = BlindDocket::new([hub.published(), holder.published()]);
    let (_, asked) = docket.begin(&keys()).unwrap();
    let [of_hub, good, bad] = [&hub, &holder, &wrong].map(|one| one.evaluate(&asked).unwrap());
    assert!(docket.answers(&asked, [&of_hub, &good]).is_ok());
    let refused = |said: &Evaluation| docket.answers(&asked, [&of_hub, said]).err();
    assert_eq!(refused(&bad), Some(BlindFault::Proof));
    // One answer of another share, one exchanged with the next, one left out, one added.
    let altered = |alter: &dyn Fn(&mut Vec<Element>)| {
        let mut said = good.clone();
        alter(&mut said.answered);
        refused(&said)
    };
    assert_eq!(
        altered(&|said| said[3] = bad.answered[3]),
        Some(BlindFault::Proof)
    );
    assert_eq!(altered(&|said| said.swap(0, 1)), Some(BlindFault::Proof));
    assert_eq!(
        altered(&|said| said.truncate(said.len() - 1)),
        Some(BlindFault::Count)
    );
    assert_eq!(altered(&|said| said.push(said[0])), Some(BlindFault::Count));
    // A proof is of one batch.
    let (_, others) = docket.begin(&keys()).unwrap();
    let mut said = good.clone();
    said.proof = holder.evaluate(&others).unwrap().proof;
    assert_eq!(refused(&said), Some(BlindFault::Proof));
}

#[test]
fn what_is_no_point_is_refused() {
    let mut bad = vec![
        vec![0; 32],
        vec![0xff; 32],
        vec![1; 31],
        vec![1; 33],
        Vec::new(),
    ];
    // Not canonical: the number of the field's size, and a negative one.
    bad.push([vec![0xed], vec![0xff; 30], vec![0x7f]].concat());
    bad.push([vec![1], vec![0; 31]].concat());
    for bytes in bad {
        assert_eq!(
            Element::read(&bytes).err(),
            Some(BlindFault::Element),
            "{bytes:?}"
        );
    }
    for text in [
        "",
        "AAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "=",
        "é",
    ] {
        assert!(Element::parse(text).is_err(), "{text}");
        assert!(Proof::parse(text).is_err(), "{text}");
    }
    let good = share().published();
    assert_eq!(super::super::Published::parse(&good.to_string()), Ok(good));
    assert!(Share::from_number(Scalar::ZERO).is_err());
}

#[test]
fn a_batch_has_a_probes_elements_at_most() {
    let share = share();
    let element = share.published().0;
    for (count, fault) in [
        (0, true),
        (1, false),
        (MOST_ELEMENTS, false),
        (MOST_ELEMENTS + 1, true),
    ] {
        let said = share.evaluate(&vec![element; count]);
        assert_eq!(said.err() == Some(BlindFault::Count), fault, "{count}");
    }
}
