//! What a clause says, as a lawyer reads it, and the fields that it opens: both from the
//! clause itself, so that neither says more than the gate does.

use async_graphql::{Context, Result, SimpleObject};

use super::{Agreement, Clause};
use crate::{
    clock::Moment,
    confidentiality::{Domain, FieldRule, Known, Level, channel::kinds_of, scalar::camel},
    graphql::{
        context::{Asking, failed},
        edges::many,
        object::Told,
    },
    identity::kind::Kind,
    mechanism::Mechanism,
    store::{batch::ById, history::EXISTENCE, page::Under},
    vocabulary::codes::Coded,
};

/// A field that a clause opens.
#[derive(SimpleObject)]
pub struct OpenedField {
    /// Code of the mechanism whose records it is on.
    from_mechanism: String,
    /// Code of the mechanism to which it is opened.
    to_mechanism: String,
    /// The type of the records.
    #[graphql(name = "type")]
    kind: &'static str,
    /// The field; or `existence`: that records which exist at this level are there.
    field: String,
    /// The level that it has where a record says nothing else.
    level: Told<Level>,
    /// What it takes besides the clause.
    takes: &'static str,
}

/// The clause as a text.
///
/// # Errors
/// Fails where the database does; nothing where a part of it is withheld.
pub async fn text(ctx: &Context<'_>, clause: &Known<Clause>) -> Result<Option<String>> {
    let Some(terms) = Terms::of(ctx, clause).await? else {
        return Ok(None);
    };
    Ok(Some(terms.text()))
}

/// The fields that the clauses of an agreement open, as far as one may know of the clauses.
///
/// # Errors
/// Fails where the database does.
pub async fn opens(ctx: &Context<'_>, agreement: &Known<Agreement>) -> Result<Vec<OpenedField>> {
    let clauses = many::<Clause>(ctx, agreement.id(), Under::Key("agreement_id")).await?;
    let mut opened = Vec::new();
    for clause in clauses {
        if let Some(terms) = Terms::of(ctx, clause.known()).await? {
            terms.opens(&mut opened);
        }
    }
    Ok(opened)
}

/// What a clause says.
struct Terms {
    from: String,
    to: String,
    information: Vec<String>,
    kinds: Vec<Kind>,
    countries: Vec<String>,
    topics: Vec<String>,
    cap: Level,
    purposes: Vec<String>,
    valid: (Moment, Moment),
    onward: bool,
}

impl Terms {
    /// Reads a clause, as far as its parts are told and all of them are there.
    async fn of(ctx: &Context<'_>, clause: &Known<Clause>) -> Result<Option<Self>> {
        let (Some(from), Some(to)) = (
            code(ctx, clause, Clause::from_mechanism, "from_mechanism_id").await?,
            code(ctx, clause, Clause::to_mechanism, "to_mechanism_id").await?,
        ) else {
            return Ok(None);
        };
        let told = || {
            let information = clause.open(|row| &row.kinds).visible()??;
            let purposes = clause.open(|row| &row.purposes).visible()??;
            let from_moment = *clause.open(|row| &row.valid_from).visible()??;
            let until_moment = *clause.open(|row| &row.valid_until).visible()??;
            let mut kinds: Vec<Kind> = information
                .0
                .iter()
                .flat_map(|information| kinds_of(*information))
                .copied()
                .collect();
            kinds.sort_unstable();
            kinds.dedup();
            Some(Self {
                from,
                to,
                information: words(&information.0),
                kinds,
                countries: clause.open(|row| &row.countries).visible()??.clone(),
                topics: clause.open(|row| &row.topics).visible()??.clone(),
                cap: *clause.open(|row| &row.cap).visible()??,
                purposes: words(&purposes.0),
                valid: (from_moment, until_moment),
                onward: *clause.open(|row| &row.onward_sharing).visible()??,
            })
        };
        Ok(told())
    }

    fn text(&self) -> String {
        let (from, until) = (self.valid.0.rfc3339(), self.valid.1.rfc3339());
        let [from, until] = [&from, &until].map(|at| at.split('T').next().unwrap_or_default());
        let names = |all: &str, some: &str, list: &[String]| match list {
            [] => format!("no {some}"),
            list if list.iter().any(|name| name == "ALL") => all.to_owned(),
            list => format!("the {some} {}", list.join(", ")),
        };
        let list = |list: &[String]| match list {
            [] => "none".to_owned(),
            list => list.join(", "),
        };
        format!(
            "{} lets {} see, of its records, these kinds of information: {}. This holds for \
             records that concern {} and {}, and for none that concern others as well. It \
             opens what is at the level {} or below, for these purposes: {}. It holds from {} \
             until {}. The recipient {} pass the information on.",
            self.from.to_uppercase(),
            self.to.to_uppercase(),
            list(&self.information),
            names("any State or none", "States", &self.countries),
            names("any theme or none", "themes", &self.topics),
            self.cap.code(),
            list(&self.purposes),
            from,
            until,
            if self.onward { "may" } else { "may not" },
        )
    }

    /// Adds what it opens that a partner is not told already: records that exist at these
    /// levels, and fields that stand at them.
    fn opens(&self, opened: &mut Vec<OpenedField>) {
        for kind in &self.kinds {
            let there = [Level::Channel, Level::Secretariat];
            let there = there.map(|level| (EXISTENCE.to_owned(), level));
            let fields = rules(*kind).iter();
            let fields = fields.map(|rule| (camel(rule.name), rule.level));
            for (field, level) in there.into_iter().chain(fields) {
                if level <= Level::Partner || level > self.cap {
                    continue;
                }
                opened.push(OpenedField {
                    from_mechanism: self.from.clone(),
                    to_mechanism: self.to.clone(),
                    kind: kind.type_name(),
                    field,
                    level: Told(level),
                    takes: match level {
                        Level::Public | Level::Partner | Level::Channel => "nothing more",
                        Level::Secretariat => "that the record names the recipient",
                        Level::Victim => "the person's consent and a grant to the officer",
                    },
                });
            }
        }
    }
}

fn rules(kind: Kind) -> &'static [FieldRule] {
    use crate::{
        activity::JointActivity,
        calendar::{CalendarEvent, EventInvitation},
        communication::{Communication, CommunicationPerson, Person},
        country::Country,
        document::Document,
        measure::InterimMeasure,
        mechanism::{FocalPoint, Mandate},
        organisation::Organisation,
        recommendation::{Assessment, Evidence, Recommendation, RecommendationReference},
        statistics::StatisticRelease,
        work_plan::{Objective, WorkPlan, WorkPlanItem},
    };
    match kind {
        Kind::Country => Country::RULES,
        Kind::Organisation => Organisation::RULES,
        Kind::Mechanism => Mechanism::RULES,
        Kind::Mandate => Mandate::RULES,
        Kind::FocalPoint => FocalPoint::RULES,
        Kind::WorkPlan => WorkPlan::RULES,
        Kind::Objective => Objective::RULES,
        Kind::WorkPlanItem => WorkPlanItem::RULES,
        Kind::Agreement => Agreement::RULES,
        Kind::Clause => Clause::RULES,
        Kind::Document => Document::RULES,
        Kind::Communication => Communication::RULES,
        Kind::InterimMeasure => InterimMeasure::RULES,
        Kind::CommunicationPerson => CommunicationPerson::RULES,
        Kind::Person => Person::RULES,
        Kind::JointActivity => JointActivity::RULES,
        Kind::StatisticRelease => StatisticRelease::RULES,
        Kind::Recommendation => Recommendation::RULES,
        Kind::Assessment => Assessment::RULES,
        Kind::Evidence => Evidence::RULES,
        Kind::RecommendationReference => RecommendationReference::RULES,
        Kind::CalendarEvent => CalendarEvent::RULES,
        Kind::EventInvitation => EventInvitation::RULES,
    }
}

/// Codes of a list, as words.
fn words<C: Coded>(codes: &[C]) -> Vec<String> {
    let words = codes.iter().map(|code| code.code().to_lowercase());
    words.map(|word| word.replace('_', " ")).collect()
}

/// The code of the mechanism that an edge of a clause leads to.
async fn code(
    ctx: &Context<'_>,
    clause: &Known<Clause>,
    edge: crate::confidentiality::FieldIndex,
    key: &str,
) -> Result<Option<String>> {
    let id = clause.key(key).filter(|_| clause.sees(edge));
    let Some(id) = id else {
        return Ok(None);
    };
    let asked = ctx.asked()?;
    let found = asked.loader.load_one(ById::<Mechanism>::new(id)).await;
    let code = found
        .map_err(failed)?
        .and_then(|mechanism| mechanism.open(|row| &row.code).visible().flatten().cloned());
    Ok(code)
}
