//! Health: is it alive, and is it ready.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::server::state::AppState;

/// Answers 200 as long as the process answers at all.
pub(super) async fn livez() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// Answers 200 once the seed is in and a first query has run, else 503 with the reasons.
pub(super) async fn readyz(State(state): State<Arc<AppState>>) -> (StatusCode, Json<Value>) {
    match state.sandboxes() {
        Ok(_) => (StatusCode::OK, Json(json!({"ready": true, "reasons": []}))),
        Err(not_ready) => {
            let reasons = [not_ready.to_string()];
            let body = json!({"ready": false, "reasons": reasons});
            (StatusCode::SERVICE_UNAVAILABLE, Json(body))
        }
    }
}
