package oecdcrs

import (
	"errors"
	"fmt"
	"io"
	"os"

	"hrinvest/extractors/fetch"
)

// readerAt is a file that is read here and there.
type readerAt interface {
	io.ReaderAt
	io.ReadSeeker
	io.Closer
}

// openAt opens a document to be read here and there, as archives and Parquet
// files are. One that can only be read from its beginning is copied aside first.
func openAt(d fetch.Document) (f readerAt, size int64, err error) {
	r, err := d.Open()
	if err != nil {
		return nil, 0, err
	}
	f, ok := r.(readerAt)
	if !ok {
		f, err = aside(r)
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, 0, err
		}
	}
	if size, err = f.Seek(0, io.SeekEnd); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("opening %s: %w", d.Name, err), f.Close())
	}
	return f, size, nil
}

// aside copies what is read into a file that is gone once it is closed.
func aside(r io.Reader) (readerAt, error) {
	f, err := os.CreateTemp("", "hrinvest-crs-*")
	if err != nil {
		return nil, fmt.Errorf("copying a document aside: %w", err)
	}
	_, err = io.Copy(f, r)
	if err = errors.Join(err, os.Remove(f.Name())); err != nil {
		return nil, errors.Join(fmt.Errorf("copying a document aside: %w", err), f.Close())
	}
	return f, nil
}
