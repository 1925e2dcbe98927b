package clients

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"syscall"
	"testing"
	"time"

	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"
)

const (
	throttled = "Request was denied due to user flow control."
	failed    = "An error occurred while processing your request."
	own       = "Café 关门 & more"
)

// secondPage is where a change between two pages shows.
var secondPage = query(`{"RegionId": "cn-hangzhou", "PageSize": 10, "PageNumber": 2}`)

// outcome is what a client makes of a fault: an error, or else a listing.
type outcome struct {
	// errorType is the type of the error, as %T writes it; empty when there is a listing.
	errorType string
	// text is a pattern for the whole of the error's text.
	text string
	// is is an error that must be in the chain, when not nil.
	is error
	// refused has the fields of the client's own error type, when it is one.
	refused *refusal

	totalCount string
	// start is where in the region's listing the page starts.
	start int
	// atLeast is the time that the fault takes.
	atLeast time.Duration
}

func lists() outcome { return outcome{totalCount: "25", start: 10} }

func listsAfter(atLeast time.Duration) outcome {
	return outcome{totalCount: "25", start: 10, atLeast: atLeast}
}

func teaError(status int, code, message string) outcome {
	return outcome{
		errorType: "*tea.SDKError",
		text: fmt.Sprintf(`SDKError:\n   StatusCode: %d\n   Code: %s\n   Message: code: %d, %s request id: \S+\n   Data: .*`,
			status, code, status, message),
		refused: &refusal{status: status, code: code, message: message},
	}
}

func coreError(status int, code, message string) outcome {
	return outcome{
		errorType: "*errors.ServerError",
		text: fmt.Sprintf(`SDK\.ServerError\nErrorCode: %s\nRecommend: .*\nRequestId: \S+\nMessage: %s\nRespHeaders: .*`,
			code, message),
		refused: &refusal{status: status, code: code, message: message},
	}
}

// The errors below the clients' own are those of net/http, handed on unwrapped.
var (
	reset = outcome{
		errorType: "*url.Error",
		text:      `Post "http://.*": read tcp .*: read: connection reset by peer`,
		is:        syscall.ECONNRESET,
	}
	closed = outcome{errorType: "*url.Error", text: `Post "http://.*": EOF`, is: io.EOF}
	cutOff = outcome{errorType: "*errors.errorString", text: "unexpected EOF", is: io.ErrUnexpectedEOF}
)

var teaOutcomes = map[string]outcome{
	// One type for every error of the API, and the header is not in it.
	"throttling_user":             teaError(400, "Throttling.User", throttled),
	"throttling_with_retry_after": teaError(400, "Throttling.User", throttled),
	"internal_error":              teaError(500, "InternalError", failed),
	"own_error":                   teaError(429, "Shop.Closed", own),
	"delay":                       listsAfter(300 * time.Millisecond),
	"reset":                       reset,
	"empty":                       closed,
	"truncate":                    cutOff,
	"dribble":                     listsAfter(300 * time.Millisecond),
	// A whole body that is no whole JSON looks to this client like one that was cut off.
	"malformed": cutOff,
	"html502":   {errorType: "*json.SyntaxError", text: "invalid character '<' looking for beginning of value"},
	// The decoder turns the number into the string that the model promises.
	"wrong_type": lists(),
	"paging":     {totalCount: "26", start: 9},
}

var coreOutcomes = map[string]outcome{
	"throttling_user":             coreError(400, "Throttling.User", throttled),
	"throttling_with_retry_after": coreError(400, "Throttling.User", throttled),
	"internal_error":              coreError(500, "InternalError", failed),
	"own_error":                   coreError(429, "Shop.Closed", own),
	"delay":                       listsAfter(300 * time.Millisecond),
	"reset":                       reset,
	"empty":                       closed,
	"truncate":                    cutOff,
	"dribble":                     listsAfter(300 * time.Millisecond),
	"malformed": {
		errorType: "*errors.ClientError",
		text:      `\[SDK\.JsonUnmarshalError\] Failed to unmarshal response, .*object ended prematurely.*`,
	},
	"html502": {
		errorType: "*errors.ServerError",
		text:      `SDK\.ServerError\nErrorCode: \nRecommend: \nRequestId: \nMessage: <html>.*502 Bad Gateway.*`,
	},
	"wrong_type": lists(),
	"paging":     {totalCount: "26", start: 9},
}

var outcomes = map[string]map[string]outcome{"tea-v3": teaOutcomes, "tea-v1": teaOutcomes, "core": coreOutcomes}

func TestFaultReachesTheCaller(t *testing.T) {
	for _, make := range makers {
		t.Run(make.name, func(t *testing.T) {
			for _, fault := range cases.Faults {
				t.Run(fault.Name, func(t *testing.T) {
					want, found := outcomes[make.name][fault.Name]
					if !found {
						t.Fatal("nothing is expected of this fault")
					}
					id := fresh(make.name + "-" + fault.Name)
					client := make.client(t, id)

					nHits := underFault(t, id, fault.Effect, func() {
						started := time.Now()
						answer, err := client.listCustomImages(t, secondPage)
						if want.errorType != "" {
							checkError(t, client, err, want)
							return
						}
						if err != nil {
							t.Fatalf("unexpected error %T: %v", err, err)
						}
						if took := time.Since(started); took < want.atLeast {
							t.Errorf("it took %v, want at least %v", took, want.atLeast)
						}
						equal(t, "TotalCount", answer.totalCount, want.totalCount)
						equal(t, "image IDs", answer.imageIDs(), pageFrom(want.start))
					})

					// By default none of the clients sends a request again.
					equal(t, "hits", nHits, 1)
					equal(t, "number of requests", len(requestsOf(t, id)), 1)
					// Without the fault the same client works, though its connection may have been cut.
					equal(t, "TotalCount", mustList(t, client, secondPage).totalCount, "25")
				})
			}
		})
	}
}

func TestMagicAccessKeyFailsOnceAndThenLists(t *testing.T) {
	for _, make := range makers {
		t.Run(make.name, func(t *testing.T) {
			client := make.client(t, fresh(make.name)+"+Throttling.User:1")

			_, err := client.listCustomImages(t, secondPage)
			answer := mustList(t, client, secondPage)

			checkError(t, client, err, outcomes[make.name]["throttling_user"])
			equal(t, "image IDs", answer.imageIDs(), pageFrom(10))
		})
	}
}

func TestBadMagicAccessKeyIsRefused(t *testing.T) {
	for _, make := range makers {
		t.Run(make.name, func(t *testing.T) {
			client := make.client(t, "ci7+Throttling.User:0")

			_, err := client.listCustomImages(t, secondPage)

			refusal := mustRefuse(t, client, err)
			equal(t, "status", refusal.status, 400)
			equal(t, "code", refusal.code, "InvalidAccessKeyId")
		})
	}
}

func TestRetryOptionsEndInSuccessAtTheThirdAttempt(t *testing.T) {
	for _, algorithm := range []string{"", "v2"} {
		for _, code := range []string{"Throttling.User", "InternalError"} {
			t.Run("signature_"+algorithm+"/"+code, func(t *testing.T) {
				id := fresh("retry") + "+" + code + ":2"

				answer := mustList(t, newTeaFor(t, retrying(id, algorithm, code)), secondPage)

				equal(t, "image IDs", answer.imageIDs(), pageFrom(10))
				groups := retriesOf(t, id)
				if len(groups) != 1 {
					t.Fatalf("the journal has %d groups of retries, want 1", len(groups))
				}
				attempts := groups[0].Attempts
				var codes []string
				for _, attempt := range attempts {
					codes = append(codes, attempt.Code)
				}
				equal(t, "codes", codes, []string{code, code, ""})
				equal(t, "wonBy", groups[0].WonBy, dara.Int(3))
				equal(t, "request ID", attempts[len(attempts)-1].RequestID, answer.requestID)
			})
		}
	}
}

func TestRetryOptionsGiveUpAfterTheirAttempts(t *testing.T) {
	for _, algorithm := range []string{"", "v2"} {
		t.Run("signature_"+algorithm, func(t *testing.T) {
			id := fresh("retry") + "+Throttling.User:3"
			client := newTeaFor(t, retrying(id, algorithm, "Throttling.User"))

			_, err := client.listCustomImages(t, secondPage)

			checkError(t, client, err, teaOutcomes["throttling_user"])
			groups := retriesOf(t, id)
			if len(groups) != 1 {
				t.Fatalf("the journal has %d groups of retries, want 1", len(groups))
			}
			equal(t, "number of attempts", len(groups[0].Attempts), 3)
			equal(t, "wonBy", groups[0].WonBy, (*int)(nil))
		})
	}
}

func retrying(accessKeyID, signatureAlgorithm, code string) *openapimodels.Config {
	config := &openapimodels.Config{
		AccessKeyId: &accessKeyID,
		RetryOptions: &dara.RetryOptions{
			Retryable: true,
			RetryCondition: []*dara.RetryCondition{{
				MaxAttempts: 3,
				Backoff:     dara.NewFixedBackoffPolicy(map[string]any{"period": 20}),
				ErrorCode:   []string{code},
			}},
		},
	}
	if signatureAlgorithm != "" {
		config.SignatureAlgorithm = &signatureAlgorithm
	}
	return config
}

func checkError(t *testing.T, client client, err error, want outcome) {
	t.Helper()
	if err == nil {
		t.Fatal("want an error, got an answer")
	}
	equal(t, "type of the error", fmt.Sprintf("%T", err), want.errorType)
	if !regexp.MustCompile("^(?s:" + want.text + ")$").MatchString(err.Error()) {
		t.Errorf("the error reads %q, want %q", err.Error(), want.text)
	}
	if want.is != nil && !errors.Is(err, want.is) {
		t.Errorf("%v is not in the chain of %v", want.is, err)
	}
	if want.refused != nil {
		refused := client.refusal(t, err)
		equal(t, "status", refused.status, want.refused.status)
		equal(t, "code", refused.code, want.refused.code)
		equal(t, "message", refused.message, want.refused.message)
	}
}

// fresh gives an AccessKeyId that the emulator has not seen: it counts by it for as long as it runs.
func fresh(name string) string {
	var bytes [4]byte
	_, _ = rand.Read(bytes[:])
	return name + "-" + hex.EncodeToString(bytes[:])
}

func pageFrom(start int) []string { return cases.Listings["cn-hangzhou"][start : start+10] }
