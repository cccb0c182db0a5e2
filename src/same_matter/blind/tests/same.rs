//! A blind docket finds what a trusted hub finds: the same bands, pair by pair.

use super::shares::{share, tokens};
use crate::{
    keys::SecretKey,
    same_matter::{
        Band, HubTrusted, MatchKey, TypedToken, Weights,
        synthetic::{Trial, World},
    },
};

/// The bands of a pair, and what they were made of.
type Told = (Band, Band, Option<Option<f64>>, Option<f64>);

#[test]
fn both_modes_give_the_same_bands_on_a_thousand_pairs() {
    let mut world = World::fixture().unwrap();
    // Every third pair: half of them of one person, as in the whole.
    let third = |place: &usize| place.is_multiple_of(3);
    let docket = world.docket.into_iter().enumerate();
    world.docket = docket
        .filter(|(place, _)| third(place))
        .map(|(_, one)| one)
        .collect();
    let probes = world.probes.into_iter().enumerate();
    world.probes = probes
        .filter(|(place, _)| third(place))
        .map(|(_, one)| one)
        .collect();
    for probe in &mut world.probes {
        probe.partner = probe.partner.map(|number| number / 3);
    }
    assert_eq!((world.docket.len(), world.probes.len()), (1_000, 1_000));

    let secret = SecretKey::fresh().unwrap();
    let hub_trusted = HubTrusted::new(&secret);
    let trusted = Trial::under(&world, &|keys| hub_trusted.tokens(keys));
    let (hub, holder) = (share(), share());
    // As the hub keeps them: keyed once more.
    let kept = |keys: &[MatchKey]| -> Vec<TypedToken> {
        let made = tokens([&hub, &holder], keys).into_iter();
        let kept = made.map(|one| TypedToken {
            token: hub_trusted.peppered(&one.token.0).unwrap(),
            ..one
        });
        kept.collect()
    };
    let blind = Trial::under(&world, &kept);

    let weights = Weights::shipped().unwrap();
    let told = |trial: &Trial| -> Vec<Told> {
        let answers = trial.answers(&weights).into_iter();
        let answers = answers.map(|one| (one.band, one.other_band, one.partner, one.other));
        answers.collect()
    };
    let (trusted, blind) = (told(&trusted), told(&blind));
    assert_eq!(trusted, blind);
    let found = blind
        .iter()
        .filter(|(band, ..)| *band == Band::Likely)
        .count();
    assert!((400..=500).contains(&found), "{found} of 500 are likely");
}
