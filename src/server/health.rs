//! Health: is it alive, and is it ready.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::server::state::AppState;

/// Answers 200 as long as the process answers at all.
pub(super) async fn livez() -> Json<Live> {
    Json(Live { status: "ok" })
}

#[derive(Debug, Serialize)]
pub(super) struct Live {
    status: &'static str,
}

/// Answers 200 once the seed is in and a first query has run, else 503 with the reasons.
pub(super) async fn readyz(State(state): State<Arc<AppState>>) -> (StatusCode, Json<Ready>) {
    match state.sandboxes() {
        Ok(_) => (
            StatusCode::OK,
            Json(Ready {
                ready: true,
                reasons: Vec::new(),
            }),
        ),
        Err(not_ready) => {
            let reasons = vec![not_ready.to_string()];
            (
                StatusCode::SERVICE_UNAVAILABLE,
                Json(Ready {
                    ready: false,
                    reasons,
                }),
            )
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Ready {
    ready: bool,
    reasons: Vec<String>,
}
