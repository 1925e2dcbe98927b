//! The format of an answer: which one a request asks for.

use crate::wire::{ApiError, ErrorCode};

/// The format of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// `application/json;charset=utf-8`.
    #[default]
    Json,
    /// `text/xml;charset=utf-8`.
    Xml,
}

impl Format {
    /// Chooses the format by the parameter `Format`, else by the header `Accept`.
    ///
    /// The literal `None`, which one old client sends, counts as absent.
    ///
    /// `InvalidParameter.Format` when the parameter is neither JSON nor XML, in any case.
    pub fn negotiate(parameter: Option<&str>, accept: &str) -> Result<Self, ApiError> {
        match parameter {
            None | Some("None") => Ok(Self::accepted(accept)),
            Some(name) if name.eq_ignore_ascii_case("json") => Ok(Self::Json),
            Some(name) if name.eq_ignore_ascii_case("xml") => Ok(Self::Xml),
            Some(name) => {
                let reason = format!("`Format` must be `JSON` or `XML`, got `{name}`");
                Err(ApiError::new(ErrorCode::INVALID_FORMAT, reason))
            }
        }
    }

    /// The format for a request without a usable `Format`: JSON, unless only XML is accepted.
    ///
    /// A browser's `Accept` names XML beside `text/html` and `*/*`; it gets JSON.
    pub fn accepted(accept: &str) -> Self {
        const JSON: [&str; 4] = ["application/json", "text/json", "text/html", "*/*"];
        const XML: [&str; 2] = ["text/xml", "application/xml"];
        let mut xml = false;
        for range in accept.split(',') {
            let media_type = range.split(';').next().unwrap_or_default().trim();
            let is = |name: &&str| media_type.eq_ignore_ascii_case(name);
            if JSON.iter().any(is) {
                return Self::Json;
            }
            xml |= XML.iter().any(is);
        }
        if xml { Self::Xml } else { Self::Json }
    }

    /// The value of the header `content-type`; official clients compare it as a whole.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json;charset=utf-8",
            Self::Xml => "text/xml;charset=utf-8",
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(None, "", Format::Json)]
    #[case(None, "application/xml", Format::Xml)]
    #[case(None, "Text/XML; q=0.9, text/plain", Format::Xml)]
    #[case(
        None,
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        Format::Json
    )]
    #[case(None, "application/xml, application/json", Format::Json)]
    #[case(Some("None"), "text/xml", Format::Xml)]
    #[case(Some("json"), "text/xml", Format::Json)]
    #[case(Some("xMl"), "application/json", Format::Xml)]
    fn the_parameter_decides_before_the_header(
        #[case] parameter: Option<&str>,
        #[case] accept: &str,
        #[case] format: Format,
    ) {
        assert_eq!(Format::negotiate(parameter, accept), Ok(format));
    }

    #[rstest]
    #[case("YAML")]
    #[case("none")]
    #[case(" json")]
    fn any_other_format_is_refused(#[case] name: &str) {
        let error = Format::negotiate(Some(name), "").unwrap_err();
        assert_eq!(error.code, "InvalidParameter.Format");
    }
}
