//! Two hubs that differ only in what a viewer may not see: to that viewer they are one.

use super::{
    Finding, Outcome, Viewer,
    door::{Door, DoorError, at},
};

/// Times that both are asked again before a difference is told.
const AGAIN: usize = 20;

/// Asks both; notes where they differ.
pub(super) fn alike(
    hub: &Door,
    twin: &Door,
    viewer: &Viewer,
    request: &str,
    outcome: &mut Outcome,
) -> Result<(), DoorError> {
    let mut answers = [
        vec![hub.ask(viewer, request)?],
        vec![twin.ask(viewer, request)?],
    ];
    // Of several faults in one request the hub tells the one that it meets first, which is
    // chance: then each gives the other's answer, too, when it is asked again.
    for _ in 0..AGAIN {
        let [here, there] = &mut answers;
        if here.iter().any(|one| there.contains(one)) {
            return Ok(());
        }
        let faulty = |told: &super::Told| at(&told.json(), "/errors").is_array();
        if !here.iter().chain(there.iter()).all(faulty) {
            break;
        }
        here.push(hub.ask(viewer, request)?);
        there.push(twin.ask(viewer, request)?);
    }
    outcome.findings.push(Finding {
        why: "the hub and its twin differ".to_owned(),
        viewer: viewer.name.clone(),
        request: request.to_owned(),
        answers: answers
            .iter()
            .flat_map(|of| of.first())
            .map(super::Told::beginning)
            .collect(),
    });
    Ok(())
}
