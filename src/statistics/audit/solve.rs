//! Between which two numbers a sum of unknowns lies: the linear programs.

use std::collections::{BTreeMap, BTreeSet};

use microlp::{ComparisonOp, OptimizationDirection, Problem};

use super::{AuditError, Dockets, KEPT, System, WIDTH};

/// A docket in which a sum is the least or the most that it can be.
type Docket = Vec<Option<u64>>;

/// What a solver of floating-point numbers is trusted with.
const NEARLY: f64 = 1e-6;

impl System<'_> {
    /// Whether it can be worked out, nearly, how many some unknowns are together: any number,
    /// or one that is some and fewer than the threshold.
    pub(super) fn is_narrow(
        &self,
        members: &[usize],
        few: Option<u64>,
        dockets: &mut Dockets,
    ) -> Result<bool, AuditError> {
        let (sum, open) = self.known(members);
        let matters = |least: f64, most: f64| {
            few.is_none_or(|threshold| least < threshold as f64 && most >= 1.0)
        };
        let equal = self.equations.iter().find(|(equal, _)| *equal == open);
        if open.is_empty() || equal.is_some() {
            let value = sum + equal.map_or(0.0, |(_, value)| *value as f64);
            return Ok(matters(value, value));
        }
        let sum_in = |docket: &Docket| {
            let values = members.iter().map(|at| docket.get(*at).copied().flatten());
            values.sum::<Option<u64>>()
        };
        let mut found: Vec<u64> = dockets.iter().filter_map(sum_in).collect();
        let wide = |found: &[u64]| {
            let (least, most) = (found.iter().min(), found.iter().max());
            least
                .zip(most)
                .is_some_and(|(least, most)| (most - least) as f64 >= WIDTH)
        };
        let mut ends = [0.0, f64::INFINITY];
        let ways = [
            OptimizationDirection::Maximize,
            OptimizationDirection::Minimize,
        ];
        for (end, to) in ends.iter_mut().rev().zip(ways) {
            if wide(&found) {
                return Ok(false);
            }
            let (value, docket) = self.end(&open, to)?;
            *end = sum + value;
            if let Some(docket) = docket {
                found.extend(sum_in(&docket));
                if dockets.len() < KEPT {
                    dockets.push(docket);
                }
            }
        }
        let [least, most] = ends;
        Ok(matters(least, most) && most - least < WIDTH)
    }

    /// The least or the most that some unknowns are together, and a docket in which they are.
    fn end(
        &self,
        of: &[usize],
        to: OptimizationDirection,
    ) -> Result<(f64, Option<Docket>), AuditError> {
        let part = |member: &usize| self.parts.get(*member).copied();
        let parts: BTreeSet<Option<usize>> = of.iter().map(part).collect();
        let mut problem = Problem::new(to);
        let mut variables = BTreeMap::new();
        for (number, unknown) in self.unknowns.iter().enumerate() {
            if unknown.value.is_none() && parts.contains(&part(&number)) {
                let weight = if of.contains(&number) { 1.0 } else { 0.0 };
                let variable = problem.add_var(weight, (0.0, f64::INFINITY));
                variables.insert(number, variable);
            }
        }
        let terms = |members: &[usize]| {
            let found = members.iter().filter_map(|member| variables.get(member));
            found.map(|found| (*found, 1.0)).collect::<Vec<_>>()
        };
        for (members, value) in &self.equations {
            let terms = terms(members);
            if !terms.is_empty() {
                let value = *value as f64;
                problem.add_constraint(terms.as_slice(), ComparisonOp::Eq, value);
            }
        }
        for members in &self.inhabited {
            let (known, open) = self.known(members);
            let terms = terms(&open);
            if known < 1.0 && !terms.is_empty() {
                problem.add_constraint(terms.as_slice(), ComparisonOp::Ge, 1.0);
            }
        }
        let solved = match problem.solve() {
            Ok(outcome) => outcome.into_solution(),
            Err(microlp::Error::Unbounded) => return Ok((f64::INFINITY, None)),
            Err(error) => {
                tracing::warn!(cause = %error, "a system of releases was not solved");
                return Err(AuditError::Unsolved);
            }
        };
        let solved = solved.map_err(|_| AuditError::Unsolved)?;
        // Persons are whole. Where the end is reached only by parts of one, it is taken to be
        // one nearer: what looks wide is then not narrower than it looks.
        let part = |value: f64| (value - value.round()).abs() > NEARLY;
        let in_parts = variables.values().any(|one| part(solved.var_value(*one)));
        let inwards = if in_parts { 1.0 } else { 0.0 };
        let value = match to {
            OptimizationDirection::Minimize => (solved.objective() - NEARLY).ceil() + inwards,
            OptimizationDirection::Maximize => (solved.objective() + NEARLY).floor() - inwards,
        };
        if in_parts {
            return Ok((value, None));
        }
        let mut docket: Docket = self.unknowns.iter().map(|one| one.value).collect();
        for (number, variable) in &variables {
            if let Some(place) = docket.get_mut(*number) {
                *place = Some(solved.var_value(*variable).round().max(0.0) as u64);
            }
        }
        Ok((value, Some(docket)))
    }
}
