//! The test vectors of RFC 9497 for ristretto255-SHA512, without and with proofs.

use std::collections::BTreeMap;

use curve25519_dalek::Scalar;
use zeroize::Zeroizing;

use super::super::{
    docket::blinded,
    element::Element,
    proof::{Batch, Proof},
    share::Share,
    suite::{Mode, output},
};

const VECTORS: &str = include_str!("rfc9497.txt");

fn bytes(hex: &str) -> Vec<u8> {
    let digits = |place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

fn number(hex: &str) -> Scalar {
    Scalar::from_canonical_bytes(bytes(hex).try_into().unwrap()).unwrap()
}

/// Runs one vector, with what its mode has said before it.
fn holds(mode: Mode, said: &BTreeMap<String, String>) {
    let list = |name: &str| -> Vec<Vec<u8>> { said[name].split(',').map(bytes).collect() };
    let seed: [u8; 32] = bytes(&said["Seed"]).try_into().unwrap();
    let share = mode.derived(&seed, &bytes(&said["KeyInfo"]));
    assert_eq!(share, number(&said["skSm"]));
    let published = Share::from_number(share).unwrap().published();
    let (mut asked, mut answered) = (Vec::new(), Vec::new());
    let blinds: Vec<Scalar> = said["Blind"].split(',').map(number).collect();
    let inputs = list("Input");
    for (place, (input, blind)) in inputs.iter().zip(&blinds).enumerate() {
        let question = blinded(mode, input, blind).unwrap();
        assert_eq!(question.bytes().as_slice(), list("BlindedElement")[place]);
        let answer = Element::of(question.point * share).unwrap();
        assert_eq!(answer.bytes().as_slice(), list("EvaluationElement")[place]);
        let whole = output(input, &(answer.point * blind.invert()));
        assert_eq!(whole.as_slice(), list("Output")[place]);
        asked.push(question);
        answered.push(answer);
    }
    let Some(proof) = said.get("Proof") else {
        return;
    };
    assert_eq!(published.0.bytes().as_slice(), bytes(&said["pkSm"]));
    let batch = Batch {
        mode,
        published: &published.0,
        asked: &asked,
        answered: &answered,
    };
    let random = Zeroizing::new(number(&said["ProofRandomScalar"]));
    let made = batch.proved(&share, &random);
    assert_eq!(made.bytes().as_slice(), bytes(proof));
    assert_eq!(Proof::parse(&made.to_string()), Ok(made));
    assert!(batch.holds(&made));
}

#[test]
fn the_vectors_of_rfc_9497_hold() {
    let mut mode = Mode::Plain;
    let mut of_mode = BTreeMap::new();
    let mut said: Option<BTreeMap<String, String>> = None;
    let mut run = 0;
    for line in VECTORS.lines().skip(1).chain(["vector"]) {
        if (line.starts_with("mode") || line == "vector")
            && let Some(said) = said.take()
        {
            holds(mode, &said);
            run += 1;
        }
        match line {
            "mode OPRF" => of_mode.clear(),
            "mode VOPRF" => {
                of_mode.clear();
                mode = Mode::Verifiable;
            }
            "vector" => said = Some(of_mode.clone()),
            line => {
                let (name, value) = line.split_once(" = ").unwrap();
                let to = said.as_mut().unwrap_or(&mut of_mode);
                to.insert(name.to_owned(), value.to_owned());
            }
        }
    }
    assert_eq!(run, 5);
}
