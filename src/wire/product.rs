//! The product: its code, its version, and the names of its actions.

/// The product code.
pub(crate) const PRODUCT: &str = "SWAS-OPEN";

/// The one version of the product's API.
pub(crate) const API_VERSION: &str = "2020-06-01";

/// Every action of SWAS-OPEN 2020-06-01, in byte order.
///
/// Source: the product's metadata of May 2025, equal to the operations of the official Python SDK
/// 4.0.0.
pub(crate) const ACTION_NAMES: [&str; 98] = [
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

/// The product's own name of an action; `None` when the product has no such action.
pub(crate) fn action_name(name: &str) -> Option<&'static str> {
    ACTION_NAMES.into_iter().find(|known| *known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_found_by_its_exact_name() {
        assert!(ACTION_NAMES.is_sorted());
        assert_eq!(action_name("ListCustomImages"), Some("ListCustomImages"));
        assert_eq!(action_name("listCustomImages"), None);
    }
}
