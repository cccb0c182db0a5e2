//! The rules: a row that nobody has checked decides nothing, and every answer cites its rows.

use std::collections::BTreeSet;

use super::super::{
    Assessment, AssessmentGround, Band, Concordance, Contradiction, Element, ElementReason,
    Elements, Elsewhere, ElsewhereStage, Event, Evidence, Outcome, Question, Rules, Said,
    SameFacts, SameIndividual, SameRights, SameState, Successions, assess, facts, individual,
    rights, state,
};
use crate::{
    confidentiality::facts::CountryCode, date::PartialDate, vocabulary::mechanism::MechanismKind,
};

const PROCEDURES: &str = include_str!("../rules/procedures.csv");
const RESERVATIONS: &str = include_str!("../rules/reservations.csv");
const OTHERS: &str = include_str!("../rules/other_procedures.csv");

fn date(text: &str) -> PartialDate {
    PartialDate::parse(text).unwrap()
}

fn country(code: &str) -> CountryCode {
    CountryCode::parse(code).unwrap()
}

/// The shipped tables as if an invented jurist had checked every row.
fn verified() -> Rules {
    let checked = |text: &str| {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().clone();
        let place = |name: &str| header.iter().position(|column| column == name);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).unwrap();
        for row in reader.records() {
            let mut row: Vec<String> = row.unwrap().iter().map(str::to_owned).collect();
            for (name, value) in [
                ("verified_by", "An Invented Jurist"),
                ("verified_on", "2026-01-01"),
                ("effective_from", "1976"),
            ] {
                if let Some(place) = place(name) {
                    row[place] = value.to_owned();
                }
            }
            writer.write_record(&row).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    };
    Rules::parse(
        &checked(PROCEDURES),
        &checked(RESERVATIONS),
        &checked(OTHERS),
    )
    .unwrap()
}

fn elements() -> Elements {
    Elements {
        individual: Element::found(SameIndividual::Likely),
        state: Element::found(SameState::Yes),
        facts: Element::found(SameFacts::Yes),
        rights: Element::found(SameRights::Same),
    }
}

/// A matter that was before the court, asked about by a committee.
struct Asked<'a> {
    rules: &'a Rules,
    procedure: &'a str,
    country: &'a str,
    mechanism: &'a str,
    kind: MechanismKind,
    stage: ElsewhereStage,
    same_nature: Option<bool>,
    new_information: Option<bool>,
    elements: Elements,
}

impl<'a> Asked<'a> {
    fn of(rules: &'a Rules, procedure: &'a str, stage: ElsewhereStage) -> Self {
        Self {
            rules,
            procedure,
            country: "TUN",
            mechanism: "ecthr",
            kind: MechanismKind::RegionalCourt,
            stage,
            same_nature: None,
            new_information: None,
            elements: elements(),
        }
    }

    fn answer(&self) -> Assessment {
        assess(
            self.rules,
            &Question {
                procedure: self.procedure,
                country: country(self.country),
                on: &date("2026-11-26"),
                elsewhere: Elsewhere {
                    mechanism: self.mechanism,
                    kind: self.kind,
                    stage: self.stage,
                    same_nature: self.same_nature,
                    new_information: self.new_information,
                },
                elements: &self.elements,
            },
        )
    }

    fn comes_to(&self, outcome: Outcome, ground: AssessmentGround, rows: &[&str]) {
        let answer = self.answer();
        assert_eq!(answer.outcome, outcome, "{answer:?}");
        assert!(answer.grounds.contains(&ground), "{answer:?}");
        let cited: BTreeSet<&str> = answer.cited.iter().map(|cited| cited.id.as_str()).collect();
        assert_eq!(cited, rows.iter().copied().collect(), "{answer:?}");
    }
}

#[test]
fn as_delivered_the_rules_answer_nothing() {
    let rules = Rules::shipped().unwrap();
    let mut asked = 0;
    for procedure in [
        "ccpr", "cedaw", "crpd", "cescr", "crc", "cerd", "cat", "cmw", "ced", "ecthr", "iachr",
        "achpr", "unknown",
    ] {
        for kind in MechanismKind::ALL {
            for stage in ElsewhereStage::ALL {
                for country in ["FRA", "AUT", "TUN"] {
                    let mut question = Asked::of(&rules, procedure, *stage);
                    question.kind = *kind;
                    question.country = country;
                    question.mechanism = "another";
                    let answer = question.answer();
                    assert_eq!(answer.outcome, Outcome::NeedsLegalAssessment);
                    assert_eq!(answer.cited.is_empty(), procedure == "unknown");
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 5_000);
}

#[test]
fn pending_elsewhere_bars_before_the_human_rights_committee_and_concluded_does_not() {
    let rules = verified();
    let asked = |stage| Asked::of(&rules, "ccpr", stage);
    let rows = ["sm-ccpr", "op-court"];
    asked(ElsewhereStage::Pending).comes_to(Outcome::MayBar, AssessmentGround::PendingBars, &rows);
    let decided = asked(ElsewhereStage::Decided);
    decided.comes_to(
        Outcome::DoesNotBar,
        AssessmentGround::ConcludedDoesNotBar,
        &rows,
    );
    let unknown = asked(ElsewhereStage::Unknown);
    unknown.comes_to(
        Outcome::NeedsLegalAssessment,
        AssessmentGround::StageUnknown,
        &rows,
    );
}

#[test]
fn a_reservation_widens_the_bar_for_its_state_alone() {
    let rules = verified();
    let mut asked = Asked::of(&rules, "ccpr", ElsewhereStage::Decided);
    asked.country = "FRA";
    let rows = ["sm-ccpr", "op-court", "op1-fra"];
    asked.comes_to(Outcome::MayBar, AssessmentGround::Reservation, &rows);
    // Limited to a body that is no more: for a jurist.
    asked.country = "AUT";
    let rows = ["sm-ccpr", "op-court", "op1-aut"];
    asked.comes_to(
        Outcome::NeedsLegalAssessment,
        AssessmentGround::RuleUnclear,
        &rows,
    );
    // It is one to the rule of that committee.
    asked.country = "FRA";
    asked.procedure = "cat";
    let rows = ["sm-cat", "op-court"];
    asked.comes_to(Outcome::MayBar, AssessmentGround::ConcludedBars, &rows);
}

#[test]
fn one_unverified_row_is_enough_for_a_jurist_to_look() {
    let checked = verified();
    let asked = Asked::of(&checked, "ccpr", ElsewhereStage::Pending);
    assert_eq!(asked.answer().outcome, Outcome::MayBar);
    let only_rules = Rules::parse(PROCEDURES, RESERVATIONS, OTHERS).unwrap();
    let asked = Asked::of(&only_rules, "ccpr", ElsewhereStage::Pending);
    let rows = ["sm-ccpr", "op-court"];
    asked.comes_to(
        Outcome::NeedsLegalAssessment,
        AssessmentGround::RowUnverified,
        &rows,
    );
}

#[test]
fn what_settles_nothing_is_no_other_procedure_and_what_is_disputed_is_for_a_jurist() {
    let rules = verified();
    let mut asked = Asked::of(&rules, "cat", ElsewhereStage::Pending);
    asked.mechanism = "un-sr-torture";
    asked.kind = MechanismKind::SpecialProcedureThematic;
    let rows = ["sm-cat", "op-sp-thematic"];
    asked.comes_to(
        Outcome::DoesNotBar,
        AssessmentGround::OtherProcedureDoesNotCount,
        &rows,
    );
    // A mechanism by its name comes before its kind.
    asked.mechanism = "un-wgad";
    let rows = ["sm-cat", "op-wgad"];
    asked.comes_to(
        Outcome::NeedsLegalAssessment,
        AssessmentGround::OtherProcedureDisputed,
        &rows,
    );
    asked.kind = MechanismKind::CivilSociety;
    asked.mechanism = "somebody";
    asked.comes_to(
        Outcome::NeedsLegalAssessment,
        AssessmentGround::OtherProcedureDisputed,
        &["sm-cat"],
    );
}

#[test]
fn the_court_asks_for_new_information_and_the_african_charter_for_a_settlement() {
    let rules = verified();
    let mut court = Asked::of(&rules, "ecthr", ElsewhereStage::Pending);
    court.mechanism = "ccpr";
    court.kind = MechanismKind::TreatyBody;
    let rows = ["sm-ecthr", "op-ecthr-ccpr"];
    court.comes_to(
        Outcome::NeedsLegalAssessment,
        AssessmentGround::NewInformationUnknown,
        &rows,
    );
    court.new_information = Some(true);
    court.comes_to(Outcome::DoesNotBar, AssessmentGround::NewInformation, &rows);
    court.new_information = Some(false);
    court.comes_to(Outcome::MayBar, AssessmentGround::PendingBars, &rows);

    let charter = |stage| Asked::of(&rules, "achpr", stage);
    let rows = ["sm-achpr", "op-court"];
    let pending = charter(ElsewhereStage::Pending);
    pending.comes_to(
        Outcome::DoesNotBar,
        AssessmentGround::PendingDoesNotBar,
        &rows,
    );
    let settled = charter(ElsewhereStage::Settled);
    settled.comes_to(Outcome::MayBar, AssessmentGround::ConcludedBars, &rows);
    let struck = charter(ElsewhereStage::Discontinued);
    struck.comes_to(
        Outcome::NeedsLegalAssessment,
        AssessmentGround::ConclusionUnclear,
        &rows,
    );
}

#[test]
fn only_an_officer_rules_an_element_out() {
    let rules = verified();
    let mut asked = Asked::of(&rules, "ccpr", ElsewhereStage::Pending);
    let rows = ["sm-ccpr", "op-court"];
    asked.elements.individual = Element::computed(SameIndividual::No, []);
    asked.comes_to(
        Outcome::NeedsLegalAssessment,
        AssessmentGround::ElementDoubtful,
        &rows,
    );
    asked.elements.individual = Element::found(SameIndividual::No);
    asked.comes_to(
        Outcome::DoesNotBar,
        AssessmentGround::ElementRuledOut,
        &rows,
    );
    asked.elements = elements();
    asked.elements.rights = Element::found(SameRights::Different);
    asked.comes_to(
        Outcome::DoesNotBar,
        AssessmentGround::ElementRuledOut,
        &rows,
    );
    // A body that has not said whether rights decide.
    asked.procedure = "cedaw";
    let rows = ["sm-cedaw", "op-court"];
    asked.comes_to(
        Outcome::NeedsLegalAssessment,
        AssessmentGround::RuleUnclear,
        &rows,
    );
}

#[test]
fn a_rule_is_read_for_its_day() {
    let rules = verified();
    assert!(rules.procedure("ccpr", &date("1975-12-31")).is_none());
    assert!(rules.procedure("ccpr", &date("1976-03-23")).is_some());
}

#[test]
fn a_row_called_verified_says_what_it_rests_on() {
    for unfounded in [
        ",,,\"concept note of 2012, footnote 4\",,A Jurist,2026-01-01,",
        ",1976,,,,A Jurist,2026-01-01,",
        ",1976,,a source,,A Jurist,,",
        ",1976,,a source,,,2026-01-01,",
    ] {
        let header = PROCEDURES.lines().next().unwrap();
        let row = format!("x,ccpr,y,YES,NO,EXAMINED,NO,NO,NO,NO,DECISIVE{unfounded}");
        let table = format!("{header}\n{row}\n");
        assert!(Rules::parse(&table, RESERVATIONS, OTHERS).is_err(), "{row}");
    }
}

#[test]
fn the_rules_of_the_committees_are_those_of_the_note() {
    let note: serde_json::Value =
        serde_json::from_str(include_str!("../../demo/data/seed/same_matter_rules.json")).unwrap();
    let rules = Rules::shipped().unwrap();
    let rows = note["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 9);
    for row in rows {
        let rule = rules.procedure(row["bodyId"].as_str().unwrap(), &date("2026"));
        let rule = rule.unwrap();
        let said = |bars: &serde_json::Value| if bars == true { Said::Yes } else { Said::No };
        assert_eq!(rule.basis.id, row["id"]);
        assert_eq!(rule.bars_pending, said(&row["barsIfBeingExamined"]));
        assert_eq!(rule.bars_concluded, said(&row["barsIfHasBeenExamined"]));
        assert!(rule.basis.verified.is_none());
    }
    assert_eq!(RESERVATIONS.lines().count(), 19);
}

#[test]
fn no_signal_is_no_contradiction() {
    let silent = individual(Band::None, None, false);
    assert_eq!(silent.band, SameIndividual::Unknown);
    let mut evidence = Evidence::of(&Default::default(), &Default::default(), &[], 1);
    evidence.contradictions.insert(Contradiction::BirthDate);
    let contradicted = individual(Band::None, Some(&evidence), true);
    assert_eq!(contradicted.band, SameIndividual::No);
    assert!(
        contradicted
            .reasons
            .contains(&ElementReason::BirthDatesDiffer)
    );
    assert!(
        contradicted
            .reasons
            .contains(&ElementReason::WithoutAuthority)
    );
    let likely = individual(Band::Likely, Some(&evidence), false);
    assert_eq!(likely.band, SameIndividual::Likely);
}

#[test]
fn a_successor_is_partly_the_same_state() {
    let successions = Successions::shipped().unwrap();
    let states = |codes: &[&str]| codes.iter().map(|code| country(code)).collect();
    for (one, other, band) in [
        (&["TUN"][..], &["TUN"][..], SameState::Yes),
        (&["SCG"], &["SRB"], SameState::Partly),
        (&["TUN", "MAR"], &["TUN"], SameState::Partly),
        (&["TUN"], &["MAR"], SameState::No),
        (&[], &["MAR"], SameState::Unknown),
    ] {
        assert_eq!(state(&states(one), &states(other), &successions).band, band);
    }
}

#[test]
fn facts_are_the_same_where_two_things_agree_and_none_differs() {
    let (day, month, other) = (date("2012-05-09"), date("2012-05"), date("2013"));
    let event = |happened, place, kinds| Event {
        happened,
        place,
        kinds,
    };
    let one = event(Some(&day), Some("TUN-11"), &["torture"]);
    for (other, band) in [
        (
            event(Some(&month), Some("TUN-11"), &["torture", "detention"]),
            SameFacts::Yes,
        ),
        (event(Some(&month), None, &[]), SameFacts::Partly),
        (event(Some(&other), Some("TUN-11"), &[]), SameFacts::Partly),
        (event(Some(&other), Some("TUN-12"), &[]), SameFacts::No),
        (event(None, None, &[]), SameFacts::Unknown),
    ] {
        assert_eq!(facts(one, other).band, band);
    }
}

#[test]
fn rights_are_compared_by_clusters_and_not_by_articles() {
    let concordance = Concordance::shipped().unwrap();
    for (one, other, band) in [
        (&["ECHR art. 8"][..], &["ICCPR 17"][..], SameRights::Same),
        (
            &["ECHR art. 8", "ECHR 14"],
            &["ICCPR 17"],
            SameRights::Overlapping,
        ),
        (
            &["ICCPR art. 19 (2)"],
            &["ICESCR 12"],
            SameRights::Different,
        ),
        (&["XYZ 1"], &["ICCPR 17"], SameRights::Unknown),
        (&["XYZ 1", "ECHR 8"], &["ICCPR 17"], SameRights::Overlapping),
        (&[], &["ICCPR 17"], SameRights::Unknown),
    ] {
        let rights = rights(one, other, &concordance);
        assert_eq!(rights.band, band, "{one:?} {other:?}");
        let unverified = ElementReason::ConcordanceUnverified;
        assert!(rights.reasons.contains(&unverified) || one.is_empty());
    }
}
