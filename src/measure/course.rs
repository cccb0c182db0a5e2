//! The course of a measure: from which status which step may be taken.

use crate::vocabulary::MeasureStatus as Status;

/// A step in the course of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The State is asked for information before it is decided on.
    AskState,
    /// It is granted.
    Grant,
    /// It is not granted.
    Refuse,
    /// It is extended to a later day.
    Extend,
    /// What it asks of the State is changed.
    Modify,
    /// It is lifted.
    Lift,
    /// Whether the State has complied is recorded.
    RecordCompliance {
        /// Whether it has.
        complied: bool,
    },
}

impl Step {
    /// Where the step leads to.
    pub fn leads_to(self) -> Status {
        match self {
            Self::AskState => Status::InformationRequested,
            Self::Grant => Status::Granted,
            Self::Refuse => Status::NotGranted,
            Self::Extend => Status::Extended,
            Self::Modify => Status::Modified,
            Self::Lift => Status::Lifted,
            Self::RecordCompliance { complied: true } => Status::Complied,
            Self::RecordCompliance { complied: false } => Status::NotComplied,
        }
    }

    /// Whether the step may be taken from a status.
    ///
    /// What has expired is not extended: protection that has ended is asked for anew.
    pub fn may_follow(self, from: Status) -> bool {
        let in_force = match from {
            Status::Granted | Status::Extended | Status::Modified => true,
            // Compliance ends no measure; nor does the lack of it.
            Status::Complied | Status::NotComplied => true,
            Status::Requested
            | Status::InformationRequested
            | Status::NotGranted
            | Status::Lifted
            | Status::Expired => false,
        };
        match self {
            Self::AskState => from == Status::Requested,
            Self::Grant | Self::Refuse => {
                matches!(from, Status::Requested | Status::InformationRequested)
            }
            Self::Extend | Self::Modify | Self::Lift => in_force,
            Self::RecordCompliance { .. } => {
                (in_force || from == Status::Expired) && from != self.leads_to()
            }
        }
    }

    /// Whether the step is a decision, whose day is kept.
    pub fn decides(self) -> bool {
        match self {
            Self::Grant | Self::Refuse | Self::Extend | Self::Modify | Self::Lift => true,
            Self::AskState | Self::RecordCompliance { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 8] = [
        Step::AskState,
        Step::Grant,
        Step::Refuse,
        Step::Extend,
        Step::Modify,
        Step::Lift,
        Step::RecordCompliance { complied: true },
        Step::RecordCompliance { complied: false },
    ];

    #[test]
    fn every_status_is_reached_but_expired_which_comes_by_itself() {
        let mut reached = vec![Status::Requested];
        let mut at = 0;
        while let Some(from) = reached.get(at).copied() {
            at += 1;
            for step in STEPS {
                if step.may_follow(from) && !reached.contains(&step.leads_to()) {
                    reached.push(step.leads_to());
                }
            }
        }
        for status in Status::ALL.iter().copied() {
            assert_eq!(reached.contains(&status), status != Status::Expired);
        }
    }

    #[test]
    fn what_has_ended_is_not_taken_up_again() {
        for from in [Status::NotGranted, Status::Lifted] {
            assert!(STEPS.iter().all(|step| !step.may_follow(from)));
        }
        for step in [Step::Extend, Step::Modify, Step::Lift, Step::Grant] {
            assert!(!step.may_follow(Status::Expired));
        }
    }
}
