package fetch

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// A disk that takes nothing more is no answer that breaks off: asking again for
// the same would not help.
func TestFullDisk(t *testing.T) {
	store, err := NewStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{Store: store, Transport: http.DefaultTransport})
	if err != nil {
		t.Fatal(err)
	}
	p, err := store.part("https://publisher.example/data")
	if err != nil {
		t.Fatal(err)
	}
	if p.file, err = os.OpenFile("/dev/full", os.O_RDWR, 0); err != nil {
		t.Skip("there is no /dev/full here")
	}
	p.Total = -1
	err = c.fill(&http.Response{Body: io.NopCloser(strings.NewReader("a,b\n"))}, p)
	if !errors.Is(err, ErrStore) || errors.Is(err, errBody) || !strings.HasPrefix(err.Error(), "storing document: write") {
		t.Errorf("%v", err)
	}
}
