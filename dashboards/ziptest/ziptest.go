// Package ziptest opens archives in tests: documents and workbooks are ZIP files.
package ziptest

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"
)

// Files returns the files of a ZIP by name.
func Files(t testing.TB, archive []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(b)
	}
	return out
}
