//! Signals that two mechanisms plan to visit one State, as each of them is told.

use std::collections::{BTreeSet, HashMap};

use async_graphql::{Context, ID, Result, SimpleObject};

use crate::{
    agreement::Agreement,
    clock::Moment,
    graphql::{
        Object,
        context::{Asking, failed},
        object::Told,
    },
    id::RecordId,
    mechanism::{FocalPoint, Mechanism},
    store::{
        Reader, StoreError,
        page::{ListQuery, Under},
        reader::Slice,
        visit_overlap::VisitOverlap as Kept,
    },
    vocabulary::{AgreementStatus, FocalPointRole},
};

/// Parties of one agreement, and focal points of one mechanism, that are looked at.
const MOST: u32 = 50;

/// That another party to an agreement plans to visit a State in the quarter in which you do,
/// and neither of you is told of the other's plan. It says nothing more: whoever wants to know
/// writes to the other.
#[derive(SimpleObject)]
pub struct VisitOverlap {
    /// Its id.
    id: ID,
    /// The agreement by whose clauses both of you have opted into being told.
    agreement: Object<Agreement>,
    /// ISO alpha-3 code of the State.
    country: String,
    /// The quarter, such as `2027-Q1`.
    quarter: String,
    /// When you were both told.
    told_at: Told<Moment>,
    /// Where to write: mailboxes of the other parties to the agreement, for cooperation where
    /// there is one.
    write_to: Vec<String>,
}

/// The signals to the viewer's own mechanism, of agreements that are in force.
///
/// # Errors
/// Fails where the database does.
pub async fn visit_overlaps(ctx: &Context<'_>) -> Result<Vec<VisitOverlap>> {
    let asked = ctx.asked()?;
    let kept = asked.reader.visit_overlaps().await.map_err(failed)?;
    if kept.is_empty() {
        return Ok(Vec::new());
    }
    let ids: BTreeSet<RecordId> = kept.iter().map(|one| one.agreement).collect();
    let ids: Vec<RecordId> = ids.into_iter().collect();
    let agreements = asked
        .reader
        .by_ids::<Agreement>(&ids)
        .await
        .map_err(failed)?;
    let mailboxes = mailboxes(&asked.reader, &ids).await.map_err(failed)?;
    let mut told = Vec::new();
    for Kept {
        id,
        agreement,
        country,
        quarter,
        told_at,
    } in kept
    {
        // What an agreement that has ended has let be told is told no more.
        let in_force = agreements.get(&agreement).filter(|known| {
            let status = known.open(|row| &row.status).visible().flatten();
            status == Some(&AgreementStatus::InForce)
        });
        let Some(known) = in_force else {
            continue;
        };
        // Who the parties are is told, or nobody is named to write to.
        let write_to = mailboxes
            .get(&agreement)
            .filter(|_| known.sees(Agreement::parties));
        told.push(VisitOverlap {
            id: ID(id.0.to_string()),
            agreement: Object::of(known.clone()),
            country,
            quarter,
            told_at: Told(told_at),
            write_to: write_to.cloned().unwrap_or_default(),
        });
    }
    asked.count(told.len())?;
    Ok(told)
}

/// Mailboxes of the other parties to agreements, as far as the viewer is told of them.
async fn mailboxes(
    reader: &Reader,
    agreements: &[RecordId],
) -> Result<HashMap<RecordId, Vec<String>>, StoreError> {
    let parties = ListQuery {
        under: Under::Link("parties"),
        ..ListQuery::all(MOST)
    };
    let parties = reader.lists::<Mechanism>(agreements, &parties).await?;
    let own = reader.viewer().mechanism().map(RecordId::from);
    let others = |slice: &Slice<Mechanism>| {
        let parties = slice.rows.iter().map(|placed| placed.known.id());
        let others = parties.filter(|party| Some(*party) != own);
        others.collect::<Vec<RecordId>>()
    };
    let all: BTreeSet<RecordId> = parties.values().flat_map(others).collect();
    let all: Vec<RecordId> = all.into_iter().collect();
    let desks = ListQuery {
        under: Under::Key("mechanism_id"),
        ..ListQuery::all(MOST)
    };
    let desks = reader.lists::<FocalPoint>(&all, &desks).await?;
    let mailbox = |party: &RecordId| {
        let slice = desks.get(&Some(*party))?;
        let reached = slice.rows.iter().filter_map(|placed| {
            let role = placed.known.open(|row| &row.role).visible().flatten()?;
            let mailbox = placed.known.open(|row| &row.mailbox).visible().flatten()?;
            Some((*role != FocalPointRole::Cooperation, mailbox.clone()))
        });
        reached.min().map(|(_, mailbox)| mailbox)
    };
    let of_agreement = parties.iter().filter_map(|(agreement, slice)| {
        let mailboxes = others(slice).iter().filter_map(mailbox).collect();
        Some(((*agreement)?, mailboxes))
    });
    Ok(of_agreement.collect())
}
