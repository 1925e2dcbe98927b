package clients

import (
	"testing"

	"github.com/alibabacloud-go/tea/dara"
)

func TestRegionsArriveInOrderInTheLanguageAskedFor(t *testing.T) {
	forEachClient(t, func(t *testing.T, client client) {
		for _, want := range cases.Regions {
			t.Run(want.Name, func(t *testing.T) {
				answer, err := client.listRegions(t, want.Parameters)
				if err != nil {
					t.Fatalf("unexpected error %T: %v", err, err)
				}

				equal(t, "number of regions", len(answer.regions), want.Count)
				if t.Failed() {
					return
				}
				equal(t, "first region", answer.regions[0].RegionId, want.FirstRegionID)
				hangzhou := []region{}
				for _, region := range answer.regions {
					if region.RegionId == "cn-hangzhou" {
						hangzhou = append(hangzhou, region)
					}
				}
				equal(t, "cn-hangzhou", hangzhou, []region{want.Hangzhou})
				if !upperCaseUUID.MatchString(answer.requestID) {
					t.Errorf("request ID is %q", answer.requestID)
				}
			})
		}
	})
}

func TestAnotherLanguageIsRefused(t *testing.T) {
	forEachClient(t, func(t *testing.T, client client) {
		_, err := client.listRegions(t, parameters{AcceptLanguage: dara.String("fr-FR")})

		refusal := mustRefuse(t, client, err)
		equal(t, "status", refusal.status, 400)
		equal(t, "code", refusal.code, "InvalidAcceptLanguage")
		equal(t, "message", refusal.message, "Specified parameter AcceptLanguage is not valid.")
	})
}
