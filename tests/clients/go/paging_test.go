package clients

import (
	"fmt"
	"sort"
	"testing"

	"github.com/alibabacloud-go/tea/dara"
)

func TestPagesJoinIntoTheWholeListingNewestFirst(t *testing.T) {
	walks := []struct {
		pageSize int
		nImages  []int
	}{
		{10, []int{10, 10, 5}},
		{7, []int{7, 7, 7, 4}},
		{25, []int{25}},
		{100, []int{25}},
	}
	forEachClient(t, func(t *testing.T, client client) {
		for _, walk := range walks {
			t.Run(fmt.Sprintf("size_%d", walk.pageSize), func(t *testing.T) {
				want := cases.Listings["cn-hangzhou"]
				var nImages []int
				var images []image
				for len(images) < len(want) {
					number := len(nImages) + 1
					answer := mustList(t, client, parameters{
						RegionId:   dara.String("cn-hangzhou"),
						PageSize:   dara.Int32(int32(walk.pageSize)),
						PageNumber: dara.Int32(int32(number)),
					})
					equal(t, "TotalCount", answer.totalCount, "25")
					equal(t, "PageSize", answer.pageSize, count(walk.pageSize))
					equal(t, "PageNumber", answer.pageNumber, count(number))
					if len(answer.images) == 0 {
						t.Fatalf("page %d is empty, the listing is not at its end", number)
					}
					nImages = append(nImages, len(answer.images))
					images = append(images, answer.images...)
				}

				equal(t, "images for each page", nImages, walk.nImages)
				// Equal creation times lie across the ends of the first and the second page of ten.
				if !sort.SliceIsSorted(images, func(left, right int) bool {
					return newestFirst(images[left], images[right])
				}) {
					t.Error("the pages are not in order, newest first and then by ImageId")
				}
				equal(t, "image IDs", answer{images: images}.imageIDs(), want)
			})
		}
	})
}

func newestFirst(left, right image) bool {
	leftTime, rightTime := left["CreationTime"].(string), right["CreationTime"].(string)
	if leftTime != rightTime {
		return leftTime > rightTime
	}
	return left["ImageId"].(string) < right["ImageId"].(string)
}

func TestPagePastTheEndIsEmptyAndKeepsTheTotal(t *testing.T) {
	forEachClient(t, func(t *testing.T, client client) {
		p := query(`{"RegionId": "cn-hangzhou", "PageSize": 10, "PageNumber": 4}`)

		answer := mustList(t, client, p)

		equal(t, "number of images", len(answer.images), 0)
		equal(t, "TotalCount", answer.totalCount, "25")
		equal(t, "PageSize", answer.pageSize, "10")
		equal(t, "PageNumber", answer.pageNumber, "4")
	})
}

func TestPagesOfAFilteredListingCountOnlyItsMatches(t *testing.T) {
	forEachClient(t, func(t *testing.T, client client) {
		p := query(`{"RegionId": "cn-hangzhou", "Tag": [{"Key": "team"}], "PageSize": 5, "PageNumber": 2}`)

		answer := mustList(t, client, p)

		equal(t, "image IDs", answer.imageIDs(), []string{"m-bp1dbnew0000000001", "m-bp1broken000000001"})
		equal(t, "TotalCount", answer.totalCount, "7")
	})
}
