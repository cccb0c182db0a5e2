//! The schema as a contract: it is what the code prints, and each field has its rule.

use std::collections::BTreeSet;

use apollo_compiler::{
    Schema,
    ast::{DirectiveList, Value},
    schema::ExtendedType,
    validation::Valid,
};
use liaison::{
    activity::JointActivity,
    agreement::{Agreement, Clause},
    calendar::{CalendarEvent, EventInvitation},
    communication::{Communication, CommunicationPerson, Person},
    confidentiality::{Domain, FieldRule, Level, scalar::camel},
    country::Country,
    document::Document,
    graphql::sdl,
    identity::kind::Kind,
    measure::InterimMeasure,
    mechanism::{FocalPoint, Mandate, Mechanism},
    organisation::Organisation,
    recommendation::{Assessment, Evidence, Recommendation, RecommendationReference},
    statistics::StatisticRelease,
    work_plan::{Objective, WorkPlan, WorkPlanItem},
};

use crate::support::{golden, harness::Suite};

pub(crate) fn register(suite: &mut Suite) {
    suite.plain(
        "the_schema_in_the_repository_is_the_one_that_the_code_prints",
        || {
            golden::compare("schema.graphql", &sdl());
        },
    );
    suite.plain("another_parser_than_ours_finds_the_schema_valid", || {
        parsed();
    });
    suite.plain(
        "every_field_of_a_domain_type_shows_its_level_and_its_floor",
        every_field,
    );
    suite.plain("every_rule_of_the_code_shows_in_the_schema", every_rule);
    suite.plain("what_can_be_withheld_may_be_null", nullable);
}

fn parsed() -> Valid<Schema> {
    Schema::parse_and_validate(sdl(), "schema.graphql").expect("the schema is valid")
}

/// The level and the floor that a `@classified` gives.
fn classified(directives: &DirectiveList) -> Option<Rule> {
    let directive = directives.get("classified")?;
    let argument = |name| {
        let value = directive.specified_argument_by_name(name)?;
        match value.as_ref() {
            Value::Enum(level) => Some(level.to_string()),
            _ => None,
        }
    };
    Some((argument("level")?, argument("floor")))
}

/// The level and the floor of a field.
type Rule = (String, Option<String>);

/// Each field of each type that carries the directive itself, and whether it is non-null.
fn domain_fields(schema: &Schema) -> Vec<(String, String, bool, Option<Rule>)> {
    let mut fields = Vec::new();
    for (name, ty) in &schema.types {
        let ExtendedType::Object(object) = ty else {
            continue;
        };
        let directives = object
            .directives
            .iter()
            .any(|directive| directive.name == "classified");
        if !directives {
            continue;
        }
        for (field, definition) in &object.fields {
            fields.push((
                name.to_string(),
                field.to_string(),
                definition.ty.is_non_null(),
                classified(&definition.directives),
            ));
        }
    }
    fields
}

/// What is told to whoever may know of the record: its id, and the version of what they
/// are told of it.
fn of_the_view(field: &str) -> bool {
    field == "id" || field == "version"
}

fn every_field() {
    let schema = parsed();
    let fields = domain_fields(&schema);
    let types: BTreeSet<&str> = fields.iter().map(|(name, ..)| name.as_str()).collect();
    let kinds: BTreeSet<&str> = Kind::ALL
        .into_iter()
        // Not a type of its own: what it says stands on the edge between its ends.
        .filter(|kind| *kind != Kind::CommunicationPerson)
        .map(Kind::type_name)
        .collect();
    assert_eq!(
        types, kinds,
        "the types that carry `@classified` are the kinds of record"
    );
    for (ty, field, _, rule) in &fields {
        if of_the_view(field) {
            assert_eq!(*rule, None, "`{ty}.{field}` has no rule of its own");
            continue;
        }
        let (level, floor) = rule
            .as_ref()
            .unwrap_or_else(|| panic!("`{ty}.{field}` has no rule"));
        let floor = floor
            .as_ref()
            .unwrap_or_else(|| panic!("`{ty}.{field}` has no floor"));
        let level = Level::from_code(level).expect("a level");
        let floor = Level::from_code(floor).expect("a floor");
        assert!(floor <= level, "`{ty}.{field}` lies below its own floor");
    }
}

/// Every kind's rules; matched whole, so that a new kind is not forgotten.
fn rules_of(kind: Kind) -> &'static [FieldRule] {
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

fn every_rule() {
    let schema = parsed();
    let shown = |ty: &str, field: &str| {
        let object = schema.get_object(ty)?;
        classified(&object.fields.get(field)?.directives)
    };
    for kind in Kind::ALL {
        for rule in rules_of(kind) {
            let field = camel(rule.name);
            let expected = Some((
                rule.level.code().to_owned(),
                Some(rule.floor.code().to_owned()),
            ));
            match (kind, rule.name) {
                (Kind::CommunicationPerson, "role") => {
                    assert_eq!(
                        shown("PersonEdge", "role"),
                        expected,
                        "the part of a person"
                    );
                }
                // Its ends are the connection's owner and its node; of its provenance
                // nothing is shown.
                (Kind::CommunicationPerson, _) => {}
                _ => assert_eq!(shown(kind.type_name(), &field), expected, "{kind}.{field}"),
            }
        }
    }
}

fn nullable() {
    // A label or an embargo can raise what is public, too: all other fields may be null.
    for (ty, field, non_null, _) in domain_fields(&parsed()) {
        assert_eq!(non_null, of_the_view(&field), "`{ty}.{field}`");
    }
}
