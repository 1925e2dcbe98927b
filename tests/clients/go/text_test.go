package clients

import "testing"

func TestTextIsFoundByAFilterAndReadBackUnchanged(t *testing.T) {
	forEachClient(t, func(t *testing.T, client client) {
		for _, text := range cases.Text {
			t.Run(text.Name, func(t *testing.T) {
				answer := mustList(t, client, text.Parameters)

				equal(t, "image IDs", answer.imageIDs(), text.ImageIDs)
				if t.Failed() {
					return
				}
				for name, want := range text.FirstImage {
					equal(t, name, answer.images[0][name], want)
				}
			})
		}
	})
}
