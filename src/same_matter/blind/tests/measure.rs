//! What an element costs: run it with `--ignored --nocapture`, optimised and not.

use std::time::Instant;

use super::{
    super::{BlindDocket, Element, MOST_ELEMENTS, Share},
    shares::{keys, share},
};
use crate::same_matter::Tokens;

const ROUNDS: u32 = 20;

fn told<T>(what: &str, elements: usize, work: impl Fn() -> T) -> T {
    let begun = Instant::now();
    for _ in 1..ROUNDS {
        work();
    }
    let done = work();
    let of = f64::from(ROUNDS) * f64::from(u32::try_from(elements).unwrap());
    let micros = begun.elapsed().as_secs_f64() * 1e6 / of;
    println!(
        "{what:<40} {micros:>8.1} µs an element, {:.1} ms for {elements}",
        micros * f64::from(u32::try_from(elements).unwrap()) / 1e3
    );
    done
}

#[test]
#[ignore = "it measures, and shows nothing"]
fn what_an_element_costs() {
    let shares: [Share; 2] = [share(), share()];
    let docket = BlindDocket::new([shares[0].published(), shares[1].published()]);
    let keys: Vec<_> = keys().into_iter().cycle().take(MOST_ELEMENTS).collect();
    let (_, asked) = told("blind", keys.len(), || docket.begin(&keys).unwrap());
    told("read the elements", keys.len(), || {
        let read = asked
            .iter()
            .map(|one| Element::parse(&one.to_string()).unwrap());
        read.count()
    });
    let said = told("evaluate and prove, one holder", keys.len(), || {
        shares[0].evaluate(&asked).unwrap()
    });
    told("look at the proof of one holder", keys.len(), || {
        shares[0].published().accept(&asked, &said).unwrap()
    });
    let other = shares[1].evaluate(&asked).unwrap();
    let answers = docket.answers(&asked, [&said, &other]).unwrap();
    // Begun anew each time: what is pending is used up.
    told("blind and finish", keys.len(), || {
        let (pending, _) = docket.begin(&keys).unwrap();
        docket.finish(pending, answers.clone()).unwrap()
    });
}
