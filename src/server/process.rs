//! Processing a request: a context in, a result out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::actions::{self, Actions, Asked, Call, Emptiness, Failure, unknown_parameters};
use crate::base::Effort;
use crate::faults::Strike;
use crate::sandbox::Sandbox;
use crate::server::admission::Admission;
use crate::server::arrival::Arrival;
use crate::wire::{ApiError, ErrorCode, Warning};

/// Everything that a request is processed with.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) actions: Actions,
    /// How long the action may run here.
    pub(super) effort: Effort,
    pub(super) arrival: &'a Arrival<'a>,
    pub(super) admission: &'a Admission,
}

/// The result of a request.
#[derive(Debug)]
pub(super) struct Processed {
    /// What was odd about the request, whether or not it was answered.
    pub(super) warnings: Vec<Warning>,
    /// The answer's body, and what the record needs from it.
    pub(super) outcome: Result<(String, Found), Failure>,
}

impl Processed {
    /// Whether the action has to run where it may take long.
    pub(super) fn is_too_long(&self) -> bool {
        matches!(self.outcome, Err(Failure::TooLong))
    }
}

/// What the answer of a list had; nothing for any other answer.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) total_count: Option<u64>,
    pub(super) ids: Arc<[String]>,
    /// Why the list has no entries.
    pub(super) explain: Option<String>,
}

/// Processes a request; a panic of its action becomes a failure.
pub(super) fn process(context: &Context<'_>, refused: Option<Failure>) -> Processed {
    let params = &context.arrival.params;
    let repeated = params.repeated().into_iter().map(str::to_owned);
    let mut warnings: Vec<Warning> = repeated
        .map(|name| Warning::RepeatedParameter { name })
        .collect();
    let asked = match refused {
        Some(refused) => Err(refused),
        None => context.asked(),
    };
    let outcome = asked.and_then(|asked| {
        warnings.extend(unknown_parameters(asked.action, params));
        let run = AssertUnwindSafe(|| context.run(&asked, &mut warnings));
        catch_unwind(run).unwrap_or_else(|panic| Err(Failure::Panicked(panic_message(&*panic))))
    });
    Processed { warnings, outcome }
}

/// The message of a panic, if it has any.
pub(super) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

impl Context<'_> {
    /// What the request asks for, unless a fault answers in its place.
    fn asked(&self) -> Result<Asked, Failure> {
        let strike = self.admission.strike.as_ref();
        if let Some(strike) = strike
            && let Some(error) = strike.error()
        {
            return Err(injected(strike, error).into());
        }
        Ok(self.actions.ask(&self.arrival.params, &self.arrival.head)?)
    }

    /// Runs the action and writes its answer.
    fn run(&self, asked: &Asked, warnings: &mut Vec<Warning>) -> Result<(String, Found), Failure> {
        // Every request that is admitted has a sandbox.
        let Some(sandbox) = &self.admission.sandbox else {
            let reason = "the request belongs to no sandbox";
            return Err(ApiError::new(ErrorCode::SERVICE_UNAVAILABLE, reason).into());
        };
        let strike = self.admission.strike.as_ref();
        let call = Call {
            sandbox,
            params: &self.arrival.params,
            paging: strike.and_then(Strike::paging),
            effort: self.effort,
            laps: &self.arrival.laps,
        };
        let answered = actions::answer(asked.action, &call)?;
        let request_id = &self.admission.request_id;
        let body = answered
            .answer
            .render(asked.format, asked.action.name, request_id)
            .map_err(Failure::internal)?;
        self.arrival.laps.rendered();
        warnings.extend(answered.warnings);
        let emptiness = answered.emptiness;
        let found = Found {
            total_count: answered.total_count,
            ids: answered.ids,
            explain: emptiness.map(|emptiness| explained(emptiness, sandbox, request_id)),
        };
        Ok((body, found))
    }
}

/// The error that a fault answers, with the fault as its reason.
fn injected(strike: &Strike, error: &ApiError) -> ApiError {
    ApiError {
        reason: Some(format!("the fault `{}` answers this", strike.by)),
        parameter: None,
        ..error.clone()
    }
}

/// The text of `x-emulator-explain`.
fn explained(emptiness: Emptiness, sandbox: &Sandbox, request_id: &str) -> String {
    match emptiness {
        Emptiness::NothingMatches(explain) | Emptiness::PastTheEnd(explain) => explain,
        Emptiness::NotExplained => {
            let name = sandbox.name();
            let address = if sandbox.journal().is_on() {
                format!("/_emulator/requests/{request_id}/explain?sandbox={name}")
            } else {
                format!("/_emulator/explain?sandbox={name}&, and the very same query,")
            };
            format!("{address} tells why nothing matches")
        }
    }
}
