//! Every error code of the vendor's tables, so that a fault can be named by its code.

use crate::wire::ErrorCode;

/// Codes of the gateway and of the product, each with its status and text.
///
/// Of a code with two texts, the one of `ListCustomImages` is used, else the first one in the table.
///
/// Sources: the gateway's public error codes; the product's metadata of June 2024.
#[rustfmt::skip]
const TABLE: [ErrorCode; 78] = [
    ErrorCode::new(400, "Throttling", "Request was denied due to request throttling."),
    ErrorCode::new(400, "Throttling.User", "Request was denied due to user flow control."),
    ErrorCode::new(400, "Throttling.Api", "Request was denied due to api flow control."),
    ErrorCode::SERVICE_UNAVAILABLE,
    ErrorCode::new(403, "Forbidden.RAM", "User not authorized to operate on the specified resource, or this API doesn't support RAM."),
    ErrorCode::ACTION_NOT_FOUND,
    ErrorCode::new(404, "InvalidApi.NotFound", "Specified api is not found, please check your url and method."),
    ErrorCode::new(404, "InvalidProduct.NotFound", "Cannot find product according to your specified domain."),
    ErrorCode::INVALID_FORMAT,
    ErrorCode::new(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."),
    ErrorCode::new(400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled."),
    ErrorCode::new(400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted."),
    ErrorCode::new(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."),
    ErrorCode::new(400, "SignatureNonceUsed", "Specified signature nonce was used already."),
    ErrorCode::new(400, "InvalidSignatureMethod", "Specified signature method is not valid."),
    ErrorCode::new(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation. server string to sign is:"),
    ErrorCode::new(400, "IncompleteSignature", "The request signature does not conform to Aliyun standards."),
    ErrorCode::new(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."),
    ErrorCode::new(400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed."),
    ErrorCode::new(400, "InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken mismatch with the AccessKey."),
    ErrorCode::new(404, "InvalidProtocol.NeedSsl", "Your request is denied as lack of ssl protect."),
    ErrorCode::UNSUPPORTED_HTTP_METHOD,
    ErrorCode::REQUEST_TOO_LARGE,
    ErrorCode::UNSUPPORTED_CONTENT_TYPE,
    ErrorCode::INVALID_ENCODING,
    ErrorCode::IDEMPOTENT_PARAMETER_MISMATCH,
    ErrorCode::TOO_MANY_PARAMETERS,
    ErrorCode::new(400, "CustomImageInShare", "The custom image is being shared. Please disable sharing first and then delete it."),
    ErrorCode::new(400, "CustomImageQuotaLimit", "The maximum number of custom image in this region is exceeded."),
    ErrorCode::new(400, "ExceedAccountQuota", "The accumulated instance amounts including this order have exceeded the quota of the account."),
    ErrorCode::new(403, "FirewallRuleAlreadyExist", "The specified Rule already exist"),
    ErrorCode::new(403, "FirewallRuleLimitExceed", "The maximum number of firewall rules in an instance is exceeded."),
    ErrorCode::new(400, "ImageNameAlreadyExist", "The image name already exists."),
    ErrorCode::new(403, "IncorrectDiskStatus.CreatingSnapshot", "A snapshot is being created in the specified disk. Please try again later."),
    ErrorCode::new(403, "IncorrectInstanceStatus", "The state of the current instance does not support this operation."),
    ErrorCode::new(403, "IncorrectInstanceStatus.ResetDisk", "Rolling back the disk requires the instance to operate in a stopped state."),
    ErrorCode::new(400, "IncorrectStatus", "The state of the disk or instance does not currently support snapshot creation."),
    ErrorCode::INTERNAL_ERROR,
    ErrorCode::new(400, "InvalidAmount.ValueNotSupported", "The specified parameter Amount is invalid."),
    ErrorCode::new(400, "InvalidAutoRenewPeriod.ValueNotSupported", "The specified parameter AutoRenewPeriod is invalid."),
    ErrorCode::new(400, "InvalidChargeType.ValueNotSupported", "The specified parameter ChargeType is invalid."),
    ErrorCode::new(400, "InvalidDataDiskSize.ValueNotSupported", "The specified parameter DataDiskSize is invalid."),
    ErrorCode::new(404, "InvalidDiskId.NotFound", "The specified DiskId does not exist."),
    ErrorCode::new(404, "InvalidImageId.NotFound", "The specified ImageId does not exist."),
    ErrorCode::new(400, "InvalidImageId.NotSupport", "The specified ImageId does not support the operation."),
    ErrorCode::new(400, "InvalidImageType.ValueNotSupported", "The specified parameter ImageType is invalid."),
    ErrorCode::new(403, "InvalidInstance.UnPaidOrder", "The specified Instance has an unpaid order."),
    ErrorCode::new(404, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist."),
    ErrorCode::new(400, "InvalidInstanceName.ValueNotSupported", "The specified parameter InstanceName is invalid."),
    ErrorCode::new(403, "InvalidParam", "The specified parameter value is invalid."),
    ErrorCode::new(400, "InvalidParam.DataSnapshotIdNotFound", "The specified parameter  dataSnapshotId is not found."),
    ErrorCode::new(400, "InvalidParam.IllegalImageName", "The specified parameter imageName is illegal."),
    ErrorCode::new(400, "InvalidParam.OperationIllegal", "The specified parameter operation is illegal."),
    ErrorCode::new(400, "InvalidParam.SystemSnapshotIdNotFound", "The specified parameter  systemSnapshotId is not found."),
    ErrorCode::new(400, "InvalidParam.SystemSnapshotIdNotSupport", "You cannot create custom images in the specified parameter system snapshotId."),
    ErrorCode::new(400, "InvalidParameter.KeypairAlreadyAttachedInstance", "The specified keyPair attached to instances can not be deleted."),
    ErrorCode::new(400, "InvalidParameter.KeypairNotAttachedInstance", "The specified keyPair not attached to instances."),
    ErrorCode::new(400, "InvalidPassword.ValueNotSupported", "The specified parameter Password is invalid."),
    ErrorCode::new(400, "InvalidPeriod.ValueNotSupported", "The specified parameter Period is invalid."),
    ErrorCode::new(404, "InvalidPlanId.NotFound", "The specified PlanId does not exist."),
    ErrorCode::new(400, "InvalidPlanIdSize.ValueNotSupported", "The system disk size in the specified planId does not support the image."),
    ErrorCode::new(400, "InvalidPlanIdUpgrade.ValueNotSupported", "The specification of the specified planId is lower than the current server specification."),
    ErrorCode::new(400, "InvalidPlanMemorySize.ValueNotSupported", "The memory size in the specified planId does not support the image."),
    ErrorCode::new(400, "InvalidPort.ValueNotSupported", "The specified parameter Port is invalid."),
    ErrorCode::new(400, "InvalidProtocol.ValueNotSupported", "The specified parameter Protocol is invalid."),
    ErrorCode::new(400, "InvalidPublicIpAddresses.ValueNotSupported", "The specified parameter PublicIpAddresses is invalid."),
    ErrorCode::new(400, "InvalidRemark.Duplicate", "The specified Remark already exists."),
    ErrorCode::new(400, "InvalidRemark.ValueNotSupported", "The specified parameter Remark is invalid."),
    ErrorCode::new(404, "InvalidSnapshotId.NotFound", "The specified SnapshotId does not exist."),
    ErrorCode::new(400, "InvalidSnapshotName.Duplicate", "The specified SnapshotName already exists."),
    ErrorCode::new(400, "InvalidSnapshotName.ValueNotSupported", "The specified SnapshotName is invalid."),
    ErrorCode::new(400, "KeyPairNameAlreadyExist", "The keyPair name already exist."),
    ErrorCode::new(400, "NotEnoughStock", "The stock is insufficient."),
    ErrorCode::new(500, "NotEnoughUpgradeStock", "The upgrade stock is insufficient."),
    ErrorCode::new(403, "PaymentFailed", "Payment failed. Please check your account balance."),
    ErrorCode::new(400, "PlatformNotMatch", "The platform of specified ImageId and PlanId does not match."),
    ErrorCode::new(400, "RegionIdNotMatchHost", "The parameter regionId does not match the endpoint host."),
    ErrorCode::new(403, "SnapshotLimitExceed", "The maximum number of snapshots in an instance is exceeded."),
];

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
    fn each_code_stands_once() {
        let names: HashSet<&str> = ErrorCode::names().collect();
        assert_eq!(names.len(), TABLE.len());
    }

    #[test]
    fn a_mismatched_signature_has_the_text_that_clients_look_for() {
        // One client splits the message at this text and fails without it.
        let code = ErrorCode::find("SignatureDoesNotMatch").unwrap();
        assert!(code.message.contains("server string to sign is:"));
    }
}
