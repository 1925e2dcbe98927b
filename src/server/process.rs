//! Processing a request: a context in, a result out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::actions::{
    self, Actions, Answered, Asked, Call, Emptiness, Failure, unknown_parameters,
};
use crate::faults::{FaultError, Strike};
use crate::sandbox::Sandbox;
use crate::server::admission::Admission;
use crate::server::arrival::Arrival;
use crate::wire::{ApiError, ErrorCode, Warning};

/// Everything that a request is processed with.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) actions: Actions,
    pub(super) arrival: &'a Arrival<'a>,
    pub(super) admission: &'a Admission,
}

/// What came of a request.
#[derive(Debug)]
pub(super) struct Processed {
    /// What was odd about the request, whether or not it was answered.
    pub(super) warnings: Vec<Warning>,
    pub(super) outcome: Result<Done, Failure>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) body: String,
    pub(super) found: Found,
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
    let mut warnings = repeated(context);
    let asked = match refused {
        Some(refused) => Err(refused),
        None => context.asked(),
    };
    let outcome = asked.and_then(|asked| {
        warnings.extend(unknown_parameters(asked.action, &context.arrival.params));
        let run = AssertUnwindSafe(|| context.run(&asked, &mut warnings));
        catch_unwind(run).unwrap_or_else(|panic| Err(Failure::Panicked(message(&*panic))))
    });
    Processed { warnings, outcome }
}

/// The message of a panic, if it has any.
fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

/// A warning for each parameter that was sent more than once.
fn repeated(context: &Context<'_>) -> Vec<Warning> {
    let repeated = context.arrival.params.repeated().into_iter();
    let warning = |name: &str| Warning::RepeatedParameter {
        name: name.to_owned(),
    };
    repeated.map(warning).collect()
}

impl Context<'_> {
    /// What the request asks for, unless a fault answers in its place.
    fn asked(&self) -> Result<Asked, Failure> {
        let strike = self.admission.strike.as_ref();
        if let Some((strike, error)) = strike.and_then(|strike| Some((strike, strike.error()?))) {
            return Err(injected(strike, error).into());
        }
        Ok(self.actions.ask(&self.arrival.params, &self.arrival.head)?)
    }

    /// Runs the action and writes its answer.
    fn run(&self, asked: &Asked, warnings: &mut Vec<Warning>) -> Result<Done, Failure> {
        // Whoever is admitted has a sandbox.
        let Some(sandbox) = &self.admission.sandbox else {
            let reason = "the request belongs to no sandbox";
            return Err(ApiError::new(ErrorCode::SERVICE_UNAVAILABLE, reason).into());
        };
        let strike = self.admission.strike.as_ref();
        let call = Call {
            sandbox,
            params: &self.arrival.params,
            paging: strike.and_then(Strike::paging),
            laps: &self.arrival.laps,
        };
        let answered = actions::answer(asked.action, &call)?;
        let request_id = &self.admission.request_id;
        let body = answered
            .answer
            .render(asked.format, asked.action.name, request_id)
            .map_err(Failure::internal)?;
        self.arrival.laps.rendered();
        let Answered {
            total_count,
            ids,
            warnings: odd,
            emptiness,
            ..
        } = answered;
        warnings.extend(odd);
        let explain = emptiness.map(|emptiness| explained(emptiness, sandbox, request_id));
        Ok(Done {
            body,
            found: Found {
                total_count,
                ids,
                explain,
            },
        })
    }
}

/// The error that a fault answers, with the fault as its reason.
fn injected(strike: &Strike, error: &FaultError) -> ApiError {
    ApiError {
        status: error.status,
        code: error.code.clone().into(),
        message: error.message.clone().into(),
        reason: Some(format!("the fault `{}` answers this", strike.by)),
        parameter: None,
        retry_after_ms: error.retry_after_ms,
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
