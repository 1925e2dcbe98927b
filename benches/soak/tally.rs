//! How often each kind of request came, and how it was answered.

use std::collections::BTreeMap;

/// Wrong answers that are kept as text.
const N_WRONG_MAX: usize = 10;

/// The answers to one kind of request.
#[derive(Debug, Default, Clone, Copy)]
struct Answers {
    done: u64,
    refused: u64,
    /// No status: the connection ended, as a fault or the client wanted.
    cut: u64,
}

/// All answers.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    kinds: BTreeMap<&'static str, Answers>,
    wrong: Vec<String>,
}

impl Tally {
    /// Counts an answer; 5xx is wrong.
    pub(crate) fn count(&mut self, kind: &'static str, status: u16) {
        let answers = self.kinds.entry(kind).or_default();
        match status / 100 {
            2 => answers.done += 1,
            4 => answers.refused += 1,
            _ => self.wrong(format!("{kind} got {status}")),
        }
    }

    /// Counts a request that is meant to fail; any answer and none is right.
    pub(crate) fn count_rough(&mut self, kind: &'static str, status: Option<u16>) {
        let answers = self.kinds.entry(kind).or_default();
        match status {
            Some(200..300) => answers.done += 1,
            Some(_) => answers.refused += 1,
            None => answers.cut += 1,
        }
    }

    pub(crate) fn wrong(&mut self, text: String) {
        if self.wrong.len() < N_WRONG_MAX {
            self.wrong.push(text);
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (kind, more) in other.kinds {
            let answers = self.kinds.entry(kind).or_default();
            answers.done += more.done;
            answers.refused += more.refused;
            answers.cut += more.cut;
        }
        for wrong in other.wrong {
            self.wrong(wrong);
        }
    }

    pub(crate) fn print(&self) {
        println!("\n| kind | 2xx | refused | cut |\n| --- | --- | --- | --- |");
        for (kind, answers) in &self.kinds {
            let Answers { done, refused, cut } = answers;
            println!("| {kind} | {done} | {refused} | {cut} |");
        }
        for wrong in &self.wrong {
            println!("wrong: {wrong}");
        }
    }

    /// Whether no answer was wrong and each kind did what it is for at least once.
    pub(crate) fn is_right(&self) -> bool {
        let idle = |(kind, answers): (&&str, &Answers)| {
            let is_idle = answers.done + answers.cut == 0 && !kind.starts_with("refused");
            is_idle.then(|| (*kind).to_owned())
        };
        let idle: Vec<String> = self.kinds.iter().filter_map(idle).collect();
        if !idle.is_empty() {
            println!("never answered as they should be: {idle:?}");
        }
        idle.is_empty() && self.wrong.is_empty()
    }
}
