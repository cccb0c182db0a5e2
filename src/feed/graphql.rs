//! What the schema shows of the feed of changes.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, ID, Result, SimpleObject};

use crate::{
    graphql::{
        connection::size,
        context::{Asking, failed},
        error::Code,
        kinds::of_kind,
        node::Node,
    },
    id::{GlobalId, RecordId},
    identity::kind::Kind,
    store::{
        Reader, StoreError,
        feed::{Change, Looked, Place, ToLookAt, What},
        page::{Cursors, Position},
        predicate::{Predicate, Scalar},
    },
};

/// How often a view is looked at again, where others look at the same time.
const TRIES: usize = 5;

/// What has become of a record, to you.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ChangeKind {
    /// You may know of it, and could not where you began; or it is new.
    Appeared,
    /// Something else is told of it, or something is not told any more.
    Changed,
    /// It is deleted, or told to you no more: the two are alike.
    Gone,
}

/// A change of what you may see.
#[derive(SimpleObject)]
#[graphql(complex, name = "ViewChange")]
pub struct ViewChange {
    /// What has become of the record.
    change: ChangeKind,
    /// The record's id.
    id: ID,
    /// The record's type, as this schema names it.
    record_type: String,
}

#[ComplexObject]
impl ViewChange {
    /// The record as it is told to you now; `null` where it is gone.
    async fn node(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        match self.change {
            ChangeKind::Gone => Ok(None),
            ChangeKind::Appeared | ChangeKind::Changed => Node::find(ctx, &self.id).await,
        }
    }
}

/// A part of what has changed in what you may see.
#[derive(SimpleObject)]
pub struct Changes {
    /// The changes, each record once, as it is now.
    changes: Vec<ViewChange>,
    /// Where to go on: the `since` of the next question.
    cursor: String,
    /// Whether there is more already.
    has_more: bool,
}

/// What has changed after a cursor in what the viewer may see.
///
/// # Errors
/// Refuses a cursor of another view or of other kinds, a kind that there is none of, and a page
/// over the published limit.
pub async fn changes(
    ctx: &Context<'_>,
    since: Option<String>,
    kinds: Option<Vec<String>>,
    first: Option<i32>,
) -> Result<Changes> {
    let most = size(first, None)?;
    let kinds = chosen(kinds)?;
    let asked = ctx.asked()?;
    // A view is a mechanism's: what an officer alone may know of is in none.
    let viewer = asked.reader.viewer().without_purpose();
    let reader = asked.reader.store().read_as(Arc::new(viewer));
    let looked = catch_up(&reader).await.map_err(failed)?;
    let looked = looked.ok_or_else(|| Code::Unavailable.error())?;
    let name = format!("changes of {} {kinds:?}", looked.view());
    let key = reader.store().keys().cursor().bytes();
    let cursors = Cursors::new(key, reader.viewer(), &name, &Predicate::always(), &[]);
    let place = match since {
        Some(cursor) => {
            let place = opened(&cursors, &cursor).filter(|place| looked.has(*place));
            place.ok_or_else(|| {
                Code::CursorInvalid.says(
                    "the cursor is none of what you may see now, or of other types: begin anew \
                     without `since`",
                )
            })?
        }
        // Nothing of what is there: only what comes.
        None if most == 0 => looked.end(),
        None => looked.start(),
    };
    let part = reader.changes_after(&looked, place, (&kinds, most)).await;
    let part = part.map_err(failed)?;
    asked.count(part.changes.len())?;
    Ok(Changes {
        changes: part.changes.into_iter().map(ViewChange::from).collect(),
        cursor: sealed(&cursors, part.next),
        has_more: part.more,
    })
}

/// Brings the viewer's view up to date; `None` where others always were quicker.
async fn catch_up(reader: &Reader) -> Result<Option<Looked>, StoreError> {
    for _ in 0..TRIES {
        let (before, what, next) = reader.to_look_at().await?;
        let found = match &what {
            ToLookAt::Nothing => return Ok(Some(before)),
            ToLookAt::Records(records) => {
                let mut found = Vec::new();
                for (kind, ids) in records {
                    found.push((*kind, held(reader, *kind, Some(ids)).await?));
                }
                found
            }
            ToLookAt::All => {
                let mut found = Vec::new();
                for kind in Kind::ALL {
                    found.push((kind, held(reader, kind, None).await?));
                }
                found
            }
        };
        let done = reader.remember((&before, &next), &what, &found).await?;
        if done.is_some() {
            return Ok(done);
        }
    }
    Ok(None)
}

async fn held(
    reader: &Reader,
    kind: Kind,
    ids: Option<&[RecordId]>,
) -> Result<Vec<(RecordId, String)>, StoreError> {
    of_kind!(kind, |D| reader.held_now::<D>(ids).await, edge Ok(Vec::new()))
}

/// The kinds of these types; all that have an id, where none is named.
fn chosen(types: Option<Vec<String>>) -> Result<Vec<Kind>> {
    let mut all: Vec<Kind> = Kind::ALL.into_iter().collect();
    all.retain(|kind| of_kind!(*kind, |_D| true, edge false));
    let Some(types) = types else {
        return Ok(all);
    };
    for name in &types {
        if !all.iter().any(|kind| kind.type_name() == name) {
            let sentence = "`kinds` are types of this schema that have an id, such as \
                            `Recommendation`";
            return Err(Code::BadInput.says(sentence));
        }
    }
    all.retain(|kind| types.iter().any(|name| kind.type_name() == name));
    Ok(all)
}

fn sealed(cursors: &Cursors, place: Place) -> String {
    let values = [place.begun, place.base, place.at, place.end];
    cursors.seal(&Position {
        values: values.map(|value| Some(Scalar::Number(value))).to_vec(),
        id: RecordId(uuid::Uuid::nil()),
    })
}

fn opened(cursors: &Cursors, cursor: &str) -> Option<Place> {
    let position = cursors.open(cursor, 4).ok()?;
    match position.values.as_slice() {
        [
            Some(Scalar::Number(begun)),
            Some(Scalar::Number(base)),
            Some(Scalar::Number(at)),
            Some(Scalar::Number(end)),
        ] => Some(Place {
            begun: *begun,
            base: *base,
            at: *at,
            end: *end,
        }),
        _ => None,
    }
}

impl From<Change> for ViewChange {
    fn from(change: Change) -> Self {
        let (kind, id) = (change.kind, change.record);
        Self {
            change: match change.what {
                What::Appeared => ChangeKind::Appeared,
                What::Changed => ChangeKind::Changed,
                What::Gone => ChangeKind::Gone,
            },
            id: ID(GlobalId { kind, id }.to_string()),
            record_type: kind.type_name().to_owned(),
        }
    }
}
