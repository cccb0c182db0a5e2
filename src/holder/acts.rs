//! Admitting and amending the holders of one's own mechanism.

use crate::{
    confidentiality::Level,
    id::RecordId,
    identity::holder::{HolderKind, Role, Standing},
    store::{
        act::{Act, ActError, RefusalCode},
        holders::{HolderChange, KeptHolder},
    },
};

/// Characters of a holder's name at most, as tokens carry it.
const NAME: usize = 64;

/// Admits a holder of one's own mechanism.
///
/// # Errors
/// Refuses who does not keep the list of holders, a clearance or a role that is not one's
/// own, and a name that is not the mechanism's or is taken.
pub async fn admit(act: &mut Act, new: KeptHolder) -> Result<RecordId, ActError> {
    let (_, code) = act.keeps_holders()?;
    check_name(&code, &new.subject)?;
    let own = standing(act)?;
    within(own, Some(new.clearance), &new.roles)?;
    fits(new.kind, new.clearance, &new.roles)?;
    act.admit_holder(&new).await
}

/// Amends a holder of one's own mechanism.
///
/// # Errors
/// Refuses who does not keep the list of holders, oneself, and a clearance or a role that is
/// given and is not one's own.
pub async fn amend(
    act: &mut Act,
    subject: &str,
    change: HolderChange,
) -> Result<RecordId, ActError> {
    act.keeps_holders()?;
    let before = act.reader().kept_holder(subject).await?;
    let before = before.ok_or_else(|| {
        RefusalCode::NotFound.says("there is no such record, or none that you may know of")
    })?;
    let own = standing(act)?;
    if own.subject() == before.subject {
        let sentence = "what you may do yourself is amended by another officer";
        return Err(RefusalCode::Forbidden.says(sentence).into());
    }
    if change.clearance.is_none() && change.roles.is_none() && change.suspended.is_none() {
        return Err(RefusalCode::Invalid.says("nothing is to be amended").into());
    }
    let raised = change.clearance.filter(|level| *level > before.clearance);
    let roles = change.roles.as_ref().unwrap_or(&before.roles);
    let given: Vec<Role> = roles
        .iter()
        .filter(|role| !before.roles.contains(role))
        .copied()
        .collect();
    within(own, raised, &given)?;
    fits(
        before.kind,
        change.clearance.unwrap_or(before.clearance),
        roles,
    )?;
    act.amend_holder(&before, &change).await
}

fn standing(act: &Act) -> Result<&Standing, ActError> {
    let standing = act.reader().viewer().standing();
    Ok(standing.ok_or_else(|| RefusalCode::TokenNeeded.says("this act needs a token"))?)
}

/// Whether what is given is the giver's own.
fn within(own: &Standing, clearance: Option<Level>, roles: &[Role]) -> Result<(), ActError> {
    let refused =
        |sentence: &str, field| Err(RefusalCode::Forbidden.says(sentence).of(field).into());
    if clearance.is_some_and(|clearance| clearance > own.clearance()) {
        return refused("nobody gives a clearance above their own", "clearance");
    }
    if roles.iter().any(|role| !own.has_role(*role)) {
        return refused("nobody gives a role that they have not", "roles");
    }
    Ok(())
}

/// Whether this sort of holder may have it.
fn fits(kind: HolderKind, clearance: Level, roles: &[Role]) -> Result<(), ActError> {
    if clearance > kind.ceiling() {
        let sentence = format!("a display has at most {}", kind.ceiling());
        return Err(ActError::invalid("clearance", sentence));
    }
    if kind != HolderKind::Officer && !roles.is_empty() {
        let sentence = "roles take a person's judgement: they are for officers";
        return Err(ActError::invalid("roles", sentence));
    }
    Ok(())
}

/// Names are the mechanism's own, so that one that is taken tells nothing of others.
fn check_name(code: &str, name: &str) -> Result<(), ActError> {
    let rest = name.strip_prefix(code);
    let rest = rest.and_then(|rest| rest.strip_prefix('.'));
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let good = rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(letter));
    if good && name.len() <= NAME {
        return Ok(());
    }
    let sentence = format!(
        "a name begins with `{code}.`, has letters, digits, `-`, `_` and `.`, and {NAME} of them \
         at most"
    );
    Err(ActError::invalid("name", sentence))
}
