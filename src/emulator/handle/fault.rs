//! Faults from Rust: answers that go wrong on purpose.

use serde_json::{Value, json};

use crate::control::parse_fault;
use crate::emulator::handle::error::HandleError;
use crate::emulator::handle::sandbox::{Done, SandboxHandle};
use crate::faults::RuleSummary;

/// A fault rule: which requests it strikes, how often, and what it does to their answers.
///
/// A constructor says what happens, the methods say when. Without any, every request is struck.
/// The rule is checked when [`SandboxHandle::fault`] adds it.
///
/// ```
/// use swas_emulator::Fault;
///
/// let throttled = Fault::error("Throttling.User")
///     .action("ListCustomImages")
///     .parameter("RegionId", "cn-beijing")
///     .times(2);
/// let slow = Fault::delay("750ms").every(3);
/// let lost = Fault::reset().after(1).times(1);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "it does nothing until a sandbox has it"]
pub struct Fault {
    /// The rule as the control API takes it.
    rule: Value,
}

impl Fault {
    /// An error of the vendor's tables, with its exact status and text, such as `Throttling.User`.
    pub fn error(code: &str) -> Self {
        Self::of("error", code)
    }

    /// An error of your own; `status` is 400 to 599.
    pub fn own_error(status: u16, code: &str, message: &str) -> Self {
        Self::of(
            "error",
            json!({"status": status, "code": code, "message": message}),
        )
    }

    /// The answer, later by a time such as `750ms`; at most 5 minutes.
    pub fn delay(time: &str) -> Self {
        Self::of("delay", time)
    }

    /// A reset connection in place of an answer: a real RST.
    pub fn reset() -> Self {
        Self::of("reset", true)
    }

    /// The end of the connection, without a byte.
    pub fn empty() -> Self {
        Self::of("empty", true)
    }

    /// The header and half the body, then the end of the connection.
    pub fn truncate() -> Self {
        Self::of("truncate", true)
    }

    /// The body in small pieces, spread over a time such as `2s`; at most 5 minutes.
    pub fn dribble(time: &str) -> Self {
        Self::of("dribble", time)
    }

    /// A listing that seems to change after a page, from 1: `insert-before`, `delete-seen`,
    /// `total-drift` or `short-page`.
    pub fn paging(change: &str, after_page: u32) -> Self {
        Self::of("paging", json!({"change": change, "afterPage": after_page}))
    }

    /// Any rule of the control API, such as `json!({"effect": {"malformed": true}, "times": 1})`.
    pub fn from_json(rule: Value) -> Self {
        Self { rule }
    }

    fn of(effect: &str, value: impl Into<Value>) -> Self {
        Self {
            rule: json!({"effect": {effect: value.into()}}),
        }
    }

    /// Names the rule. Without it, the rule gets a name such as `fault-1`.
    pub fn id(self, id: &str) -> Self {
        self.set(&[], "id", id)
    }

    /// Strikes requests of this action only.
    pub fn action(self, name: &str) -> Self {
        self.set(&["match"], "action", name)
    }

    /// Strikes requests with this AccessKeyId only.
    pub fn access_key_id(self, access_key_id: &str) -> Self {
        self.set(&["match"], "accessKeyId", access_key_id)
    }

    /// Strikes requests with this value of a parameter only, as sent; an empty value means that
    /// the request has none. May be called several times.
    pub fn parameter(self, name: &str, value: &str) -> Self {
        self.set(&["match", "parameters"], name, value)
    }

    /// Strikes at most `n` times.
    pub fn times(self, n: u64) -> Self {
        self.set(&[], "times", n)
    }

    /// Lets the first `n` matching requests pass.
    pub fn after(self, n: u64) -> Self {
        self.set(&[], "after", n)
    }

    /// Strikes the first of every `n` matching requests.
    pub fn every(self, n: u64) -> Self {
        self.set(&[], "every", n)
    }

    /// Strikes with this chance, 0 to 1; the same draws in every run for the same seed.
    pub fn probability(self, chance: f64, rng_seed: u64) -> Self {
        self.set(&[], "probability", chance)
            .set(&[], "rngSeed", rng_seed)
    }

    /// Delays the answer as well, by a time such as `750ms`; at most 5 minutes.
    pub fn delayed(self, time: &str) -> Self {
        self.set(&["effect"], "delay", time)
    }

    /// Sends the header `x-acs-retry-after` beside an error, in milliseconds.
    pub fn retry_after_ms(self, ms: u64) -> Self {
        self.set(&["effect"], "x-acs-retry-after", ms)
    }

    /// Sets a field of an object in the rule. A rule that is not an object stays as it is, and is
    /// refused when it is added.
    fn set(mut self, place: &[&str], name: &str, value: impl Into<Value>) -> Self {
        let object = place.iter().try_fold(&mut self.rule, |object, part| {
            let fields = object.as_object_mut()?;
            Some(fields.entry(*part).or_insert_with(|| json!({})))
        });
        if let Some(fields) = object.and_then(Value::as_object_mut) {
            fields.insert(name.to_owned(), value.into());
        }
        self
    }
}

impl SandboxHandle {
    /// Adds a fault rule after the others; returns its id.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use swas_emulator::{Emulator, Fault};
    /// # let emulator = Emulator::builder().isolate().start().await?;
    /// let sandbox = emulator.sandbox("ci-7");
    /// sandbox.fault(Fault::error("Throttling.User").times(2))?;
    /// // The next two requests of this client fail with `Throttling.User`.
    /// assert_eq!(sandbox.faults()?[0].left, Some(2));
    /// sandbox.clear_faults()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`HandleError`] for an invalid rule, a taken id, or too many rules.
    pub fn fault(&self, fault: Fault) -> Result<String, HandleError> {
        let Fault { rule } = fault;
        let rule = parse_fault(self.state.actions, &rule).map_err(HandleError::refused)?;
        self.with(|sandbox| sandbox.faults().add(rule).map_err(HandleError::refused))
    }

    /// The fault rules, in the order in which they are tried, and how often each struck.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such sandbox.
    pub fn faults(&self) -> Result<Vec<RuleSummary>, HandleError> {
        self.with(|sandbox| Ok(sandbox.faults().summaries()))
    }

    /// Removes every fault rule, and forgets how often each magic AccessKeyId struck.
    ///
    /// # Errors
    /// [`HandleError`] when there is no such sandbox.
    pub fn clear_faults(&self) -> Done<'_> {
        self.act(|sandbox| {
            sandbox.faults().clear();
            Ok(())
        })
    }
}
