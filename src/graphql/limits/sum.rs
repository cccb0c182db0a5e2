//! The sum of what a selection asks for, and how two of them add up.

/// The count of one selection set, or of one fragment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    /// Fields and spreads, all levels.
    pub(super) fields: u64,
    /// Aliases, all levels.
    pub(super) aliases: u64,
    /// Fields of this level.
    pub(super) own: u64,
    /// Levels of fields below.
    pub(super) depth: u64,
    /// Levels below as the executor's recursion meets them, spreads included.
    pub(super) levels: u64,
    /// Objects, values and values about the schema in the answer.
    pub(super) nodes: u64,
    pub(super) values: u64,
    pub(super) introspected: u64,
    /// Whether rows are asked of the connection whose selection this is.
    pub(super) rows: bool,
    /// Whether this level asks for sealed fields, and how often levels below do.
    pub(super) sealed: bool,
    pub(super) sealed_below: u64,
}

impl Sum {
    /// Adds a selection of the same level.
    pub(super) fn add(&mut self, other: Self) {
        self.add_text(other);
        self.nodes = self.nodes.saturating_add(other.nodes);
        self.values = self.values.saturating_add(other.values);
        self.introspected = self.introspected.saturating_add(other.introspected);
        self.rows |= other.rows;
        self.sealed |= other.sealed;
        self.sealed_below = self.sealed_below.saturating_add(other.sealed_below);
    }

    /// Adds what is in the text but, being skipped, not in the answer.
    pub(super) fn add_text(&mut self, other: Self) {
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.own = self.own.saturating_add(other.own);
        self.depth = self.depth.max(other.depth);
        self.levels = self.levels.max(other.levels);
    }

    /// A person's file is opened once, however many of its fields are asked for.
    pub(super) fn openings(&self) -> u64 {
        self.sealed_below.saturating_add(u64::from(self.sealed))
    }
}
