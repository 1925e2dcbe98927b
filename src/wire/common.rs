//! The parameters that every action has: which action, which version, which format, whose key.

use std::borrow::Cow;

use crate::wire::product::API_VERSION;
use crate::wire::{ApiError, Params};

/// The headers of a request that name what a parameter may name too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RequestHead<'a> {
    /// `x-acs-action`.
    pub action: Option<&'a str>,
    /// `x-acs-version`.
    pub version: Option<&'a str>,
    /// `accept`, all of them joined with commas.
    pub accept: Cow<'a, str>,
    /// `authorization`.
    pub authorization: Option<&'a str>,
    /// `x-acs-accesskey-id`.
    pub access_key_id: Option<&'a str>,
}

/// The name of the action as sent: a parameter wins over the header.
///
/// It may be empty.
pub(crate) fn action_sent<'a>(params: &'a Params, head: &RequestHead<'a>) -> Option<&'a str> {
    params.value("Action").or(head.action)
}

/// The version of the API as sent: a parameter wins over the header.
///
/// It may be empty.
pub(crate) fn version_sent<'a>(params: &'a Params, head: &RequestHead<'a>) -> Option<&'a str> {
    params.value("Version").or(head.version)
}

/// The name of the action, once the request names an action and the product's version.
///
/// The checks, in this order: `MissingAction`, `MissingVersion`, `InvalidVersion`.
pub(crate) fn checked_action<'a>(
    params: &'a Params,
    head: &RequestHead<'a>,
) -> Result<&'a str, ApiError> {
    let is_sent = |text: &&str| !text.is_empty();
    let name = action_sent(params, head).filter(is_sent);
    let name = name.ok_or_else(|| ApiError::missing("Action"))?;
    let version = version_sent(params, head).filter(is_sent);
    let version = version.ok_or_else(|| ApiError::missing("Version"))?;
    if version != API_VERSION {
        let reason = format!("`Version` must be `{API_VERSION}`, got `{version}`");
        return Err(ApiError::invalid("Version", reason));
    }
    Ok(name)
}

/// The access key that a request names: V1 in a parameter, V3 in a header.
///
/// An empty name counts as none.
pub(crate) fn access_key_id<'a>(params: &'a Params, head: &RequestHead<'a>) -> Option<&'a str> {
    params
        .value("AccessKeyId")
        .or_else(|| head.authorization.and_then(credential))
        .or(head.access_key_id)
        .filter(|id| !id.is_empty())
}

/// The `Credential` of `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`.
fn credential(authorization: &str) -> Option<&str> {
    let (_, fields) = authorization.split_once(' ')?;
    let mut fields = fields.split(',');
    fields.find_map(|field| field.trim().strip_prefix("Credential="))
}

/// Whether a parameter's value must not be shown: a signature or a token.
pub(crate) fn is_secret_parameter(name: &str) -> bool {
    ["Signature", "SecurityToken", "BearerToken"].contains(&name)
}

/// The parameters that every action has, beside those that begin with `Signature`.
#[rustfmt::skip]
pub(crate) const COMMON_PARAMETERS: [&str; 7] = [
    "Action", "Version", "Format", "AccessKeyId", "Timestamp", "SecurityToken", "BearerToken",
];

/// Whether a parameter is one of the common ones, which no action warns about.
pub(crate) fn is_common_parameter(name: &str) -> bool {
    COMMON_PARAMETERS.contains(&name) || name.starts_with("Signature")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_wins_over_the_header_that_says_the_same() {
        let params = Params::parse(b"Action=ListCustomImages&Version=2020-06-01", b"").unwrap();
        let head = RequestHead {
            action: Some("ListRegions"),
            version: Some("2014-05-26"),
            ..RequestHead::default()
        };
        assert_eq!(checked_action(&params, &head), Ok("ListCustomImages"));
        assert_eq!(
            checked_action(&Params::default(), &head).unwrap_err().code,
            "InvalidVersion"
        );
    }

    #[test]
    fn the_access_key_is_found_in_parameter_and_header() {
        let none = Params::default();
        let head = RequestHead {
            authorization: Some(
                "ACS3-HMAC-SHA256 Credential=STS.testid,SignedHeaders=host,Signature=0",
            ),
            ..RequestHead::default()
        };
        assert_eq!(access_key_id(&none, &head), Some("STS.testid"));
        let params = Params::parse(b"AccessKeyId=testid", b"").unwrap();
        assert_eq!(access_key_id(&params, &head), Some("testid"));
        assert_eq!(access_key_id(&none, &RequestHead::default()), None);
    }
}
