//! Every error code of the vendor's tables, so that a fault can be named by its code.

use crate::wire::ErrorCode;

/// Codes of the gateway and of the product, each with its status and text.
///
/// Of a code with two texts, `ListCustomImages`' own stands, else the one that the table has first.
///
/// Sources: the gateway's public error codes; the product's metadata of June 2024.
#[rustfmt::skip]
const TABLE: [ErrorCode; 78] = [
    code(400, "Throttling", "Request was denied due to request throttling."),
    code(400, "Throttling.User", "Request was denied due to user flow control."),
    code(400, "Throttling.Api", "Request was denied due to api flow control."),
    code(503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
    code(403, "Forbidden.RAM", "User not authorized to operate on the specified resource, or this API doesn't support RAM."),
    code(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method."),
    code(404, "InvalidApi.NotFound", "Specified api is not found, please check your url and method."),
    code(404, "InvalidProduct.NotFound", "Cannot find product according to your specified domain."),
    code(400, "InvalidParameter.Format", "Specified parameter format is not valid."),
    code(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."),
    code(400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled."),
    code(400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted."),
    code(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."),
    code(400, "SignatureNonceUsed", "Specified signature nonce was used already."),
    code(400, "InvalidSignatureMethod", "Specified signature method is not valid."),
    code(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation. server string to sign is:"),
    code(400, "IncompleteSignature", "The request signature does not conform to Aliyun standards."),
    code(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."),
    code(400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed."),
    code(400, "InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken mismatch with the AccessKey."),
    code(404, "InvalidProtocol.NeedSsl", "Your request is denied as lack of ssl protect."),
    code(405, "UnsupportedHTTPMethod", "This http method not supported."),
    code(413, "RequestTooLarge", "The request body is too large."),
    code(415, "UnsupportedContentType", "The content type of the request body is not supported."),
    code(400, "InvalidEncoding", "The parameters of the request are not correctly encoded."),
    code(400, "IdempotentParameterMismatch", "Request uses a client token in a previous request but is not identical to that request."),
    code(400, "TooManyParameters", "The request has too many parameters."),
    code(400, "CustomImageInShare", "The custom image is being shared. Please disable sharing first and then delete it."),
    code(400, "CustomImageQuotaLimit", "The maximum number of custom image in this region is exceeded."),
    code(400, "ExceedAccountQuota", "The accumulated instance amounts including this order have exceeded the quota of the account."),
    code(403, "FirewallRuleAlreadyExist", "The specified Rule already exist"),
    code(403, "FirewallRuleLimitExceed", "The maximum number of firewall rules in an instance is exceeded."),
    code(400, "ImageNameAlreadyExist", "The image name already exists."),
    code(403, "IncorrectDiskStatus.CreatingSnapshot", "A snapshot is being created in the specified disk. Please try again later."),
    code(403, "IncorrectInstanceStatus", "The state of the current instance does not support this operation."),
    code(403, "IncorrectInstanceStatus.ResetDisk", "Rolling back the disk requires the instance to operate in a stopped state."),
    code(400, "IncorrectStatus", "The state of the disk or instance does not currently support snapshot creation."),
    code(500, "InternalError", "An error occurred while processing your request."),
    code(400, "InvalidAmount.ValueNotSupported", "The specified parameter Amount is invalid."),
    code(400, "InvalidAutoRenewPeriod.ValueNotSupported", "The specified parameter AutoRenewPeriod is invalid."),
    code(400, "InvalidChargeType.ValueNotSupported", "The specified parameter ChargeType is invalid."),
    code(400, "InvalidDataDiskSize.ValueNotSupported", "The specified parameter DataDiskSize is invalid."),
    code(404, "InvalidDiskId.NotFound", "The specified DiskId does not exist."),
    code(404, "InvalidImageId.NotFound", "The specified ImageId does not exist."),
    code(400, "InvalidImageId.NotSupport", "The specified ImageId does not support the operation."),
    code(400, "InvalidImageType.ValueNotSupported", "The specified parameter ImageType is invalid."),
    code(403, "InvalidInstance.UnPaidOrder", "The specified Instance has an unpaid order."),
    code(404, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist."),
    code(400, "InvalidInstanceName.ValueNotSupported", "The specified parameter InstanceName is invalid."),
    code(403, "InvalidParam", "The specified parameter value is invalid."),
    code(400, "InvalidParam.DataSnapshotIdNotFound", "The specified parameter  dataSnapshotId is not found."),
    code(400, "InvalidParam.IllegalImageName", "The specified parameter imageName is illegal."),
    code(400, "InvalidParam.OperationIllegal", "The specified parameter operation is illegal."),
    code(400, "InvalidParam.SystemSnapshotIdNotFound", "The specified parameter  systemSnapshotId is not found."),
    code(400, "InvalidParam.SystemSnapshotIdNotSupport", "You cannot create custom images in the specified parameter system snapshotId."),
    code(400, "InvalidParameter.KeypairAlreadyAttachedInstance", "The specified keyPair attached to instances can not be deleted."),
    code(400, "InvalidParameter.KeypairNotAttachedInstance", "The specified keyPair not attached to instances."),
    code(400, "InvalidPassword.ValueNotSupported", "The specified parameter Password is invalid."),
    code(400, "InvalidPeriod.ValueNotSupported", "The specified parameter Period is invalid."),
    code(404, "InvalidPlanId.NotFound", "The specified PlanId does not exist."),
    code(400, "InvalidPlanIdSize.ValueNotSupported", "The system disk size in the specified planId does not support the image."),
    code(400, "InvalidPlanIdUpgrade.ValueNotSupported", "The specification of the specified planId is lower than the current server specification."),
    code(400, "InvalidPlanMemorySize.ValueNotSupported", "The memory size in the specified planId does not support the image."),
    code(400, "InvalidPort.ValueNotSupported", "The specified parameter Port is invalid."),
    code(400, "InvalidProtocol.ValueNotSupported", "The specified parameter Protocol is invalid."),
    code(400, "InvalidPublicIpAddresses.ValueNotSupported", "The specified parameter PublicIpAddresses is invalid."),
    code(400, "InvalidRemark.Duplicate", "The specified Remark already exists."),
    code(400, "InvalidRemark.ValueNotSupported", "The specified parameter Remark is invalid."),
    code(404, "InvalidSnapshotId.NotFound", "The specified SnapshotId does not exist."),
    code(400, "InvalidSnapshotName.Duplicate", "The specified SnapshotName already exists."),
    code(400, "InvalidSnapshotName.ValueNotSupported", "The specified SnapshotName is invalid."),
    code(400, "KeyPairNameAlreadyExist", "The keyPair name already exist."),
    code(400, "NotEnoughStock", "The stock is insufficient."),
    code(500, "NotEnoughUpgradeStock", "The upgrade stock is insufficient."),
    code(403, "PaymentFailed", "Payment failed. Please check your account balance."),
    code(400, "PlatformNotMatch", "The platform of specified ImageId and PlanId does not match."),
    code(400, "RegionIdNotMatchHost", "The parameter regionId does not match the endpoint host."),
    code(403, "SnapshotLimitExceed", "The maximum number of snapshots in an instance is exceeded."),
];

const fn code(status: u16, code: &'static str, message: &'static str) -> ErrorCode {
    ErrorCode {
        status,
        code,
        message,
    }
}

impl ErrorCode {
    /// Finds a code of the vendor's tables by its name, byte for byte.
    pub fn find(name: &str) -> Option<Self> {
        TABLE.into_iter().find(|known| known.code == name)
    }

    /// The names of all codes of the vendor's tables.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TABLE.into_iter().map(|known| known.code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_code_stands_once_and_the_fixed_ones_agree() {
        let names: HashSet<&str> = ErrorCode::names().collect();
        assert_eq!(names.len(), TABLE.len());
        for fixed in [
            ErrorCode::ACTION_NOT_FOUND,
            ErrorCode::INVALID_FORMAT,
            ErrorCode::INTERNAL_ERROR,
            ErrorCode::SERVICE_UNAVAILABLE,
            ErrorCode::UNSUPPORTED_HTTP_METHOD,
            ErrorCode::REQUEST_TOO_LARGE,
            ErrorCode::UNSUPPORTED_CONTENT_TYPE,
            ErrorCode::INVALID_ENCODING,
            ErrorCode::TOO_MANY_PARAMETERS,
            ErrorCode::IDEMPOTENT_PARAMETER_MISMATCH,
        ] {
            assert_eq!(ErrorCode::find(fixed.code), Some(fixed));
        }
    }

    #[test]
    fn a_mismatched_signature_is_told_with_the_words_that_clients_look_for() {
        // One client splits the message at this text and fails without it.
        let code = ErrorCode::find("SignatureDoesNotMatch").unwrap();
        assert!(code.message.contains("server string to sign is:"));
    }
}
