package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"
)

// part is a download under way: a file in the store that becomes a document when
// it is whole. What a killed program left of a large one is gone on with, if the
// server still offers the same.
type part struct {
	store *Store
	path  string
	file  *os.File
	hash  hash.Hash
	size  int64
	partMeta
	failed error // to write: the disk is full, or gone
}

// partMeta says of which edition of the answer a part is. It lies beside it.
type partMeta struct {
	URL       string `json:"url"`
	Validator string `json:"validator"` // a strong ETag, or Last-Modified; "": cannot be gone on with
	Total     int64  `json:"total"`     // announced length; -1: not known
}

const partPrefix = ".part-"

// leftover is how long what is left of a download is kept to go on with.
const leftover = 7 * 24 * time.Hour

// part opens what is there of a download, or an empty one.
func (s *Store) part(url string) (*part, error) {
	sum := sha256.Sum256([]byte(url))
	p := &part{store: s, path: filepath.Join(s.dir, partPrefix+hex.EncodeToString(sum[:8])), hash: sha256.New()}
	var err error
	if p.file, err = os.OpenFile(p.path, os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStore, err)
	}
	meta, err := os.ReadFile(p.path + ".json")
	if err == nil && json.Unmarshal(meta, &p.partMeta) == nil && p.URL == url && p.Validator != "" {
		if p.size, err = io.Copy(p.hash, p.file); err == nil && !p.hollow() {
			return p, nil
		}
	}
	if err = p.restart(partMeta{URL: url, Total: -1}); err != nil {
		p.drop()
		return nil, err
	}
	return p, nil
}

// restart empties the part, for an edition of the answer.
func (p *part) restart(m partMeta) error {
	p.partMeta, p.size = m, 0
	p.hash.Reset()
	_, err := p.file.Seek(0, io.SeekStart)
	if err = errors.Join(err, p.file.Truncate(0)); err != nil {
		return fmt.Errorf("%w: %w", ErrStore, err)
	}
	if m.Validator == "" {
		return ignoreMissing(os.Remove(p.path + ".json"))
	}
	b, err := json.Marshal(m)
	if err == nil {
		err = os.WriteFile(p.path+".json", b, 0o644)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrStore, err)
	}
	return nil
}

// Write implements io.Writer.
func (p *part) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	p.hash.Write(b[:n])
	p.size += int64(n)
	p.failed = err
	return n, err
}

// hollow says whether a part ends in zeros: a machine that went down may leave the
// length of a file on its disk and not its bytes.
func (p *part) hollow() bool {
	end := tail(p.file, p.size, 512)
	return len(end) > 0 && len(bytes.Trim(end, "\x00")) == 0
}

// close leaves the part for the next time, where it can be gone on with.
func (p *part) close() error {
	if p.Validator == "" || p.size == 0 || p.failed != nil {
		return p.drop()
	}
	return p.file.Close()
}

func (p *part) drop() error {
	return errors.Join(p.file.Close(), ignoreMissing(os.Remove(p.path)), ignoreMissing(os.Remove(p.path+".json")))
}

// finish makes the part a document of the store.
func (p *part) finish() (sum string, err error) {
	sum = hex.EncodeToString(p.hash.Sum(nil))
	if p.store.Withdrawn[sum] {
		return sum, errors.Join(ErrWithdrawn, p.drop())
	}
	if info, err := os.Stat(p.store.path(sum)); err == nil && info.Size() == p.size {
		return sum, p.drop()
	}
	if err := p.file.Sync(); err != nil {
		return "", errors.Join(fmt.Errorf("%w: %w", ErrStore, err), p.drop())
	}
	err = os.MkdirAll(filepath.Dir(p.store.path(sum)), 0o755)
	if err == nil {
		err = os.Rename(p.path, p.store.path(sum))
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("%w: %w", ErrStore, err), p.drop())
	}
	return sum, errors.Join(p.file.Close(), ignoreMissing(os.Remove(p.path+".json")))
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
