package clients

import (
	"encoding/json"
	"testing"

	"github.com/alibabacloud-go/tea/dara"
)

func TestARegionListsItsImagesAndPagingFieldsAreStrings(t *testing.T) {
	forEachClient(t, func(t *testing.T, client client) {
		for regionID, want := range cases.Listings {
			t.Run(regionID, func(t *testing.T) {
				answer := mustList(t, client, parameters{RegionId: &regionID})

				equal(t, "image IDs", answer.imageIDs(), want[:min(10, len(want))])
				equal(t, "TotalCount", answer.totalCount, count(len(want)))
				equal(t, "PageSize", answer.pageSize, "10")
				equal(t, "PageNumber", answer.pageNumber, "1")
				if !upperCaseUUID.MatchString(answer.requestID) {
					t.Errorf("request ID is %q", answer.requestID)
				}
			})
		}
	})
}

func TestHeaderCarriesTheRequestIDAndNoWarning(t *testing.T) {
	forEachClient(t, func(t *testing.T, client client) {
		p := query(`{"RegionId": "cn-hangzhou", "Share": true, "Tag": [{"Key": "env"}]}`)

		answer := mustList(t, client, p)

		equal(t, "x-acs-request-id", answer.headers["x-acs-request-id"], answer.requestID)
		equal(t, "content-type", answer.headers["content-type"], "application/json;charset=utf-8")
		// Nothing that an official client sends may look like a mistake to the emulator.
		if warning, found := answer.headers["x-emulator-warning"]; found {
			t.Errorf("the emulator warned of %q", warning)
		}
	})
}

func TestEveryFieldOfAFullImageArrives(t *testing.T) {
	forEachClient(t, func(t *testing.T, client client) {
		imageIDs, err := json.Marshal([]any{cases.FullImage["ImageId"]})
		if err != nil {
			t.Fatal(err)
		}

		answer := mustList(t, client, parameters{
			RegionId: dara.String("cn-hangzhou"),
			ImageIds: dara.String(string(imageIDs)),
		})

		equal(t, "the listing", answer.images, []image{cases.FullImage})
	})
}

func TestTeaModelOfAFullImage(t *testing.T) {
	request := teaRequest(query(`{"RegionId": "cn-hangzhou", "ImageNames": "[\"shop-2026-10\"]"}`))

	response, err := newTea(t, "").sdk.ListCustomImages(request)
	if err != nil {
		t.Fatal(err)
	}

	if len(response.Body.CustomImages) != 1 {
		t.Fatalf("got %d images, want 1", len(response.Body.CustomImages))
	}
	image := response.Body.CustomImages[0]
	equal(t, "CreationTime", image.CreationTime, dara.String("2026-10-09T02:28:06Z"))
	equal(t, "DataSnapshotId", image.DataSnapshotId, dara.String("s-bp1data0000000000001"))
	equal(t, "DataSnapshotName", image.DataSnapshotName, dara.String("数据盘快照"))
	equal(t, "SystemSnapshotId", image.SystemSnapshotId, dara.String("s-bp1system00000000001"))
	equal(t, "SystemSnapshotName", image.SystemSnapshotName, dara.String("系统盘快照"))
	equal(t, "Description", image.Description, dara.String("网店镜像，2026 年 10 月 – prêt à l’emploi"))
	equal(t, "ImageId", image.ImageId, dara.String("m-bp1full00000000001"))
	equal(t, "InShare", image.InShare, dara.Bool(true))
	equal(t, "InShareUser", image.InShareUser, dara.Bool(true))
	equal(t, "InstanceId", image.InstanceId, dara.String("2d06ee0520b44de1ae88d4be3c1f0a01"))
	equal(t, "InstanceName", image.InstanceName, dara.String("web-1"))
	equal(t, "Name", image.Name, dara.String("shop-2026-10"))
	equal(t, "OsType", image.OsType, dara.String("Linux"))
	equal(t, "RegionId", image.RegionId, dara.String("cn-hangzhou"))
	equal(t, "RequiredDataDiskSize", image.RequiredDataDiskSize, dara.Int32(120))
	equal(t, "RequiredSystemDiskSize", image.RequiredSystemDiskSize, dara.Int32(50))
	equal(t, "ResourceGroupId", image.ResourceGroupId, dara.String("rg-acfm2h2lvp3ublq"))
	equal(t, "SourceImageName", image.SourceImageName, dara.String("CentOS"))
	equal(t, "SourceImageVersion", image.SourceImageVersion, dara.String("8.0"))
	equal(t, "Status", image.Status, dara.String("1"))
	equal(t, "UserId", image.UserId, dara.Int64(1287495036218470))
	equal(t, "CreateInstances", image.CreateInstances, []*string{
		dara.String("7c1f0b6f5ad34d58b1b7a1f7de0a4e11"),
		dara.String("7c1f0b6f5ad34d58b1b7a1f7de0a4e12"),
	})
	equal(t, "number of tags", len(image.Tags), 2)
	equal(t, "Tags[1].Key", image.Tags[1].Key, dara.String("team"))
	equal(t, "Tags[1].Value", image.Tags[1].Value, dara.String("web"))
}

func TestCoreModelOfAFullImage(t *testing.T) {
	p := query(`{"RegionId": "cn-hangzhou", "ImageNames": "[\"shop-2026-10\"]"}`)
	request := coreRequest(p)
	request.Domain = endpoint(t)

	response, err := core{accessKeyID}.sdk(t, p.RegionId).ListCustomImages(request)
	if err != nil {
		t.Fatal(err)
	}

	if len(response.CustomImages) != 1 {
		t.Fatalf("got %d images, want 1", len(response.CustomImages))
	}
	image := response.CustomImages[0]
	equal(t, "CreationTime", image.CreationTime, "2026-10-09T02:28:06Z")
	equal(t, "DataSnapshotId", image.DataSnapshotId, "s-bp1data0000000000001")
	equal(t, "DataSnapshotName", image.DataSnapshotName, "数据盘快照")
	equal(t, "SystemSnapshotId", image.SystemSnapshotId, "s-bp1system00000000001")
	equal(t, "SystemSnapshotName", image.SystemSnapshotName, "系统盘快照")
	equal(t, "Description", image.Description, "网店镜像，2026 年 10 月 – prêt à l’emploi")
	equal(t, "ImageId", image.ImageId, "m-bp1full00000000001")
	equal(t, "InShare", image.InShare, true)
	equal(t, "InShareUser", image.InShareUser, true)
	equal(t, "InstanceId", image.InstanceId, "2d06ee0520b44de1ae88d4be3c1f0a01")
	equal(t, "InstanceName", image.InstanceName, "web-1")
	equal(t, "Name", image.Name, "shop-2026-10")
	equal(t, "OsType", image.OsType, "Linux")
	equal(t, "RegionId", image.RegionId, "cn-hangzhou")
	equal(t, "RequiredDataDiskSize", image.RequiredDataDiskSize, 120)
	equal(t, "RequiredSystemDiskSize", image.RequiredSystemDiskSize, 50)
	equal(t, "ResourceGroupId", image.ResourceGroupId, "rg-acfm2h2lvp3ublq")
	equal(t, "SourceImageName", image.SourceImageName, "CentOS")
	equal(t, "SourceImageVersion", image.SourceImageVersion, "8.0")
	equal(t, "Status", image.Status, "1")
	equal(t, "UserId", image.UserId, int64(1287495036218470))
	equal(t, "CreateInstances", image.CreateInstances, []string{
		"7c1f0b6f5ad34d58b1b7a1f7de0a4e11",
		"7c1f0b6f5ad34d58b1b7a1f7de0a4e12",
	})
	equal(t, "number of tags", len(image.Tags), 2)
	equal(t, "Tags[1].Key", image.Tags[1].Key, "team")
	equal(t, "Tags[1].Value", image.Tags[1].Value, "web")
}

func TestListsOfAMinimalImageAreEmptyAndItsOtherFieldsAbsent(t *testing.T) {
	request := teaRequest(query(`{"RegionId": "cn-hangzhou", "ImageNames": "[\"minimal\"]"}`))

	response, err := newTea(t, "").sdk.ListCustomImages(request)
	if err != nil {
		t.Fatal(err)
	}

	if len(response.Body.CustomImages) != 1 {
		t.Fatalf("got %d images, want 1", len(response.Body.CustomImages))
	}
	image := response.Body.CustomImages[0]
	if image.Tags == nil || len(image.Tags) != 0 {
		t.Errorf("Tags is %#v, want an empty list", image.Tags)
	}
	if image.CreateInstances == nil || len(image.CreateInstances) != 0 {
		t.Errorf("CreateInstances is %#v, want an empty list", image.CreateInstances)
	}
	equal(t, "InShare", image.InShare, dara.Bool(false))
	equal(t, "InShareUser", image.InShareUser, dara.Bool(false))
	for name, value := range map[string]any{
		"Description":            image.Description,
		"InstanceId":             image.InstanceId,
		"ResourceGroupId":        image.ResourceGroupId,
		"SourceImageName":        image.SourceImageName,
		"RequiredSystemDiskSize": image.RequiredSystemDiskSize,
		"UserId":                 image.UserId,
	} {
		if !dara.IsNil(value) {
			t.Errorf("%s is set, want it left out", name)
		}
	}
	equal(t, "InShare", image.InShare, dara.Bool(false))
	equal(t, "InShareUser", image.InShareUser, dara.Bool(false))
}

func TestEveryStatusArrivesAsADigitInAString(t *testing.T) {
	forEachClient(t, func(t *testing.T, client client) {
		p := query(`{
			"RegionId": "cn-hangzhou",
			"ImageNames": "[\"shop-copy\",\"minimal\",\"retired\",\"db-backup-failed\",\"shop-2026-11\"]"
		}`)

		statuses := map[any]any{}
		for _, image := range mustList(t, client, p).images {
			statuses[image["Name"]] = image["Status"]
		}

		equal(t, "statuses", statuses, map[any]any{
			"shop-copy":        "0",
			"minimal":          "1",
			"retired":          "2",
			"db-backup-failed": "3",
			"shop-2026-11":     "4",
		})
	})
}
