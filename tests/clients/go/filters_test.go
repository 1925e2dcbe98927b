package clients

import "testing"

func TestFilterKeepsExactlyTheMatchingImages(t *testing.T) {
	forEachClient(t, func(t *testing.T, client client) {
		for _, filters := range cases.Filters {
			t.Run(filters.Name, func(t *testing.T) {
				answer := mustList(t, client, filters.Parameters)

				equal(t, "image IDs", answer.imageIDs(), filters.ImageIDs)
				equal(t, "TotalCount", answer.totalCount, count(len(filters.ImageIDs)))
			})
		}
	})
}
