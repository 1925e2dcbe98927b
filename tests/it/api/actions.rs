//! The product's actions: those that are emulated, and all others.

use swas_emulator::internals::ACTIONS;

use crate::support::World;

/// Every action of the product.
///
/// Source: the operations of the official Python SDK 4.0.0, equal to those of the product's
/// metadata of May 2025; read 2026-11-24.
const PRODUCT: &str = "AddCustomImageShareAccount AllocatePublicConnection ApplyFirewallTemplate AttachKeyPair \
CreateCommand CreateCustomImage CreateFirewallRule CreateFirewallRules CreateFirewallTemplate \
CreateFirewallTemplateRules CreateInstanceKeyPair CreateInstances CreateKeyPair CreateSnapshot \
DeleteCommand DeleteCustomImage DeleteCustomImages DeleteFirewallRule DeleteFirewallRules \
DeleteFirewallTemplateRules DeleteFirewallTemplates DeleteInstanceKeyPair DeleteKeyPairs \
DeleteSnapshot DeleteSnapshots DescribeCloudAssistantAttributes DescribeCloudAssistantStatus \
DescribeCloudMonitorAgentStatuses DescribeCommandInvocations DescribeCommands \
DescribeDatabaseErrorLogs DescribeDatabaseInstanceMetricData DescribeDatabaseInstanceParameters \
DescribeDatabaseInstances DescribeDatabaseSlowLogRecords DescribeFirewallTemplateApplyResults \
DescribeFirewallTemplateRulesApplyResult DescribeFirewallTemplates DescribeInstanceKeyPair \
DescribeInstancePasswordsSetting DescribeInstanceVncUrl DescribeInvocationResult \
DescribeInvocations DescribeMonitorData DescribeSecurityAgentStatus DetachKeyPair \
DisableFirewallRule EnableFirewallRule ImportKeyPair InstallCloudAssistant \
InstallCloudMonitorAgent InvokeCommand ListCustomImageShareAccounts ListCustomImages ListDisks \
ListFirewallRules ListImages ListInstancePlansModification ListInstanceStatus ListInstances \
ListInstancesTrafficPackages ListKeyPairs ListPlans ListRegions ListSnapshots ListTagResources \
LoginInstance ModifyDatabaseInstanceDescription ModifyDatabaseInstanceParameter \
ModifyFirewallRule ModifyFirewallTemplate ModifyImageShareStatus ModifyInstanceVncPassword \
RebootInstance RebootInstances ReleasePublicConnection RemoveCustomImageShareAccount \
RenewInstance ResetDatabaseAccountPassword ResetDisk ResetSystem RestartDatabaseInstance \
RunCommand StartDatabaseInstance StartInstance StartInstances StartTerminalSession \
StopDatabaseInstance StopInstance StopInstances TagResources UntagResources \
UpdateCommandAttribute UpdateDiskAttribute UpdateInstanceAttribute UpdateSnapshotAttribute \
UpgradeInstance UploadInstanceKeyPair";

#[tokio::test]
async fn each_action_that_is_not_emulated_is_refused_with_those_that_are() {
    let world = World::empty().await;
    let product: Vec<&str> = PRODUCT.split_whitespace().collect();
    assert_eq!(product.len(), 98);
    let emulated = ACTIONS.map(|action| action.name);
    for action in product.into_iter().filter(|name| !emulated.contains(name)) {
        let query = format!("Action={action}&Version=2020-06-01&RegionId=cn-hangzhou");
        let header = [("x-acs-action", action)];
        for answer in [
            world.get(&query).await,
            world.get_with("Version=2020-06-01", &header).await,
        ] {
            // Not 501, which some clients take for transient and retry for minutes.
            answer.assert_refused(400, "NotImplemented");
            let emulated = emulated.join(", ");
            assert_eq!(
                answer.field("Message"),
                format!("{action} is not emulated; this emulator answers {emulated}.")
            );
        }
    }
}

#[test]
fn each_emulated_action_is_one_of_the_product() {
    for action in ACTIONS {
        let mut product = PRODUCT.split_whitespace();
        assert!(product.any(|name| name == action.name), "{}", action.name);
    }
}
