//! What the rules come to for a matter elsewhere. It never decides admissibility.
//!
//! Three answers, each with the rows it rests on: that the matter may bar, that it does not,
//! that a jurist has to look. A row that nobody has checked, a rule that is silent, an
//! element that only the hub has computed: each yields the third.

use std::collections::BTreeSet;

use super::{
    element::{
        Element, ElementReason, Elements, FoundBy, SameFacts, SameIndividual, SameRights, SameState,
    },
    rule::{
        Basis, ConcludedMeans, Counts, ProcedureRule, Reservation, ReservationLimit, RightsTest,
        Rules, Said,
    },
};
use crate::{
    confidentiality::facts::CountryCode,
    date::PartialDate,
    vocabulary::{codes::codes, mechanism::MechanismKind},
};

codes! {
    /// What the rules come to. None of the three decides admissibility.
    pub Outcome {
        /// The rules cited may bar the communication: the body has to examine it.
        MayBar => "MAY_BAR",
        /// By the rules cited, the matter elsewhere does not bar the communication.
        DoesNotBar => "DOES_NOT_BAR",
        /// The rules do not answer: a jurist has to look.
        NeedsLegalAssessment => "NEEDS_LEGAL_ASSESSMENT",
    }

    /// How the matter stands before the other mechanism.
    pub ElsewhereStage {
        /// It is not known.
        Unknown => "UNKNOWN",
        /// It is pending.
        Pending => "PENDING",
        /// It was decided on the merits.
        Decided => "DECIDED",
        /// It was found inadmissible, after its substance was looked at.
        InadmissibleAfterExamination => "INADMISSIBLE_AFTER_EXAMINATION",
        /// It was found inadmissible on procedural grounds alone.
        InadmissibleOnProcedure => "INADMISSIBLE_ON_PROCEDURE",
        /// It was settled.
        Settled => "SETTLED",
        /// It was withdrawn, struck out or discontinued.
        Discontinued => "DISCONTINUED",
    }

    /// Why the rules come to what they come to.
    pub AssessmentGround {
        /// There is no rule of the procedure for that day.
        NoRule => "NO_RULE",
        /// A row that was used has not been checked by a jurist.
        RowUnverified => "ROW_UNVERIFIED",
        /// A rule is silent, or its sources conflict.
        RuleUnclear => "RULE_UNCLEAR",
        /// It is not known or disputed whether the other mechanism counts.
        OtherProcedureDisputed => "OTHER_PROCEDURE_DISPUTED",
        /// The other mechanism is no procedure of international investigation or settlement.
        OtherProcedureDoesNotCount => "OTHER_PROCEDURE_DOES_NOT_COUNT",
        /// The body itself had the matter, and its rule does not count that.
        OwnBody => "OWN_BODY",
        /// It is not known how the matter stands elsewhere.
        StageUnknown => "STAGE_UNKNOWN",
        /// The rule bars pending matters.
        PendingBars => "PENDING_BARS",
        /// The rule does not bar pending matters.
        PendingDoesNotBar => "PENDING_DOES_NOT_BAR",
        /// The rule bars concluded matters.
        ConcludedBars => "CONCLUDED_BARS",
        /// The rule does not bar concluded matters.
        ConcludedDoesNotBar => "CONCLUDED_DOES_NOT_BAR",
        /// Whether this end is what the rule calls concluded is a question of law.
        ConclusionUnclear => "CONCLUSION_UNCLEAR",
        /// A reservation of the State widens the rule.
        Reservation => "RESERVATION",
        /// The procedure is not of the same nature, and the rule asks for it.
        OtherNature => "OTHER_NATURE",
        /// Whether the procedure is of the same nature is not known.
        NatureUnknown => "NATURE_UNKNOWN",
        /// An officer has found relevant new information, which the rule excepts.
        NewInformation => "NEW_INFORMATION",
        /// Whether there is relevant new information is not known.
        NewInformationUnknown => "NEW_INFORMATION_UNKNOWN",
        /// The earlier communication was lodged without the victim's authority.
        WithoutAuthority => "WITHOUT_AUTHORITY",
        /// An officer has found another individual, State, facts or rights.
        ElementRuledOut => "ELEMENT_RULED_OUT",
        /// The hub has computed that an element differs; no officer has found it.
        ElementDoubtful => "ELEMENT_DOUBTFUL",
    }
}

/// The matter as it is before another mechanism.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere<'a> {
    /// The code of the mechanism.
    pub mechanism: &'a str,
    /// Its kind.
    pub kind: MechanismKind,
    /// How the matter stands there.
    pub stage: ElsewhereStage,
    /// Whether that procedure is of the same nature; an officer says so.
    pub same_nature: Option<bool>,
    /// Whether there is relevant new information; an officer says so.
    pub new_information: Option<bool>,
}

/// What is asked: whose rule, against which State, on which day, of which matter.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The code of the body whose rule it is.
    pub procedure: &'a str,
    /// The State.
    pub country: CountryCode,
    /// The day for which the rules are read.
    pub on: &'a PartialDate,
    /// The matter elsewhere.
    pub elsewhere: Elsewhere<'a>,
    /// The four elements.
    pub elements: &'a Elements,
}

/// A row that was used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cited {
    /// Its name.
    pub id: String,
    /// The provision.
    pub provision: String,
    /// Where it was read.
    pub source: String,
    /// Whether somebody has checked it.
    pub verified: bool,
}

/// What the rules come to, on which grounds, by which rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// What they come to.
    pub outcome: Outcome,
    /// Why.
    pub grounds: BTreeSet<AssessmentGround>,
    /// The rows used.
    pub cited: BTreeSet<Cited>,
}

/// Says what the rules come to.
pub fn assess(rules: &Rules, question: &Question<'_>) -> Assessment {
    let mut work = Work::default();
    let read = work.read(rules, question);
    // What would bar or not bar does so only by rows that somebody has checked.
    let outcome = if work.cited.iter().all(|cited| cited.verified) {
        read
    } else {
        work.unclear(AssessmentGround::RowUnverified)
    };
    Assessment {
        outcome,
        grounds: work.grounds,
        cited: work.cited,
    }
}

#[derive(Default)]
struct Work {
    grounds: BTreeSet<AssessmentGround>,
    cited: BTreeSet<Cited>,
}

impl Work {
    fn cite(&mut self, basis: &Basis) {
        self.cited.insert(Cited {
            id: basis.id.clone(),
            provision: basis.provision.clone(),
            source: basis.source.clone(),
            verified: basis.verified.is_some(),
        });
    }

    fn unclear(&mut self, ground: AssessmentGround) -> Outcome {
        self.grounds.insert(ground);
        Outcome::NeedsLegalAssessment
    }

    fn free(&mut self, ground: AssessmentGround) -> Outcome {
        self.grounds.insert(ground);
        Outcome::DoesNotBar
    }

    fn read(&mut self, rules: &Rules, question: &Question<'_>) -> Outcome {
        let elsewhere = &question.elsewhere;
        let Some(rule) = rules.procedure(question.procedure, question.on) else {
            return self.unclear(AssessmentGround::NoRule);
        };
        self.cite(&rule.basis);
        if elsewhere.mechanism == question.procedure {
            match rule.own_body_too {
                Said::Yes => {}
                Said::No => return self.free(AssessmentGround::OwnBody),
                Said::Unclear => return self.unclear(AssessmentGround::RuleUnclear),
            }
        } else {
            let other = rules.other(
                question.procedure,
                elsewhere.mechanism,
                elsewhere.kind,
                question.on,
            );
            let Some(other) = other else {
                return self.unclear(AssessmentGround::OtherProcedureDisputed);
            };
            self.cite(&other.basis);
            match other.counts {
                Counts::Yes => {}
                Counts::No => return self.free(AssessmentGround::OtherProcedureDoesNotCount),
                Counts::Disputed => return self.unclear(AssessmentGround::OtherProcedureDisputed),
            }
        }
        let reservation = rules.reservation(question.procedure, question.country, question.on);
        let barred = self.stage(rule, reservation, elsewhere.stage);
        if barred != Outcome::MayBar {
            return barred;
        }
        let excepted = self.exceptions(rule, question);
        if excepted != Outcome::MayBar {
            return excepted;
        }
        self.elements(rule, question.elements)
    }

    /// Whether the rule bars a matter at this stage, with the State's reservation.
    fn stage(
        &mut self,
        rule: &ProcedureRule,
        reservation: Option<&Reservation>,
        stage: ElsewhereStage,
    ) -> Outcome {
        let pending = match stage {
            ElsewhereStage::Unknown => return self.unclear(AssessmentGround::StageUnknown),
            ElsewhereStage::Pending => true,
            ElsewhereStage::Decided
            | ElsewhereStage::InadmissibleAfterExamination
            | ElsewhereStage::InadmissibleOnProcedure
            | ElsewhereStage::Settled
            | ElsewhereStage::Discontinued => false,
        };
        let (mut says, bars, does_not) = if pending {
            (
                rule.bars_pending,
                AssessmentGround::PendingBars,
                AssessmentGround::PendingDoesNotBar,
            )
        } else {
            (
                rule.bars_concluded,
                AssessmentGround::ConcludedBars,
                AssessmentGround::ConcludedDoesNotBar,
            )
        };
        if says != Said::Yes
            && let Some(reservation) = reservation
        {
            let widened = if pending {
                reservation.bars_pending
            } else {
                reservation.bars_concluded
            };
            if widened != Said::No {
                self.cite(&reservation.basis);
                self.grounds.insert(AssessmentGround::Reservation);
                says = match reservation.limited_to {
                    ReservationLimit::None => widened,
                    // Whether what is before the Court today was before the Commission is for
                    // a jurist.
                    ReservationLimit::FormerEuropeanCommission => Said::Unclear,
                };
            }
        }
        match says {
            Said::Unclear => self.unclear(AssessmentGround::RuleUnclear),
            Said::No => self.free(does_not),
            Said::Yes if pending || concluded(rule.concluded_means, stage) => {
                self.grounds.insert(bars);
                Outcome::MayBar
            }
            Said::Yes => self.unclear(AssessmentGround::ConclusionUnclear),
        }
    }

    fn exceptions(&mut self, rule: &ProcedureRule, question: &Question<'_>) -> Outcome {
        let elsewhere = &question.elsewhere;
        match (rule.same_nature_required, elsewhere.same_nature) {
            (Said::No, _) | (Said::Yes, Some(true)) => {}
            (Said::Yes, Some(false)) => return self.free(AssessmentGround::OtherNature),
            (Said::Yes, None) => return self.unclear(AssessmentGround::NatureUnknown),
            (Said::Unclear, _) => return self.unclear(AssessmentGround::RuleUnclear),
        }
        match (rule.new_information_exception, elsewhere.new_information) {
            (Said::No, _) | (Said::Yes, Some(false)) => {}
            (Said::Yes, Some(true)) => return self.free(AssessmentGround::NewInformation),
            (Said::Yes, None) => return self.unclear(AssessmentGround::NewInformationUnknown),
            (Said::Unclear, _) => return self.unclear(AssessmentGround::RuleUnclear),
        }
        let reasons = &question.elements.individual.reasons;
        if reasons.contains(&ElementReason::WithoutAuthority)
            && rule.third_party_exception != Said::No
        {
            return self.unclear(AssessmentGround::WithoutAuthority);
        }
        Outcome::MayBar
    }

    /// Whether an element is ruled out: by an officer, or not at all.
    fn elements(&mut self, rule: &ProcedureRule, elements: &Elements) -> Outcome {
        let rights_differ = elements.rights.band == SameRights::Different;
        let differ = [
            told(&elements.individual, SameIndividual::No),
            told(&elements.state, SameState::No),
            told(&elements.facts, SameFacts::No),
            told(&elements.rights, SameRights::Different)
                .filter(|_| rule.rights_test == RightsTest::Decisive),
        ];
        if differ.contains(&Some(FoundBy::Officer)) {
            return self.free(AssessmentGround::ElementRuledOut);
        }
        if rights_differ && rule.rights_test == RightsTest::Unclear {
            return self.unclear(AssessmentGround::RuleUnclear);
        }
        if differ.contains(&Some(FoundBy::Computed)) {
            return self.unclear(AssessmentGround::ElementDoubtful);
        }
        Outcome::MayBar
    }
}

/// Who says that an element has this band.
fn told<B: PartialEq>(element: &Element<B>, band: B) -> Option<FoundBy> {
    (element.band == band).then_some(element.found_by)
}

/// Whether an end is surely what the rule calls concluded; else it is for a jurist.
const fn concluded(means: ConcludedMeans, stage: ElsewhereStage) -> bool {
    match means {
        ConcludedMeans::Submitted => true,
        ConcludedMeans::Examined => matches!(
            stage,
            ElsewhereStage::Decided | ElsewhereStage::InadmissibleAfterExamination
        ),
        ConcludedMeans::Decided => matches!(stage, ElsewhereStage::Decided),
        ConcludedMeans::Settled => {
            matches!(stage, ElsewhereStage::Decided | ElsewhereStage::Settled)
        }
    }
}
