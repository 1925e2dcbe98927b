//! The front door without a socket: for the fuzz targets, which ask millions of times a minute.

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, Response};
use http_body_util::BodyExt as _;

use crate::server::connection::ConnectionHandle;
use crate::server::router::Router;

impl Router {
    /// Answers a request; `None` when a fault ends its connection before or inside the answer.
    ///
    /// The body of a stream of requests, which has no end, is empty.
    pub(crate) async fn answer_in_process(
        &self,
        request: Request<Vec<u8>>,
    ) -> Option<Response<Bytes>> {
        let (handle, mut cut) = ConnectionHandle::new();
        let answer = self.clone().front_door(request.map(Body::from), handle);
        let (parts, body) = tokio::select! {
            answer = answer => answer.into_parts(),
            Ok(_) = cut.wait_for(Option::is_some) => return None,
        };
        let content_type = parts.headers.get(CONTENT_TYPE);
        let is_endless = content_type.is_some_and(|of| of == "text/event-stream");
        let body = if is_endless {
            Bytes::new()
        } else {
            body.collect().await.ok()?.to_bytes()
        };
        Some(Response::from_parts(parts, body))
    }
}
