// Package clients runs the vendor's Go SDKs, unchanged, against the emulator.
package clients

import (
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	teaswas "github.com/alibabacloud-go/swas-open-20200601/v3/client"
	"github.com/alibabacloud-go/tea/dara"
	teaerrors "github.com/alibabacloud-go/tea/tea"
	coreerrors "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	coreswas "github.com/aliyun/alibaba-cloud-sdk-go/services/swas-open"
)

const (
	accessKeyID     = "testid"
	accessKeySecret = "testsecret"

	instanceID = "2d06ee0520b44de1ae88d4be3c1f0a01"
)

// client is the one face of the vendor's clients, for the tests that all of them must pass.
type client interface {
	listCustomImages(t *testing.T, parameters parameters) (answer, error)
	listRegions(t *testing.T, parameters parameters) (regions, error)
	// listFirewallRules calls an action that is not emulated.
	listFirewallRules(t *testing.T) error
	// refusal reads the fields of the client's own error type, and fails on any other type.
	refusal(t *testing.T, err error) refusal
}

// answer is what a client made of a 200.
type answer struct {
	requestID, totalCount, pageSize, pageNumber string
	images                                      []image
	// Header names are in lower case.
	headers map[string]string
}

// image is one image as the fields of the client's model, under the vendor's own names.
type image map[string]any

func (a answer) imageIDs() []string {
	ids := []string{}
	for _, image := range a.images {
		ids = append(ids, image["ImageId"].(string))
	}
	return ids
}

// regions is what a client made of a 200 to ListRegions.
type regions struct {
	requestID string
	regions   []region
}

// region is one region, under the vendor's own names and in the order of the core client's model.
type region struct{ LocalName, RegionEndpoint, RegionId string }

// refusal is what a client made of an error.
type refusal struct {
	status                   int
	code, message, requestID string
	// shown is the text that a user of the client sees.
	shown string
}

// forEachClient runs a test once for each client, named after the library and its signature.
func forEachClient(t *testing.T, test func(t *testing.T, client client)) {
	for _, make := range makers {
		t.Run(make.name, func(t *testing.T) { test(t, make.client(t, accessKeyID)) })
	}
}

// makers make each client, named after the library and its signature, for an AccessKeyId.
var makers = []struct {
	name   string
	client func(t *testing.T, accessKeyID string) client
}{
	{"tea-v3", func(t *testing.T, id string) client { return newTeaFor(t, &openapimodels.Config{AccessKeyId: &id}) }},
	{"tea-v1", func(t *testing.T, id string) client {
		return newTeaFor(t, &openapimodels.Config{AccessKeyId: &id, SignatureAlgorithm: dara.String("v2")})
	}},
	{"core", func(_ *testing.T, id string) client { return core{accessKeyID: id} }},
}

// endpoint is the emulator's HOST:PORT, which tests/clients/run sets.
func endpoint(t *testing.T) string {
	t.Helper()
	value := os.Getenv("SWAS_EMULATOR_ENDPOINT")
	if value == "" {
		t.Fatal("SWAS_EMULATOR_ENDPOINT is not set: start this suite with `tests/clients/run go`")
	}
	return value
}

// tea is swas-open-20200601, which signs with V3 (ACS3-HMAC-SHA256) by default.
type tea struct{ sdk *teaswas.Client }

func newTea(t *testing.T, signatureAlgorithm string) tea {
	t.Helper()
	config := &openapimodels.Config{AccessKeyId: dara.String(accessKeyID)}
	if signatureAlgorithm != "" {
		config.SignatureAlgorithm = dara.String(signatureAlgorithm)
	}
	return newTeaFor(t, config)
}

// newTeaFor makes a client with more of a configuration: its address is filled in here.
func newTeaFor(t *testing.T, config *openapimodels.Config) tea {
	t.Helper()
	config.AccessKeySecret = dara.String(accessKeySecret)
	config.Endpoint = dara.String(endpoint(t))
	config.Protocol = dara.String("http")
	sdk, err := teaswas.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return tea{sdk}
}

func (c tea) listCustomImages(t *testing.T, p parameters) (answer, error) {
	t.Helper()
	response, err := c.sdk.ListCustomImages(teaRequest(p))
	if err != nil {
		return answer{}, err
	}
	if status := dara.Int32Value(response.StatusCode); status != 200 {
		t.Fatalf("status is %d, want 200", status)
	}
	headers := map[string]string{}
	for name, value := range response.Headers {
		headers[strings.ToLower(name)] = dara.StringValue(value)
	}
	body := response.Body
	return answer{
		requestID:  dara.StringValue(body.RequestId),
		totalCount: dara.StringValue(body.TotalCount),
		pageSize:   dara.StringValue(body.PageSize),
		pageNumber: dara.StringValue(body.PageNumber),
		images:     asImages(t, body.CustomImages),
		headers:    headers,
	}, nil
}

func (c tea) listRegions(t *testing.T, p parameters) (regions, error) {
	t.Helper()
	response, err := c.sdk.ListRegions(&teaswas.ListRegionsRequest{AcceptLanguage: p.AcceptLanguage})
	if err != nil {
		return regions{}, err
	}
	if status := dara.Int32Value(response.StatusCode); status != 200 {
		t.Fatalf("status is %d, want 200", status)
	}
	answer := regions{requestID: dara.StringValue(response.Body.RequestId)}
	for _, model := range response.Body.Regions {
		answer.regions = append(answer.regions, region{
			LocalName:      dara.StringValue(model.LocalName),
			RegionEndpoint: dara.StringValue(model.RegionEndpoint),
			RegionId:       dara.StringValue(model.RegionId),
		})
	}
	return answer, nil
}

func (c tea) listFirewallRules(*testing.T) error {
	_, err := c.sdk.ListFirewallRules(&teaswas.ListFirewallRulesRequest{
		RegionId:   dara.String("cn-hangzhou"),
		InstanceId: dara.String(instanceID),
	})
	return err
}

func (c tea) refusal(t *testing.T, err error) refusal {
	t.Helper()
	var sdkError *teaerrors.SDKError
	if !errors.As(err, &sdkError) {
		t.Fatalf("want a *SDKError, got %T: %v", err, err)
	}
	// This error type has no field for the request ID: users read it from the body.
	var body struct{ Message, RequestId string }
	if err := json.Unmarshal([]byte(dara.StringValue(sdkError.Data)), &body); err != nil {
		t.Fatalf("the error's body %q: %v", dara.StringValue(sdkError.Data), err)
	}
	return refusal{
		status:    dara.IntValue(sdkError.StatusCode),
		code:      dara.StringValue(sdkError.Code),
		message:   body.Message,
		requestID: body.RequestId,
		shown:     sdkError.Error(),
	}
}

func teaRequest(p parameters) *teaswas.ListCustomImagesRequest {
	request := &teaswas.ListCustomImagesRequest{
		RegionId:         p.RegionId,
		ImageIds:         p.ImageIds,
		ImageNames:       p.ImageNames,
		PageSize:         p.PageSize,
		PageNumber:       p.PageNumber,
		SystemSnapshotId: p.SystemSnapshotId,
		DataSnapshotId:   p.DataSnapshotId,
		InstanceId:       p.InstanceId,
		ResourceGroupId:  p.ResourceGroupId,
		Share:            p.Share,
	}
	for _, tag := range p.Tag {
		request.Tag = append(request.Tag, &teaswas.ListCustomImagesRequestTag{Key: tag.Key, Value: tag.Value})
	}
	return request
}

// core is alibaba-cloud-sdk-go, the older SDK: V1 signature, everything in the query of a POST.
type core struct{ accessKeyID string }

func (c core) listCustomImages(t *testing.T, p parameters) (answer, error) {
	t.Helper()
	request := coreRequest(p)
	request.Domain = endpoint(t)
	response, err := c.sdk(t, p.RegionId).ListCustomImages(request)
	if err != nil {
		return answer{}, err
	}
	headers := map[string]string{}
	for name, values := range response.GetHttpHeaders() {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	images := asImages(t, response.CustomImages)
	for _, image := range images {
		dropUnusedTagFields(image)
	}
	return answer{
		requestID:  response.RequestId,
		totalCount: response.TotalCount,
		pageSize:   response.PageSize,
		pageNumber: response.PageNumber,
		images:     images,
		headers:    headers,
	}, nil
}

func (c core) listRegions(t *testing.T, p parameters) (regions, error) {
	t.Helper()
	request := coreswas.CreateListRegionsRequest()
	request.Domain = endpoint(t)
	request.AcceptLanguage = dara.StringValue(p.AcceptLanguage)
	response, err := c.sdk(t, dara.String("cn-hangzhou")).ListRegions(request)
	if err != nil {
		return regions{}, err
	}
	answer := regions{requestID: response.RequestId}
	for _, model := range response.Regions {
		answer.regions = append(answer.regions, region(model))
	}
	return answer, nil
}

func (c core) listFirewallRules(t *testing.T) error {
	t.Helper()
	request := coreswas.CreateListFirewallRulesRequest()
	request.Domain = endpoint(t)
	request.InstanceId = instanceID
	_, err := c.sdk(t, dara.String("cn-hangzhou")).ListFirewallRules(request)
	return err
}

func (c core) refusal(t *testing.T, err error) refusal {
	t.Helper()
	var serverError *coreerrors.ServerError
	if !errors.As(err, &serverError) {
		t.Fatalf("want a *ServerError, got %T: %v", err, err)
	}
	return refusal{
		status:    serverError.HttpStatus(),
		code:      serverError.ErrorCode(),
		message:   serverError.Message(),
		requestID: serverError.RequestId(),
		shown:     serverError.Error(),
	}
}

func (c core) sdk(t *testing.T, regionID *string) *coreswas.Client {
	t.Helper()
	sdk, err := coreswas.NewClientWithAccessKey(dara.StringValue(regionID), c.accessKeyID, accessKeySecret)
	if err != nil {
		t.Fatal(err)
	}
	return sdk
}

func coreRequest(p parameters) *coreswas.ListCustomImagesRequest {
	request := coreswas.CreateListCustomImagesRequest()
	request.ImageIds = dara.StringValue(p.ImageIds)
	request.ImageNames = dara.StringValue(p.ImageNames)
	request.SystemSnapshotId = dara.StringValue(p.SystemSnapshotId)
	request.DataSnapshotId = dara.StringValue(p.DataSnapshotId)
	request.InstanceId = dara.StringValue(p.InstanceId)
	request.ResourceGroupId = dara.StringValue(p.ResourceGroupId)
	if p.PageSize != nil {
		request.PageSize = requests.NewInteger(int(*p.PageSize))
	}
	if p.PageNumber != nil {
		request.PageNumber = requests.NewInteger(int(*p.PageNumber))
	}
	if p.Share != nil {
		request.Share = requests.NewBoolean(*p.Share)
	}
	if p.Tag != nil {
		tags := []coreswas.ListCustomImagesTag{}
		for _, tag := range p.Tag {
			// This model cannot leave the value out: a tag with only a key sends an empty one.
			tags = append(tags, coreswas.ListCustomImagesTag{
				Key:   dara.StringValue(tag.Key),
				Value: dara.StringValue(tag.Value),
			})
		}
		request.Tag = &tags
	}
	return request
}

// This SDK has one tag model for all of the product's actions, with fields that images lack.
func dropUnusedTagFields(image image) {
	tags, _ := image["Tags"].([]any)
	for _, tag := range tags {
		for _, name := range []string{"CnTitle", "EnTitle", "Color"} {
			delete(tag.(map[string]any), name)
		}
	}
}

// asImages turns a client's models into maps, by the vendor's own JSON names in their field tags.
func asImages(t *testing.T, models any) []image {
	t.Helper()
	text, err := json.Marshal(models)
	if err != nil {
		t.Fatal(err)
	}
	images := []image{}
	if err := json.Unmarshal(text, &images); err != nil {
		t.Fatal(err)
	}
	return images
}

// mustList lists images where the test expects an answer.
func mustList(t *testing.T, client client, p parameters) answer {
	t.Helper()
	answer, err := client.listCustomImages(t, p)
	if err != nil {
		t.Fatalf("unexpected error %T: %v", err, err)
	}
	return answer
}

// mustRefuse reads the client's error where the test expects one.
func mustRefuse(t *testing.T, client client, err error) refusal {
	t.Helper()
	if err == nil {
		t.Fatal("want an error, got an answer")
	}
	return client.refusal(t, err)
}

func count(n int) string { return strconv.Itoa(n) }
