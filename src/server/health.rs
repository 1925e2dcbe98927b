//! Health: is it alive, is it ready, and what does it hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::VERSION;
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
    match state.sandbox() {
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

/// Tells the version, the image counts and the uptime; 503 when the images cannot be counted.
pub(super) async fn health(State(state): State<Arc<AppState>>) -> (StatusCode, Json<Health>) {
    let counts = state.sandbox().ok().map(|sandbox| sandbox.store().counts());
    let (status, by_region) = match counts {
        Some(Ok(by_region)) => (StatusCode::OK, by_region),
        Some(Err(error)) => {
            tracing::error!(?error, "the images cannot be counted");
            (StatusCode::SERVICE_UNAVAILABLE, BTreeMap::new())
        }
        None => (StatusCode::SERVICE_UNAVAILABLE, BTreeMap::new()),
    };
    let health = Health {
        version: VERSION,
        ready: status == StatusCode::OK,
        uptime_s: state.uptime.elapsed().as_secs_f64(),
        images: Images {
            total: by_region.values().sum(),
            by_region,
        },
    };
    (status, Json(health))
}

#[derive(Debug, Serialize)]
pub(super) struct Health {
    version: &'static str,
    ready: bool,
    uptime_s: f64,
    images: Images,
}

#[derive(Debug, Serialize)]
struct Images {
    total: u64,
    by_region: BTreeMap<String, u64>,
}
