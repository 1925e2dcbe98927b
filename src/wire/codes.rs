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
    /// The product has no such action; also another path than `/`.
    ///
    /// Source: the gateway's public error codes.
    pub const ACTION_NOT_FOUND: Self = Self {
        status: 404,
        code: "InvalidAction.NotFound",
        message: "Specified api is not found, please check your url and method.",
    };

    /// `Format` is neither JSON nor XML.
    ///
    /// Source: the gateway's public error codes.
    pub const INVALID_FORMAT: Self = Self {
        status: 400,
        code: "InvalidParameter.Format",
        message: "Specified parameter format is not valid.",
    };

    /// Something failed inside.
    ///
    /// Source: `ListCustomImages` reference, error codes; the only one documented there.
    pub const INTERNAL_ERROR: Self = Self {
        status: 500,
        code: "InternalError",
        message: "An error occurred while processing your request.",
    };

    /// The answer took longer than the emulator's own limit, or the seed is not in yet.
    ///
    /// Source: the gateway's public error codes.
    pub const SERVICE_UNAVAILABLE: Self = Self {
        status: 503,
        code: "ServiceUnavailable",
        message: "The request has failed due to a temporary failure of the server.",
    };

    /// A method other than GET and POST.
    ///
    /// Source: the gateway's public error codes; the status is our reading.
    pub const UNSUPPORTED_HTTP_METHOD: Self = Self {
        status: 405,
        code: "UnsupportedHTTPMethod",
        message: "This http method not supported.",
    };

    /// The body is larger than the limit.
    ///
    /// Source: our reading; no text is documented.
    pub const REQUEST_TOO_LARGE: Self = Self {
        status: 413,
        code: "RequestTooLarge",
        message: "The request body is too large.",
    };

    /// The body is no form.
    ///
    /// Source: our reading; no text is documented.
    pub const UNSUPPORTED_CONTENT_TYPE: Self = Self {
        status: 415,
        code: "UnsupportedContentType",
        message: "The content type of the request body is not supported.",
    };

    /// Broken percent-encoding, or bytes that are no UTF-8.
    ///
    /// Source: our reading; no text is documented.
    pub const INVALID_ENCODING: Self = Self {
        status: 400,
        code: "InvalidEncoding",
        message: "The parameters of the request are not correctly encoded.",
    };

    /// A client token came back with other parameters.
    ///
    /// Source: the error table of ECS, to whose page on idempotence this product's reference links.
    pub(crate) const IDEMPOTENT_PARAMETER_MISMATCH: Self = Self {
        status: 400,
        code: "IdempotentParameterMismatch",
        message: "Request uses a client token in a previous request but is not identical to that request.",
    };

    /// More parameters than the limit.
    ///
    /// Source: our reading; no text is documented.
    pub const TOO_MANY_PARAMETERS: Self = Self {
        status: 400,
        code: "TooManyParameters",
        message: "The request has too many parameters.",
    };
}
