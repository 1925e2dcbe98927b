//! The product's actions: the one that is emulated and the names of all others.

use crate::base::nearest;
use crate::wire::{ApiError, ErrorCode, PRODUCT};

/// Every action of SWAS-OPEN 2020-06-01, in byte order.
///
/// Source: the product's metadata of May 2025, equal to the operations of the official Python SDK
/// 4.0.0.
const NAMES: [&str; 98] = [
    "AddCustomImageShareAccount",
    "AllocatePublicConnection",
    "ApplyFirewallTemplate",
    "AttachKeyPair",
    "CreateCommand",
    "CreateCustomImage",
    "CreateFirewallRule",
    "CreateFirewallRules",
    "CreateFirewallTemplate",
    "CreateFirewallTemplateRules",
    "CreateInstanceKeyPair",
    "CreateInstances",
    "CreateKeyPair",
    "CreateSnapshot",
    "DeleteCommand",
    "DeleteCustomImage",
    "DeleteCustomImages",
    "DeleteFirewallRule",
    "DeleteFirewallRules",
    "DeleteFirewallTemplateRules",
    "DeleteFirewallTemplates",
    "DeleteInstanceKeyPair",
    "DeleteKeyPairs",
    "DeleteSnapshot",
    "DeleteSnapshots",
    "DescribeCloudAssistantAttributes",
    "DescribeCloudAssistantStatus",
    "DescribeCloudMonitorAgentStatuses",
    "DescribeCommandInvocations",
    "DescribeCommands",
    "DescribeDatabaseErrorLogs",
    "DescribeDatabaseInstanceMetricData",
    "DescribeDatabaseInstanceParameters",
    "DescribeDatabaseInstances",
    "DescribeDatabaseSlowLogRecords",
    "DescribeFirewallTemplateApplyResults",
    "DescribeFirewallTemplateRulesApplyResult",
    "DescribeFirewallTemplates",
    "DescribeInstanceKeyPair",
    "DescribeInstancePasswordsSetting",
    "DescribeInstanceVncUrl",
    "DescribeInvocationResult",
    "DescribeInvocations",
    "DescribeMonitorData",
    "DescribeSecurityAgentStatus",
    "DetachKeyPair",
    "DisableFirewallRule",
    "EnableFirewallRule",
    "ImportKeyPair",
    "InstallCloudAssistant",
    "InstallCloudMonitorAgent",
    "InvokeCommand",
    "ListCustomImageShareAccounts",
    "ListCustomImages",
    "ListDisks",
    "ListFirewallRules",
    "ListImages",
    "ListInstancePlansModification",
    "ListInstanceStatus",
    "ListInstances",
    "ListInstancesTrafficPackages",
    "ListKeyPairs",
    "ListPlans",
    "ListRegions",
    "ListSnapshots",
    "ListTagResources",
    "LoginInstance",
    "ModifyDatabaseInstanceDescription",
    "ModifyDatabaseInstanceParameter",
    "ModifyFirewallRule",
    "ModifyFirewallTemplate",
    "ModifyImageShareStatus",
    "ModifyInstanceVncPassword",
    "RebootInstance",
    "RebootInstances",
    "ReleasePublicConnection",
    "RemoveCustomImageShareAccount",
    "RenewInstance",
    "ResetDatabaseAccountPassword",
    "ResetDisk",
    "ResetSystem",
    "RestartDatabaseInstance",
    "RunCommand",
    "StartDatabaseInstance",
    "StartInstance",
    "StartInstances",
    "StartTerminalSession",
    "StopDatabaseInstance",
    "StopInstance",
    "StopInstances",
    "TagResources",
    "UntagResources",
    "UpdateCommandAttribute",
    "UpdateDiskAttribute",
    "UpdateInstanceAttribute",
    "UpdateSnapshotAttribute",
    "UpgradeInstance",
    "UploadInstanceKeyPair",
];

/// An action of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `ListCustomImages`, the one that is emulated.
    ListCustomImages,
    /// One of the product's other 97 actions, by name.
    NotEmulated(&'static str),
}

impl Action {
    /// Reads an action's name, byte for byte; `None` when the product has no such action.
    pub fn parse(name: &str) -> Option<Self> {
        if name == "ListCustomImages" {
            return Some(Self::ListCustomImages);
        }
        NAMES
            .into_iter()
            .find(|known| *known == name)
            .map(Self::NotEmulated)
    }

    /// Reads an action that is emulated.
    ///
    /// # Errors
    /// `InvalidAction.NotFound` when the product has no such action, `NotImplemented` when it is
    /// not emulated.
    pub fn checked(name: &str) -> Result<Self, ApiError> {
        match Self::parse(name) {
            Some(Self::ListCustomImages) => Ok(Self::ListCustomImages),
            Some(other) => Err(ApiError::not_implemented(other)),
            None => Err(unknown_action(name)),
        }
    }

    /// The vendor's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ListCustomImages => "ListCustomImages",
            Self::NotEmulated(name) => name,
        }
    }

    /// The name of every action of the product.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.into_iter()
    }
}

fn unknown_action(name: &str) -> ApiError {
    let mut reason = format!("{PRODUCT} has no action `{name}`");
    if let Some(nearest) = nearest(name, Action::names()) {
        reason.push_str(", did you mean `");
        reason.push_str(nearest);
        reason.push_str("`?");
    }
    ApiError::new(ErrorCode::ACTION_NOT_FOUND, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_other_action_is_known_and_not_emulated() {
        let not_emulated = Action::names()
            .filter(|name| matches!(Action::parse(name), Some(Action::NotEmulated(_))))
            .count();
        assert_eq!(not_emulated, 97);
        assert!(NAMES.is_sorted());
        assert_eq!(Action::parse("listCustomImages"), None);
    }
}
