//! Lists: what they are filtered by, how they are counted, how one turns their pages.

use serde_json::Value;

use super::Laws;
use crate::selftest::{
    crawl::View,
    door::{DoorError, Told, at},
    schema::{Field, Shape},
};

/// Values that a field is tested for.
const VALUES: usize = 2;
/// Fields that a list is ordered by.
const ORDERS: usize = 2;
/// Entries of a list that are turned through.
const ENTRIES: usize = 40;
/// Entries of a small page.
const SMALL: usize = 7;

impl Laws<'_> {
    /// A filter holds only of what the viewer is told: whoever passes it shows the value.
    pub(super) fn filters_test_what_is_seen(&mut self, view: &View) -> Result<(), DoorError> {
        // Values are tried that others are told: a guess that is right is what gives away.
        let Some(most) = self.views.last() else {
            return Ok(());
        };
        let schema = self.schema;
        for (list, node) in schema.lists() {
            let filter = list.arguments.iter().find(|(name, _)| name == "filter");
            let Some((_, filter)) = filter else {
                continue;
            };
            for (field, test) in &schema.of_name(&filter.name).inputs {
                let mut fields = schema.of_name(node).fields.iter();
                let leaf = fields.find(|one| one.name == *field);
                if !leaf.is_some_and(|one| schema.is_leaf(&one.shape.name) && !one.shape.list) {
                    continue;
                }
                let of_view =
                    |id: &String| view.records.get(id).and_then(|one| one.fields.get(field));
                let known = most.with(node, field);
                let (shown, others): (Vec<_>, Vec<_>) =
                    known.partition(|(id, value)| of_view(id) == Some(*value));
                let values = others.iter().take(VALUES).chain(shown.iter().take(1));
                // Each value by another test: all of them by all would take hours.
                for (place, (_, value)) in values.enumerate() {
                    let tests = self.tests(test, value);
                    let Some(test) = tests.get(place % tests.len().max(1)) else {
                        continue;
                    };
                    for filter in [
                        format!("{{{field}: {test}}}"),
                        format!("{{not: {{{field}: {test}}}}}"),
                    ] {
                        self.filter(view, &list.name, field, &filter)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Tests for a value.
    fn tests(&self, test: &Shape, value: &Value) -> Vec<String> {
        let inputs = &self.schema.of_name(&test.name).inputs;
        let mut tests = Vec::new();
        for (name, shape) in inputs {
            let is_code = self.schema.of_name(&shape.name).kind == "ENUM";
            let written = match value.as_str() {
                Some(code) if is_code => code.to_owned(),
                Some(text) if name == "contains" => {
                    let part: String = text.chars().take(5).collect();
                    Value::from(part).to_string()
                }
                Some(text) => Value::from(text.chars().take(190).collect::<String>()).to_string(),
                None => value.to_string(),
            };
            match name.as_str() {
                "in" => tests.push(format!("{{in: [{written}]}}")),
                _ => tests.push(format!("{{{name}: {written}}}")),
            }
        }
        tests
    }

    fn filter(
        &mut self,
        view: &View,
        list: &str,
        field: &str,
        filter: &str,
    ) -> Result<(), DoorError> {
        self.tries("a filter holds of what is told");
        let document = format!(
            "{{ l: {list}(first: 100, filter: {filter}) {{ totalCount pageInfo {{ hasNextPage }} \
             edges {{ node {{ v: {field} }} }} }} }}"
        );
        let told = self.hub.ask(&view.viewer, &document)?;
        let json = told.json();
        let list = at(&json, "/data/l");
        let Some(edges) = list["edges"].as_array() else {
            return Ok(());
        };
        if edges.iter().any(|edge| at(edge, "/node/v").is_null()) {
            self.broken("a filter tests what is withheld", view, &document, &[&told]);
        }
        self.counted(view, &document, &told);
        Ok(())
    }

    /// A total is that of what is told.
    fn counted(&mut self, view: &View, document: &str, told: &Told) {
        let json = told.json();
        let list = at(&json, "/data/l");
        let edges = list["edges"].as_array().map(Vec::len).unwrap_or_default();
        let whole = at(list, "/pageInfo/hasNextPage") == false;
        let total = list["totalCount"].as_u64();
        if whole && total != u64::try_from(edges).ok() {
            self.broken("a total is not what is told", view, document, &[told]);
        }
    }

    /// Small pages, large ones, forwards and backwards: one list, in one order.
    pub(super) fn pages_are_of_one_list(&mut self, view: &View) -> Result<(), DoorError> {
        let schema = self.schema;
        for (list, _) in schema.lists() {
            let has = |name: &str| list.arguments.iter().any(|(known, _)| known == name);
            for order in self.orders(list) {
                self.tries("pages are of one list");
                let document = format!(
                    "{{ l: {}(first: {ENTRIES}{order}) {{ totalCount pageInfo {{ hasNextPage }} \
                     edges {{ node {{ id }} }} }} }}",
                    list.name
                );
                let told = self.hub.ask(&view.viewer, &document)?;
                let whole = ids(at(&told.json(), "/data/l"));
                self.counted(view, &document, &told);
                let turned =
                    self.turned(view, &list.name, &order, whole.len(), ("first", "after"))?;
                if turned != whole {
                    let why = "small pages give another list than a large one";
                    self.broken(why, view, &document, &[&told]);
                }
                let all = at(&told.json(), "/data/l/pageInfo/hasNextPage") == false;
                if all && has("last") {
                    let mut back =
                        self.turned(view, &list.name, &order, whole.len(), ("last", "before"))?;
                    back.reverse();
                    if back != whole {
                        let why = "a list is another one backwards";
                        self.broken(why, view, &document, &[&told]);
                    }
                }
            }
        }
        Ok(())
    }

    /// No order, and by some of its fields.
    fn orders(&mut self, list: &Field) -> Vec<String> {
        let mut orders = vec![String::new()];
        let order = list.arguments.iter().find(|(name, _)| name == "orderBy");
        if let Some((_, order)) = order {
            let inputs = &self.schema.of_name(&order.name).inputs;
            let field = inputs.iter().find(|(name, _)| name == "field");
            let codes = field.map(|(_, shape)| &self.schema.of_name(&shape.name).codes);
            for _ in 0..ORDERS {
                let Some(code) = codes.and_then(|codes| self.chance.one(codes)) else {
                    break;
                };
                orders.push(format!(", orderBy: [{{field: {code}, direction: DESC}}]"));
            }
        }
        orders
    }

    /// The ids of a list, turned through in small pages; backwards, the last one first.
    fn turned(
        &mut self,
        view: &View,
        list: &str,
        order: &str,
        most: usize,
        (size, from): (&str, &str),
    ) -> Result<Vec<String>, DoorError> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        while all.len() < most {
            let document = format!(
                "{{ l: {list}({size}: {}{cursor}{order}) {{ edges {{ cursor node {{ id }} }} }} }}",
                SMALL.min(most - all.len())
            );
            let told = self.hub.ask(&view.viewer, &document)?.json();
            let mut page = ids(at(&told, "/data/l"));
            let edges = at(&told, "/data/l/edges").as_array();
            let edge = edges.and_then(|edges| match size {
                "first" => edges.last(),
                _ => edges.first(),
            });
            let Some(next) = edge.and_then(|edge| edge["cursor"].as_str()) else {
                break;
            };
            cursor = format!(", {from}: {}", Value::from(next));
            if size == "last" {
                page.reverse();
            }
            all.append(&mut page);
        }
        Ok(all)
    }
}

fn ids(list: &Value) -> Vec<String> {
    let edges = list["edges"].as_array().into_iter().flatten();
    edges
        .filter_map(|edge| at(edge, "/node/id").as_str())
        .map(str::to_owned)
        .collect()
}
