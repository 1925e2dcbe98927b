//! Which file of a crate uses which other one, read from the sources.
//!
//! A name that is handed on by `pub use` belongs to the file that defines it: to import it ties to
//! that file, and to hand it on ties to nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{skip_block, tokens};

/// A module as its path from the crate's root: `["store", "write"]`.
type Module = Vec<String>;

/// For each file, the files that it uses, each with the names that it takes from there.
pub(super) type Uses = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Reads a crate's files, each as its path under `src` and its text.
pub(super) fn uses(files: &[(&str, &str)]) -> Uses {
    let crate_ = Crate {
        files: files
            .iter()
            .map(|(path, text)| (module(path), File::read(path, text)))
            .collect(),
    };
    let one = |(module, file): (&Module, &File)| (file.path.clone(), crate_.used_by(module, file));
    crate_.files.iter().map(one).collect()
}

/// The module of a file: `store/mod.rs` is `store`, `store/write.rs` is `store::write`.
fn module(path: &str) -> Module {
    let path = path.strip_suffix(".rs").unwrap();
    let mut module: Module = path.split('/').map(str::to_owned).collect();
    let is_root = path == "lib" || path == "main";
    if is_root || module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    // The binary is a crate of its own, which nothing imports.
    if path == "main" {
        module.push("main".to_owned());
    }
    module
}

/// One imported name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Import {
    /// The path with its last name; `*` for all names of a module.
    path: Vec<String>,
    /// The name that it has here, after `as` too.
    name: String,
    /// Whether it is there for others: `pub use`.
    is_handed_on: bool,
}

/// What a file imports, defines and mentions.
#[derive(Debug, Default)]
struct File {
    path: String,
    imports: Vec<Import>,
    defined: BTreeSet<String>,
    /// Paths in the code, such as `write::remove`; a single name is one too.
    mentioned: BTreeSet<Vec<String>>,
}

impl File {
    fn read(path: &str, text: &str) -> Self {
        let mut file = Self {
            path: path.to_owned(),
            ..Self::default()
        };
        let tokens = tokens(text);
        let mut depth = 0;
        let mut at = 0;
        while at < tokens.len() {
            let token = &*tokens[at];
            let next = tokens.get(at + 1).map_or("", |next| &**next);
            match token {
                "{" => depth += 1,
                "}" => depth -= 1,
                "use" => {
                    let n_tokens = tokens[at..].iter().position(|token| token == ";").unwrap();
                    let before = tokens[..at].last().map_or("", |before| &**before);
                    let is_handed_on = before == "pub" || before == ")";
                    let tree = &mut tokens[at + 1..at + n_tokens].iter().peekable();
                    read_tree(tree, &[], is_handed_on, &mut file.imports);
                    at += n_tokens;
                }
                "mod" if tokens.get(at + 2).is_some_and(|token| token == "{") => {
                    let mut rest = tokens[at..].iter();
                    skip_block(&mut rest);
                    at = tokens.len() - rest.len() - 1;
                }
                "struct" | "enum" | "fn" | "const" | "static" | "type" | "trait"
                    if depth == 0 && next != "fn" =>
                {
                    file.defined.insert(next.to_owned());
                    at += 1;
                }
                // `a.b` is a field or a method, not a name of this file's scope.
                "." => at += 1,
                _ if token.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                    let path = path_at(&tokens[at..]);
                    at += 2 * (path.len() - 1);
                    file.mentioned.insert(path);
                }
                _ => {}
            }
            at += 1;
        }
        file
    }
}

/// The path that a text begins with: `a::b::c`.
fn path_at(tokens: &[String]) -> Vec<String> {
    let mut path = vec![tokens[0].clone()];
    while let [separator, name, ..] = &tokens[2 * path.len() - 1..]
        && separator == "::"
        && name.starts_with(|c: char| c.is_alphabetic() || c == '_')
    {
        path.push(name.clone());
    }
    path
}

/// Reads a tree of imports, such as `a::{self, b as c, d::*}`, below a path.
fn read_tree<'a>(
    tokens: &mut std::iter::Peekable<impl Iterator<Item = &'a String>>,
    above: &[String],
    is_handed_on: bool,
    imports: &mut Vec<Import>,
) {
    let mut path = above.to_vec();
    while let Some(token) = tokens.next() {
        match &**token {
            "::" => {}
            "{" => {
                while tokens.peek().is_some_and(|token| *token != "}") {
                    read_tree(tokens, &path, is_handed_on, imports);
                }
                tokens.next();
                // The comma after a group ends the group's own entry.
                tokens.next_if(|token| *token == ",");
                return;
            }
            "," => break,
            "as" => {
                let name = tokens.next().unwrap().clone();
                tokens.next_if(|token| *token == ",");
                imports.push(Import {
                    path,
                    name,
                    is_handed_on,
                });
                return;
            }
            // `a::{self}` is `a`; `self::a` begins a path.
            "self" if !path.is_empty() => {}
            name => path.push(name.to_owned()),
        }
        if tokens.peek().is_some_and(|token| *token == "}") {
            break;
        }
    }
    if let Some(name) = path.last().cloned() {
        imports.push(Import {
            path,
            name,
            is_handed_on,
        });
    }
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Module(Module),
    /// An item of this module's file.
    Item(Module),
}

#[derive(Debug)]
struct Crate {
    files: BTreeMap<Module, File>,
}

impl Crate {
    fn used_by(&self, module: &Module, file: &File) -> BTreeMap<String, BTreeSet<String>> {
        let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut take = |found: BTreeSet<Found>, name: &str| {
            for found in found {
                let (Found::Module(of) | Found::Item(of)) = found;
                if of != *module
                    && let Some(other) = self.files.get(&of)
                {
                    let names = used.entry(other.path.clone()).or_default();
                    names.insert(name.to_owned());
                }
            }
        };
        for import in &file.imports {
            let name = &import.name;
            let found = self.find(module, &import.path, 0);
            if name == "*" {
                // Each name of that module which the file mentions is found below.
                continue;
            }
            let is_module = found.iter().all(|found| matches!(found, Found::Module(_)));
            // A module is used by the paths through it, and a name that is handed on by none.
            if !is_module && !import.is_handed_on {
                take(found, name);
            }
        }
        for path in &file.mentioned {
            let is_own = file.defined.contains(&path[0]) && path.len() == 1;
            if !is_own {
                let mut found = self.find(module, path, 0);
                found.retain(|found| matches!(found, Found::Item(_)));
                take(found, &path.join("::"));
            }
        }
        used
    }

    /// Finds what a path in a module means; it is empty for other crates.
    fn find(&self, module: &Module, path: &[String], n_steps: usize) -> BTreeSet<Found> {
        let rest = &path[1..];
        match &*path[0] {
            "crate" => self.walk(&Vec::new(), rest, n_steps),
            "self" => self.walk(module, rest, n_steps),
            "super" => {
                let above = module.split_last().map_or(&[][..], |(_, above)| above);
                match rest.first() {
                    Some(name) if name == "super" => self.find(&above.to_vec(), rest, n_steps),
                    _ => self.walk(&above.to_vec(), rest, n_steps),
                }
            }
            _ => self.walk(module, path, n_steps),
        }
    }

    /// Follows names down from a module, through what modules hand on.
    fn walk(&self, module: &Module, names: &[String], n_steps: usize) -> BTreeSet<Found> {
        let Some((name, rest)) = names.split_first() else {
            return BTreeSet::from([Found::Module(module.clone())]);
        };
        let mut found = BTreeSet::new();
        // Two files may import each other's names; a chain of a sane crate is short.
        let Some(file) = self.files.get(module).filter(|_| n_steps < 20) else {
            return found;
        };
        let below: Module = module.iter().chain([name]).cloned().collect();
        if self.files.contains_key(&below) {
            found.extend(self.walk(&below, rest, n_steps));
        }
        if file.defined.contains(name) {
            found.insert(Found::Item(module.clone()));
            return found;
        }
        for import in &file.imports {
            if import.name == *name {
                let path = [&import.path[..], rest].concat();
                found.extend(self.find(module, &path, n_steps + 1));
            } else if import.name == "*" {
                let all = &import.path[..import.path.len() - 1];
                let path = [all, names].concat();
                found.extend(self.find(module, &path, n_steps + 1));
            }
        }
        found
    }
}
