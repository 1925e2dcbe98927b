//! The vendor's gateway: one path, one request, one answer in the vendor's form.

use std::sync::Arc;
use std::time::Duration;

use axum::BoxError;
use axum::body::{Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;

use crate::actions::Failure;
use crate::base::Effort;
use crate::faults::Strike;
use crate::server::admission::Admission;
use crate::server::arrival::{Arrival, PATH};
use crate::server::connection::ConnectionHandle;
use crate::server::fault;
use crate::server::process::{Context, Found, Processed, process};
use crate::server::record::{Record, error_of};
use crate::server::respond::respond;
use crate::server::state::AppState;

/// Whether the path and the method of a request are those of the API.
pub(super) fn takes<B>(request: &Request<B>) -> bool {
    request.uri().path() == PATH && [Method::GET, Method::POST].contains(request.method())
}

/// Refuses any other request.
pub(super) async fn refuse(State(state): State<Arc<AppState>>, request: Request) -> Response {
    answer(&state, request, None).await
}

/// Answers a request in the vendor's form.
///
/// Without a connection, a fault cannot end it.
pub(super) async fn answer<B>(
    state: &AppState,
    request: Request<B>,
    connection: Option<&ConnectionHandle>,
) -> Response
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let (parts, body) = request.into_parts();
    let mut arrival = Arrival::read(&parts, body, &state.bodies).await;
    let (admission, refused) = Admission::of(state, &mut arrival);
    let mut processed = process_here(state, &arrival, &admission, refused);
    if processed.is_too_long() {
        let _place = state.elsewhere().await;
        processed = process_elsewhere(state, &arrival, &admission);
    }
    let (response, strike) = answer_processed(state, &mut arrival, admission, processed);
    let Some(strike) = strike else {
        return response;
    };
    // The request is in the journal already, even if the client does not wait for its answer.
    let delay = Duration::from_millis(strike.delay_ms.unwrap_or_default());
    fault::wait(delay, state.shutdown.clone()).await;
    match &strike.effect {
        Some(effect) => fault::apply(effect, response, connection, state.shutdown.clone()).await,
        None => response,
    }
}

/// Processes a request on the thread that serves its connection: within milliseconds.
fn process_here(
    state: &AppState,
    arrival: &Arrival<'_>,
    admission: &Admission,
    refused: Option<Failure>,
) -> Processed {
    let context = Context {
        actions: state.actions,
        effort: Effort::Brief,
        arrival,
        admission,
    };
    process(&context, refused)
}

/// Processes a request, however long it takes, while another thread serves the connections.
fn process_elsewhere(state: &AppState, arrival: &Arrival<'_>, admission: &Admission) -> Processed {
    let context = Context {
        actions: state.actions,
        effort: Effort::Long,
        arrival,
        admission,
    };
    tokio::task::block_in_place(|| process(&context, None))
}

/// Answers a request that was processed, writes its log line and keeps its record.
///
/// Returns also the fault that strikes the answer.
fn answer_processed(
    state: &AppState,
    arrival: &mut Arrival<'_>,
    admission: Admission,
    processed: Processed,
) -> (Response, Option<Strike>) {
    let Processed { warnings, outcome } = processed;
    let (body, found, error, cause) = match outcome {
        Ok((body, found)) => (body, found, None, None),
        Err(failure) => {
            let (error, cause) = error_of(failure, &admission.request_id);
            let body = error.body(arrival.format, &admission.request_id, arrival.host);
            (body, Found::default(), Some(error), cause)
        }
    };
    let record = Record {
        admission: &admission,
        warnings,
        found,
        error,
        cause,
    };
    record.log(arrival);
    let response = respond(&record, arrival.format, body);
    record.keep(state, arrival);
    (response, admission.strike)
}
