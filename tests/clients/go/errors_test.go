package clients

import (
	"strings"
	"testing"
)

func TestBadParameterGivesTheVendorsError(t *testing.T) {
	forEachClient(t, func(t *testing.T, client client) {
		for _, bad := range cases.Errors {
			t.Run(bad.Name, func(t *testing.T) {
				_, err := client.listCustomImages(t, bad.Parameters)

				refusal := mustRefuse(t, client, err)
				equal(t, "status", refusal.status, bad.Status)
				equal(t, "code", refusal.code, bad.Code)
				equal(t, "message", refusal.message, bad.Message)
				if !upperCaseUUID.MatchString(refusal.requestID) {
					t.Errorf("request ID is %q", refusal.requestID)
				}
				if !strings.Contains(refusal.shown, bad.Message) {
					t.Errorf("the error reads %q, without %q", refusal.shown, bad.Message)
				}
			})
		}
	})
}

func TestActionThatIsNotEmulatedIsNamedInTheError(t *testing.T) {
	forEachClient(t, func(t *testing.T, client client) {
		refusal := mustRefuse(t, client, client.listFirewallRules(t))

		equal(t, "status", refusal.status, 400)
		equal(t, "code", refusal.code, "NotImplemented")
		if !strings.HasPrefix(refusal.message, "ListFirewallRules is not emulated;") {
			t.Errorf("message %q does not name the action", refusal.message)
		}
		if !strings.Contains(refusal.message, "ListCustomImages") {
			t.Errorf("message %q does not name what is emulated", refusal.message)
		}
		if !upperCaseUUID.MatchString(refusal.requestID) {
			t.Errorf("request ID is %q", refusal.requestID)
		}
	})
}

// The older SDK always sends the region of its client, so only this one can leave it out.
func TestMissingRegionIDIsRefused(t *testing.T) {
	for _, signatureAlgorithm := range []string{"", "v2"} {
		t.Run("signature_"+signatureAlgorithm, func(t *testing.T) {
			client := newTea(t, signatureAlgorithm)

			_, err := client.listCustomImages(t, parameters{})

			refusal := mustRefuse(t, client, err)
			equal(t, "status", refusal.status, 400)
			equal(t, "code", refusal.code, "MissingRegionId")
			equal(t, "message", refusal.message, "RegionId is mandatory for this action.")
		})
	}
}
