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
	"time"
)

// Store keeps documents by the sha256 of their bytes under one directory:
// ab/abcdef…. A file appears there only whole, by rename, after fsync.
type Store struct {
	dir string
	// Withdrawn are documents, by sha256, that are never kept: Put of one, or a
	// download, ends in ErrWithdrawn. Set it before the store is used.
	Withdrawn map[string]bool
}

// NewStore returns the store in dir, creating the directory.
func NewStore(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("creating document store: %w", err)
	}
	return &Store{dir: dir}, nil
}

func (s *Store) path(sum string) string { return filepath.Join(s.dir, sum[:2], sum) }

// Put streams r into the store and returns the sha256 and size of its bytes, the
// sha256 with ErrWithdrawn too.
// Memory does not grow with the size of r.
func (s *Store) Put(r io.Reader) (sum string, size int64, err error) {
	f, err := os.CreateTemp(s.dir, partPrefix+"*")
	if err != nil {
		return "", 0, fmt.Errorf("%w: %w", ErrStore, err)
	}
	p := &part{store: s, path: f.Name(), file: f, hash: sha256.New()}
	if err := f.Chmod(0o644); err != nil { // as those that are downloaded
		return "", 0, errors.Join(fmt.Errorf("%w: %w", ErrStore, err), p.drop())
	}
	if size, err = io.Copy(p, r); err != nil {
		return "", 0, errors.Join(fmt.Errorf("%w: %w", ErrStore, err), p.drop())
	}
	sum, err = p.finish()
	return sum, size, err
}

// Sweep removes what is left of downloads that nobody went on with for a week.
func (s *Store) Sweep(now time.Time) error {
	left, err := filepath.Glob(filepath.Join(s.dir, partPrefix+"*"))
	if err != nil {
		return err
	}
	for _, name := range left {
		if info, err := os.Stat(name); err == nil && now.Sub(info.ModTime()) > leftover {
			if err := ignoreMissing(os.Remove(name)); err != nil {
				return fmt.Errorf("removing an old download: %w", err)
			}
		}
	}
	return nil
}

// List returns the sha256 of every document in the store, and when it came.
func (s *Store) List() (map[string]time.Time, error) {
	files, err := filepath.Glob(filepath.Join(s.dir, "??", "*"))
	if err != nil {
		return nil, fmt.Errorf("listing documents: %w", err)
	}
	out := map[string]time.Time{}
	for _, f := range files {
		info, err := os.Stat(f)
		if sum := filepath.Base(f); err == nil && len(sum) == sha256.Size*2 {
			out[sum] = info.ModTime()
		} else if ignoreMissing(err) != nil {
			return nil, fmt.Errorf("listing documents: %w", err)
		}
	}
	return out, nil
}

// Remove removes a document. One that is not there is no error.
func (s *Store) Remove(sum string) error {
	if len(sum) != sha256.Size*2 {
		return fmt.Errorf("removing document: %q is not a sha256", sum)
	}
	if err := errors.Join(ignoreMissing(os.Remove(s.path(sum))), ignoreMissing(os.Remove(s.path(sum)+damagedExt))); err != nil {
		return fmt.Errorf("removing document: %w", err)
	}
	return nil
}

// Has says whether the document is in the store.
func (s *Store) Has(sum string) bool {
	if len(sum) != sha256.Size*2 {
		return false
	}
	_, err := os.Stat(s.path(sum))
	return err == nil
}

// Holds says whether all bytes of the document are in the store.
func (s *Store) Holds(d Document) bool {
	if !s.Has(d.SHA256) {
		return false
	}
	info, err := os.Stat(s.path(d.SHA256))
	return err == nil && info.Size() == d.Size
}

// Damaged says whether the bytes of a document in the store are not those that came.
func (s *Store) Damaged(sum string) (bool, error) {
	f, err := s.Open(sum)
	if err != nil {
		return false, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return false, fmt.Errorf("%w: reading document %s: %w", ErrStore, sum, err)
	}
	return hex.EncodeToString(h.Sum(nil)) != sum, nil
}

// SetAside takes the bytes of a damaged document out of the store, so that it can
// be retrieved again. They stay beside its place, for people to look at.
func (s *Store) SetAside(sum string) error {
	if err := os.Rename(s.path(sum), s.path(sum)+damagedExt); err != nil {
		return fmt.Errorf("%w: setting aside a damaged document: %w", ErrStore, err)
	}
	return nil
}

const damagedExt = ".damaged"

// Open opens the bytes with the given sha256.
func (s *Store) Open(sum string) (io.ReadCloser, error) {
	if len(sum) != sha256.Size*2 {
		return nil, fmt.Errorf("opening document: %q is not a sha256", sum)
	}
	f, err := os.Open(s.path(sum))
	if _, aside := os.Stat(s.path(sum) + damagedExt); err != nil && aside == nil {
		return nil, fmt.Errorf("document %s was damaged on the disk and set aside; restore it from a backup, or fetch or hand it over again: %w", sum, err)
	}
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
