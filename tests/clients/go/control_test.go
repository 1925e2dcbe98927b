package clients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

// recorded is one request of the emulator's journal.
type recorded struct {
	RequestID   string `json:"requestId"`
	AccessKeyID string `json:"accessKeyId"`
	Code        string
}

// retried is one group of the emulator's journal: a request and its retries.
type retried struct {
	Attempts []recorded
	WonBy    *int
}

// control calls the emulator's control API and reads its answer into `answer`.
func control(t *testing.T, method, path string, body, answer any) {
	t.Helper()
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			t.Fatal(err)
		}
	}
	request, err := http.NewRequest(method, fmt.Sprintf("http://%s/_emulator/%s", endpoint(t), path), &text)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("content-type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		t.Fatalf("%s %s: %s", method, path, response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
}

// underFault runs `call` under a fault that strikes the calls of one AccessKeyId only, and gives
// how often it did.
func underFault(t *testing.T, accessKeyID string, effect map[string]any, call func()) int {
	t.Helper()
	rule := map[string]any{
		"id":     accessKeyID,
		"match":  map[string]any{"accessKeyId": accessKeyID},
		"effect": effect,
	}
	var ignored map[string]any
	control(t, "POST", "faults", rule, &ignored)
	defer control(t, "DELETE", "faults/"+accessKeyID, nil, &ignored)
	call()
	var listed struct {
		Faults []struct {
			ID   string
			Hits int
		}
	}
	control(t, "GET", "faults", nil, &listed)
	for _, fault := range listed.Faults {
		if fault.ID == accessKeyID {
			return fault.Hits
		}
	}
	t.Fatalf("the fault %q is gone", accessKeyID)
	return 0
}

// requestsOf gives what the journal has of one AccessKeyId, the first request first.
func requestsOf(t *testing.T, accessKeyID string) []recorded {
	t.Helper()
	var listed struct{ Requests []recorded }
	control(t, "GET", "requests?pageSize=1000", nil, &listed)
	var found []recorded
	for _, request := range listed.Requests {
		if request.AccessKeyID == accessKeyID {
			found = append(found, request)
		}
	}
	return found
}

// retriesOf gives the journal's groups of retries of one AccessKeyId.
func retriesOf(t *testing.T, accessKeyID string) []retried {
	t.Helper()
	ids := map[string]bool{}
	for _, request := range requestsOf(t, accessKeyID) {
		ids[request.RequestID] = true
	}
	var listed struct{ Retries []retried }
	control(t, "GET", "retries", nil, &listed)
	var found []retried
	for _, group := range listed.Retries {
		if ids[group.Attempts[0].RequestID] {
			found = append(found, group)
		}
	}
	return found
}
