//! The front door without a socket: for the fuzz targets, which ask millions of times a minute.

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::{Request, Response};
use http_body_util::BodyExt as _;

use crate::server::connection::ConnectionHandle;
use crate::server::router::Router;

impl Router {
    /// Answers a request; `None` when a fault ends its connection before or inside the answer.
    ///
    /// The body is empty when it has no end, as that of a stream.
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
        let body =
            if body.size_hint().upper().is_some() || parts.headers.contains_key("content-length") {
                body.collect().await.ok()?.to_bytes()
            } else {
                Bytes::new()
            };
        Some(Response::from_parts(parts, body))
    }
}
