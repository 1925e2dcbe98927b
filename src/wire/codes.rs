//! The error codes that the emulator answers, each with its status and text.

/// A fixed error: HTTP status, code and message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// The HTTP status, 400 to 599.
    pub status: u16,
    /// The body's `Code`.
    pub code: &'static str,
    /// The body's `Message`.
    pub message: &'static str,
}

impl ErrorCode {
    pub(super) const fn new(status: u16, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            code,
            message,
        }
    }
}

#[rustfmt::skip]
impl ErrorCode {
    /// The product has no such action; also another path than `/`.
    ///
    /// Source: the gateway's public error codes.
    pub const ACTION_NOT_FOUND: Self = Self::new(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.");

    /// `Format` is neither JSON nor XML.
    ///
    /// Source: the gateway's public error codes.
    pub const INVALID_FORMAT: Self = Self::new(400, "InvalidParameter.Format", "Specified parameter format is not valid.");

    /// Something failed inside.
    ///
    /// Source: `ListCustomImages` reference, error codes; the only one documented there.
    pub const INTERNAL_ERROR: Self = Self::new(500, "InternalError", "An error occurred while processing your request.");

    /// The answer took longer than the emulator's own limit, or the emulator is not ready.
    ///
    /// Source: the gateway's public error codes.
    pub const SERVICE_UNAVAILABLE: Self = Self::new(503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server.");

    /// A method other than GET and POST.
    ///
    /// Source: the gateway's public error codes; the status is our reading.
    pub const UNSUPPORTED_HTTP_METHOD: Self = Self::new(405, "UnsupportedHTTPMethod", "This http method not supported.");

    /// The body is larger than the limit.
    ///
    /// Source: our reading; no text is documented.
    pub const REQUEST_TOO_LARGE: Self = Self::new(413, "RequestTooLarge", "The request body is too large.");

    /// The body is no form.
    ///
    /// Source: our reading; no text is documented.
    pub const UNSUPPORTED_CONTENT_TYPE: Self = Self::new(415, "UnsupportedContentType", "The content type of the request body is not supported.");

    /// Broken percent-encoding, or bytes that are no UTF-8.
    ///
    /// Source: our reading; no text is documented.
    pub const INVALID_ENCODING: Self = Self::new(400, "InvalidEncoding", "The parameters of the request are not correctly encoded.");

    /// A client token was used before with other parameters.
    ///
    /// Source: the error table of ECS, to whose page on idempotence this product's reference links.
    pub const IDEMPOTENT_PARAMETER_MISMATCH: Self = Self::new(400, "IdempotentParameterMismatch", "Request uses a client token in a previous request but is not identical to that request.");

    /// More parameters than the limit.
    ///
    /// Source: our reading; no text is documented.
    pub const TOO_MANY_PARAMETERS: Self = Self::new(400, "TooManyParameters", "The request has too many parameters.");
}
