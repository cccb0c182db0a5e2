//! Work plans, their objectives and items: the note's, and invented drafts.

use super::{
    bodies::Bodies,
    docket::Docket,
    draft::{Draft, Value},
    rows::{Fault, Row},
    seed::{Seed, remark},
};

/// The note's items, gathered in one published plan for each body that answers
/// for them; the note announces plans and has none, so a plan's title says so.
pub(super) fn work_plans(seed: &Seed) -> Result<Vec<Draft>, Fault> {
    let (sheet, bodies) = (seed.sheet("seed/work_plan.json")?, Bodies::of(seed)?);
    let (mut plans, mut objectives, mut items) =
        (Vec::<Draft>::new(), Vec::<Draft>::new(), Vec::new());
    for row in sheet.rows() {
        let (responsible, others) = bodies.apart(row.texts("responsibleIds"))?;
        let owner = *responsible.first().ok_or_else(|| {
            row.fault("seed/work_plan.json", "no mechanism is responsible for it")
        })?;
        let plan = format!("plan-{owner}");
        let objective = format!("{}-objective", row.id());
        let topics = sheet.codes(row, "topic")?;
        let due = row.text("dueDate");

        if !plans.iter().any(|known| known.key == plan) {
            let title = format!(
                "{}: undertakings in the concept note of 2012",
                bodies.name(owner)
            );
            plans.push(
                Draft::new("work_plan", &plan)
                    .owned_by([owner])
                    .text("title", title.as_str())
                    .text("status", "PUBLISHED")
                    .link("mechanism", "mechanism", [owner])
                    .noted(row),
            );
        }
        let place = objectives
            .iter()
            .filter(|known| linked(known, "work_plan", &plan))
            .count();
        objectives.push(
            Draft::new("objective", &objective)
                .owned_by([owner])
                .about([], topics.iter().copied())
                .text("title", row.text("objective"))
                .value("position", position(place))
                .link("work_plan", "work_plan", [plan.as_str()])
                .noted(row),
        );
        let also = (!others.is_empty()).then(|| format!("Also responsible: {}", others.join(", ")));
        let derived = row.says("derivedByExtractor").then_some(
            "Assembled by this project from an undertaking elsewhere in the note (derivedByExtractor)",
        );
        let note = remark([also.as_deref(), derived]);
        items.push(
            Draft::new("work_plan_item", row.id())
                .owned_by([owner])
                .about([], topics)
                .text("activity", row.text("activity"))
                .text("timeline", row.text("timeline"))
                .text("due", due)
                .text("status", sheet.code(row, "status")?)
                .text("area", sheet.code(row, "area")?)
                .text("note", note.as_deref())
                .link("objective", "objective", [objective.as_str()])
                .link("responsible", "mechanism", responsible)
                .noted(row),
        );
    }
    Ok(plans.into_iter().chain(objectives).chain(items).collect())
}

/// Invented drafts of work plans: visits not yet announced, with their places.
pub(super) fn invented(docket: &Docket) -> Vec<Draft> {
    let draft = |kind, row: &Row| {
        let mechanism = docket.plan_owner(row);
        let draft = Draft::new(kind, row.id())
            .owned_by([mechanism])
            .about(row.texts("countries"), row.texts("topics"));
        Draft {
            existence: "PARTNER",
            ..draft
        }
        .invented()
    };
    let plans = docket.rows("workPlans").iter().map(|row| {
        draft("work_plan", row)
            .text("title", row.text("title"))
            .text("period", row.text("period"))
            .text("status", "DRAFT")
            .link("mechanism", "mechanism", row.texts("mechanism"))
    });
    let objectives = docket
        .rows("objectives")
        .iter()
        .enumerate()
        .map(|(place, row)| {
            let plan = row.text("plan");
            let before = docket.rows("objectives").iter().take(place);
            draft("objective", row)
                .text("title", row.text("title"))
                .value(
                    "position",
                    position(before.filter(|other| other.text("plan") == plan).count()),
                )
                .link("work_plan", "work_plan", plan)
        });
    let items = docket.rows("visits").iter().map(|row| {
        draft("work_plan_item", row)
            .text("activity", row.text("activity"))
            .text("timeline", row.text("timeline"))
            .text("due", row.text("due"))
            .text("status", row.text("status"))
            .text("area", row.text("area"))
            .text("places_to_visit", row.text("places"))
            .text("note", row.text("note"))
            .link("objective", "objective", row.texts("objective"))
            .link("responsible", "mechanism", [docket.plan_owner(row)])
            .link("associated", "mechanism", row.texts("associated"))
    });
    plans.chain(objectives).chain(items).collect()
}

fn linked(draft: &Draft, name: &str, key: &str) -> bool {
    draft
        .links
        .iter()
        .any(|(link, _, keys)| *link == name && keys.iter().any(|known| known == key))
}

/// The position that follows `before` others; they start at one.
fn position(before: usize) -> Value {
    Value::Number(i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1))
}
