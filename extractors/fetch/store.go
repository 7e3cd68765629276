package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Store keeps documents by the sha256 of their bytes under one directory:
// ab/abcdef…. A file appears there only whole, by rename, after fsync.
type Store struct{ dir string }

// NewStore returns the store in dir, creating the directory.
func NewStore(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("creating document store: %w", err)
	}
	return &Store{dir: dir}, nil
}

func (s *Store) path(sum string) string { return filepath.Join(s.dir, sum[:2], sum) }

// Put streams r into the store and returns the sha256 and size of its bytes.
// Memory does not grow with the size of r.
func (s *Store) Put(r io.Reader) (sum string, size int64, err error) {
	f, err := os.CreateTemp(s.dir, ".part-*")
	if err != nil {
		return "", 0, fmt.Errorf("storing document: %w", err)
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	h := sha256.New()
	if size, err = io.Copy(io.MultiWriter(f, h), r); err != nil {
		return "", 0, fmt.Errorf("storing document: %w", err)
	}
	sum = hex.EncodeToString(h.Sum(nil))
	if _, statErr := os.Stat(s.path(sum)); statErr == nil {
		os.Remove(f.Name())
		return sum, size, nil
	}
	if err = f.Sync(); err != nil {
		return "", 0, fmt.Errorf("storing document: %w", err)
	}
	if err = os.MkdirAll(filepath.Dir(s.path(sum)), 0o755); err != nil {
		return "", 0, fmt.Errorf("storing document: %w", err)
	}
	if err = os.Rename(f.Name(), s.path(sum)); err != nil {
		return "", 0, fmt.Errorf("storing document: %w", err)
	}
	return sum, size, nil
}

// Open opens the bytes with the given sha256.
func (s *Store) Open(sum string) (io.ReadCloser, error) {
	if len(sum) != sha256.Size*2 {
		return nil, fmt.Errorf("opening document: %q is not a sha256", sum)
	}
	f, err := os.Open(s.path(sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("document %s is not in the store: %w", sum, err)
	}
	return f, err
}

// Attach sets the document's OpenFunc to read from the store.
func (s *Store) Attach(d Document) Document {
	d.OpenFunc = func() (io.ReadCloser, error) { return s.Open(d.SHA256) }
	return d
}
