//! The map: where everything was written, and so where a problem is shown.

use sightline_model::Problem;

use crate::{
    located::{Located, Place},
    source::{Origin, Source, Span},
    tree::{Node, Step, written},
};

/// All layers as one tree, and the texts that it came from.
#[derive(Clone, Debug)]
pub(crate) struct Map {
    pub sources: Vec<Source>,
    pub tree: Node,
}

impl Map {
    /// A problem found in `tree`, which is this map's or what is left of it, at the place of its key or of the nearest
    /// one around it.
    pub fn locate(&self, tree: &Node, problem: &Problem) -> Located {
        let found = tree.find(&problem.key);
        let at = match found.key {
            // A table is shown by its name, a value by itself.
            Some(key) if found.node.table().is_some() => key,
            _ => &found.node.at,
        };
        let mut key = written(&found.path);
        if !key.is_empty() && !found.rest.is_empty() && !found.rest.starts_with('[') {
            key.push('.');
        }
        key.push_str(&found.rest);
        self.place(at, key, problem.message.clone(), problem.remedy.clone())
    }

    /// A problem at a place. The root has no place of its own, nor has what stands in the defaults: such a problem is
    /// with the file as a whole.
    pub fn place(&self, at: &Span, key: String, message: String, remedy: String) -> Located {
        let source = self.sources.get(at.source);
        let place = match source.filter(|source| source.origin != Origin::Embedded) {
            Some(source) if *at != self.tree.at => source.show(&at.bytes),
            _ => (self.file(), None),
        };
        Located::new(place, key, &message, &remedy)
    }

    /// True where a value came from the environment.
    pub fn is_from_variable(&self, node: &Node) -> bool {
        self.sources
            .get(node.at.source)
            .is_some_and(|source| source.origin == Origin::Variable)
    }

    /// Never shows the value at a path from now on.
    pub fn conceal(&mut self, path: &[Step]) {
        let Some(at) = self.tree.at(path).map(|node| node.at.clone()) else {
            return;
        };
        if let Some(source) = self.sources.get_mut(at.source) {
            source.conceal(at.bytes);
        }
    }

    /// By layer, then by line.
    pub fn order(&self, problems: &mut [Located]) {
        problems.sort_by_key(|problem| {
            let (Place::Line { file: name, .. }
            | Place::File { file: name }
            | Place::Variable { variable: name }) = &problem.place;
            let source = self.sources.iter().position(|source| source.name == *name);
            (source, problem.place.clone())
        });
    }

    /// The file that a person would write a missing thing into.
    fn file(&self) -> Place {
        let mut files = self.sources.iter();
        let file = files.rfind(|source| source.origin == Origin::File);
        let file = file
            .or(self.sources.first())
            .map_or(String::new(), |source| source.name.clone());
        Place::File { file }
    }
}
