package clients

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	teaswas "github.com/alibabacloud-go/swas-open-20200601/v3/client"
	"github.com/alibabacloud-go/tea/dara"
	coreswas "github.com/aliyun/alibaba-cloud-sdk-go/services/swas-open"
)

// pools makes each client, with a pool of its own; what it gives sends one request.
var pools = []struct {
	name string
	call func(endpoint string) func() error
}{
	{"net-http", netHTTPPool},
	{"tea-v3", teaPool},
	{"core", corePool},
}

// TestPoolsMayBeIdle runs with `tests/clients/run pools`, which sets SWAS_EMULATOR_POOL_IDLE_MS: one
// round of each client for each idle time, all of them at once. A round has a client, a pool and a
// host name of its own, and its second request must not fail.
func TestPoolsMayBeIdle(t *testing.T) {
	times := strings.Fields(os.Getenv("SWAS_EMULATOR_POOL_IDLE_MS"))
	if len(times) == 0 {
		return
	}
	_, port, _ := strings.Cut(endpoint(t), ":")
	for number, pool := range pools {
		t.Run(pool.name, func(t *testing.T) {
			t.Parallel()
			var failures []string
			var lock sync.Mutex
			var rounds sync.WaitGroup
			for place, text := range times {
				idleMS, err := strconv.Atoi(text)
				if err != nil {
					t.Fatal(err)
				}
				call := pool.call(fmt.Sprintf("127.0.%d.%d:%s", number+1, place+1, port))
				rounds.Go(func() {
					// One after the other, so that no round waits for another.
					time.Sleep(time.Duration(25*place) * time.Millisecond)
					if err := playPool(call, time.Duration(idleMS)*time.Millisecond); err != nil {
						lock.Lock()
						defer lock.Unlock()
						failures = append(failures, fmt.Sprintf("idle for %d ms: %v", idleMS, err))
					}
				})
			}
			rounds.Wait()
			for _, failure := range failures[:min(5, len(failures))] {
				fmt.Println(failure)
			}
			fmt.Printf("pool %s: %d passed, %d failed\n", pool.name, len(times)-len(failures), len(failures))
			if len(failures) > 0 {
				t.Fail()
			}
		})
	}
}

func playPool(call func() error, idle time.Duration) error {
	if err := call(); err != nil {
		return fmt.Errorf("the first request: %w", err)
	}
	time.Sleep(idle)
	return call()
}

func netHTTPPool(endpoint string) func() error {
	client := &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}
	return func() error {
		form := "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou"
		response, err := client.Post("http://"+endpoint, "application/x-www-form-urlencoded", strings.NewReader(form))
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return err
		}
		if response.StatusCode != 200 {
			return fmt.Errorf("status %d", response.StatusCode)
		}
		return nil
	}
}

func teaPool(endpoint string) func() error {
	sdk, err := teaswas.NewClient(&openapimodels.Config{
		AccessKeyId:     dara.String(accessKeyID),
		AccessKeySecret: dara.String(accessKeySecret),
		Endpoint:        dara.String(endpoint),
		Protocol:        dara.String("http"),
	})
	return func() error {
		if err == nil {
			request := &teaswas.ListCustomImagesRequest{RegionId: dara.String("cn-hangzhou")}
			_, err = sdk.ListCustomImages(request)
		}
		return err
	}
}

func corePool(endpoint string) func() error {
	sdk, err := coreswas.NewClientWithAccessKey("cn-hangzhou", accessKeyID, accessKeySecret)
	return func() error {
		if err == nil {
			request := coreswas.CreateListCustomImagesRequest()
			request.Domain = endpoint
			_, err = sdk.ListCustomImages(request)
		}
		return err
	}
}
