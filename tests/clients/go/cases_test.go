package clients

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"testing"
)

// parameters are those of one request, under the vendor's own names; nil is not sent.
type parameters struct {
	RegionId, ImageIds, ImageNames, SystemSnapshotId, DataSnapshotId, InstanceId, ResourceGroupId *string

	// AcceptLanguage is a parameter of ListRegions.
	AcceptLanguage *string

	PageSize, PageNumber *int32
	Share                *bool
	Tag                  []struct{ Key, Value *string }
}

// cases are those that the suites of all languages share: tests/clients/cases.json.
var cases = loadCases()

var upperCaseUUID = regexp.MustCompile(`^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$`)

type listCase struct {
	Name       string
	Parameters parameters
	ImageIDs   []string `json:"image_ids"`
	FirstImage image    `json:"first_image"`
}

type errorCase struct {
	Name          string
	Parameters    parameters
	Status        int
	Code, Message string
}

type regionsCase struct {
	Name          string
	Parameters    parameters
	Count         int    `json:"n_regions"`
	FirstRegionID string `json:"first_region_id"`
	Hangzhou      region
}

type faultCase struct {
	Name   string
	Effect map[string]any
}

type allCases struct {
	Listings  map[string][]string
	FullImage image `json:"full_image"`
	Filters   []listCase
	Text      []listCase
	Errors    []errorCase
	Regions   []regionsCase
	Faults    []faultCase
}

func loadCases() allCases {
	text, err := os.ReadFile("../cases.json")
	if err != nil {
		panic(err)
	}
	var cases allCases
	if err := json.Unmarshal(text, &cases); err != nil {
		panic(fmt.Errorf("cases.json: %w", err))
	}
	return cases
}

// query makes parameters from their JSON, so that tests read like requests.
func query(text string) parameters {
	var p parameters
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		panic(fmt.Errorf("%s: %w", text, err))
	}
	return p
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s is\n  %#v, want\n  %#v", what, got, want)
	}
}
