//! What may be kept on the way, and that an answer is the same twice.

use super::Laws;
use crate::selftest::{
    crawl::View,
    door::{DoorError, at},
};

impl Laws<'_> {
    /// The same question, asked twice, has the same answer, to the byte.
    pub(super) fn twice_is_alike(&mut self, view: &View) -> Result<(), DoorError> {
        let schema = self.schema;
        for (list, _) in schema.lists() {
            self.tries("twice is alike");
            let document = format!(
                "{{ {}(first: 30) {{ totalCount edges {{ cursor node {{ id }} }} }} }}",
                list.name
            );
            let first = self.hub.ask(&view.viewer, &document)?;
            let second = self.hub.ask(&view.viewer, &document)?;
            if first != second {
                let why = "the same question has two answers (was the hub written to?)";
                self.broken(why, view, &document, &[&first, &second]);
            }
        }
        Ok(())
    }

    /// What anyone may be told is revalidated; what others are told is kept by nobody, and
    /// asked by no address.
    pub(super) fn caches_are_for_the_public(&mut self) -> Result<(), DoorError> {
        let document = "{ countries(first: 3) { totalCount edges { node { id } } } }";
        for view in self.views {
            self.tries("caches are for the public");
            match &view.viewer.token {
                None => {
                    let told = self.hub.get(document, &[])?;
                    let control = told.header("cache-control").unwrap_or_default();
                    if !control.contains("no-cache") && !control.contains("no-store") {
                        self.broken("a public answer is kept unasked", view, document, &[&told]);
                    }
                    if let Some(tag) = told.header("etag") {
                        let again = self.hub.get(document, &[("if-none-match", tag)])?;
                        if again.status != 304 || !again.body.is_empty() {
                            let why = "an answer that is unchanged is sent again";
                            self.broken(why, view, document, &[&told, &again]);
                        }
                    }
                }
                Some(token) => {
                    let bearer = format!("Bearer {token}");
                    let told = self.hub.get(document, &[("authorization", &bearer)])?;
                    if !at(&told.json(), "/data").is_null() {
                        let why = "a token is taken with an address";
                        self.broken(why, view, document, &[&told]);
                    }
                    let told = self.hub.ask(&view.viewer, document)?;
                    let control = told.header("cache-control").unwrap_or_default();
                    if !control.contains("no-store") {
                        self.broken("an answer to a token may be kept", view, document, &[&told]);
                    }
                }
            }
        }
        Ok(())
    }
}
