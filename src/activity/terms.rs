//! What an activity says, and what becomes of the others' word when one party amends it.
//!
//! Title, kind, dates, place and States are its terms: where one party amends them, the
//! agreement of the others lapses. Whatever anyone may be told of it is published again by
//! each owner.

use async_graphql::MaybeUndefined;

use super::{
    JointActivity,
    acts::{AGREED, PUBLIC, ended, found, set, tell_others},
};
use crate::{
    confidentiality::{Known, Level},
    country,
    date::PartialDate,
    id::{MechanismId, RecordId},
    mechanism::institution,
    store::{
        act::{Act, ActError, check_text},
        values::{Amended, TEXT, dates_in_order, line, text, topics},
    },
    vocabulary::{
        ActivityKind, ActivityStage, ActivityStatus as Status, CooperationArea,
        NotificationType as What, codes::Coded,
    },
};

/// Parties that one activity has at most, its proposer among them.
const PARTIES: usize = 20;

/// What an activity is to say; what is undefined is left as it is.
#[derive(Default)]
pub struct Amendment {
    /// What it is called.
    pub title: MaybeUndefined<String>,
    /// What is done.
    pub kind: MaybeUndefined<ActivityKind>,
    /// The stage of cooperation that it is at.
    pub stage: MaybeUndefined<ActivityStage>,
    /// The area of cooperation that it belongs to.
    pub area: MaybeUndefined<CooperationArea>,
    /// When it begins.
    pub starts_on: MaybeUndefined<PartialDate>,
    /// When it ends.
    pub ends_on: MaybeUndefined<PartialDate>,
    /// What it is about.
    pub summary: MaybeUndefined<String>,
    /// The city or place.
    pub place: MaybeUndefined<String>,
    /// A remark for the secretariats that take part.
    pub note: MaybeUndefined<String>,
    /// What has come of it.
    pub outcome: MaybeUndefined<String>,
}

impl Amendment {
    fn is_of_terms(&self) -> bool {
        let dates = [&self.starts_on, &self.ends_on];
        let texts = [&self.title, &self.place];
        !self.kind.is_undefined()
            || dates.iter().any(|date| !date.is_undefined())
            || texts.iter().any(|text| !text.is_undefined())
    }

    fn is_for_anyone(&self) -> bool {
        let texts = [&self.summary, &self.outcome];
        self.is_of_terms()
            || !self.stage.is_undefined()
            || !self.area.is_undefined()
            || texts.iter().any(|text| !text.is_undefined())
    }
}

/// Amends an activity. Where its terms are amended the others have to agree again, and what
/// was public is its parties' alone until each has published it again.
///
/// # Errors
/// Refuses who is no party, an activity that was given up, the terms of one that was carried
/// out, and values that are not valid.
pub async fn amend(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
    amendment: Amendment,
    (countries, themes): (Option<Vec<String>>, Option<Vec<String>>),
) -> Result<RecordId, ActError> {
    let (activity, own, status) = found(act, id, expected).await?;
    let of_terms = amendment.is_of_terms() || countries.is_some();
    let for_anyone = of_terms || amendment.is_for_anyone() || themes.is_some();
    if status == Status::Cancelled || (ended(status) && of_terms) {
        return Err(ActError::conflict(
            "it has ended: only what came of it is amended",
        ));
    }
    let begins = activity.open(|row| &row.starts_on).visible().flatten();
    let ends = activity.open(|row| &row.ends_on).visible().flatten();
    dates_in_order((&amendment.starts_on, begins), (&amendment.ends_on, ends))?;
    let columns = columns(amendment)?;
    if countries.is_some() || themes.is_some() {
        let countries = match countries {
            Some(codes) => {
                let codes = country::known(act, "countries", codes).await?;
                Some((JointActivity::countries, codes))
            }
            None => None,
        };
        let themes = themes.map(|codes| topics("themes", codes)).transpose()?;
        let themes = themes.map(|codes| (JointActivity::themes, codes));
        act.writer()
            .concern_anew(&*activity, countries, themes)
            .await?;
        if !columns.is_empty() {
            act.writer().change(&*activity, columns.values()?).await?;
        }
    } else {
        act.writer().change(&*activity, columns.values()?).await?;
    }
    if of_terms {
        let others = activity.facts().owners.len() > 1;
        if others
            && matches!(
                status,
                Status::Agreed | Status::Confirmed | Status::Postponed
            )
        {
            set(act, &activity, Status::Proposed).await?;
        }
        act.writer()
            .unlink_others(&*activity, AGREED, Some(own.into()))
            .await?;
        let agreed = act.writer().linked(&*activity, AGREED.1).await?;
        if !agreed.contains(&own.into()) {
            act.writer().link(&*activity, AGREED, own.into()).await?;
        }
    }
    if for_anyone {
        unpublish(act, &activity).await?;
    }
    tell_others(act, &activity, own, What::ActivityAmended).await?;
    Ok(activity.id())
}

/// Takes back that owners have agreed to tell anyone, and what was told: what one of them
/// has written since is not yet the word of all.
pub(super) async fn unpublish(
    act: &mut Act,
    activity: &Known<JointActivity>,
) -> Result<(), ActError> {
    act.writer().unlink_others(activity, PUBLIC, None).await?;
    if activity.existence() < Some(Level::Secretariat) {
        act.writer()
            .set_existence(activity, Level::Secretariat)
            .await?;
    }
    Ok(())
}

/// The columns that are to be written.
///
/// # Errors
/// Refuses values that are not valid.
pub(super) fn columns(amendment: Amendment) -> Result<Amended, ActError> {
    let mut amended = Amended::default();
    let long = |field, given| text(field, given, TEXT);
    let date = |_, date: PartialDate| Ok(date.as_str().into());
    amended.needed(("title", "title"), amendment.title, line)?;
    amended.needed(("kind", "kind"), amendment.kind, |_, code| {
        Ok(code.code().into())
    })?;
    amended.take(("stage", "stage"), amendment.stage, |_, code| {
        Ok(code.code().into())
    })?;
    amended.take(("area", "area"), amendment.area, |_, code| {
        Ok(code.code().into())
    })?;
    amended.take(("starts_on", "startsOn"), amendment.starts_on, date)?;
    amended.take(("ends_on", "endsOn"), amendment.ends_on, date)?;
    amended.take(("summary", "summary"), amendment.summary, long)?;
    amended.take(("place", "place"), amendment.place, line)?;
    amended.take(("note", "note"), amendment.note, long)?;
    amended.take(("outcome", "outcome"), amendment.outcome, long)?;
    Ok(amended)
}

/// The parties of a proposal: one's own mechanism, and those that are named.
///
/// # Errors
/// Refuses what is no mechanism of the hub, and too few or too many.
pub(super) async fn parties(
    act: &Act,
    own: MechanismId,
    codes: &[String],
) -> Result<Vec<MechanismId>, ActError> {
    let wrong = |sentence: String| ActError::invalid("parties", sentence);
    let mut parties = vec![own];
    if codes.len() > PARTIES {
        return Err(wrong(format!("it has two to {PARTIES} parties")));
    }
    for code in codes {
        check_text("parties", code, 100)?;
        let party = institution(act, code).await?;
        let party = party.ok_or_else(|| wrong(format!("no mechanism has the code `{code}`")))?;
        if !parties.contains(&party) {
            parties.push(party);
        }
    }
    if !(2..=PARTIES).contains(&parties.len()) {
        return Err(wrong(format!("it has two to {PARTIES} parties")));
    }
    Ok(parties)
}
