package warehouse

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"
)

// Release is one published, immutable state of the warehouse.
type Release struct {
	ID       string    `json:"id"`       // 20261123T021500Z-1a2b3c4d: time of publishing and start of the hash
	Hash     string    `json:"hash"`     // sha256 of its rows, see Build.Hash
	BuiltAt  time.Time `json:"built_at"` // UTC
	Contract int       `json:"contract"` // ContractVersion it was built with
	Previous string    `json:"previous,omitempty"`
	Meta
	Path string `json:"-"` // of the database file
}

// Meta is what the program says about a release when publishing it.
type Meta struct {
	Version string `json:"version,omitempty"` // of the program
	Origin  string `json:"origin,omitempty"`  // live, given, bundled, or several, blank-separated
	Cutoff  string `json:"cutoff,omitempty"`  // newest date the data speak of, ISO
	Note    string `json:"note,omitempty"`    // such as: sources that are stale
}

func releasesDir(dir string) string { return filepath.Join(dir, "releases") }

const (
	currentFile   = "current"
	databaseExt   = ".duckdb"
	sidecarExt    = ".json"
	releaseLayout = "20060102T150405Z"
)

// Current reads which release is served. ErrNoRelease: none yet.
func Current(dir string) (Release, error) {
	id, err := currentID(dir)
	if err != nil {
		return Release{}, err
	}
	return readRelease(dir, id)
}

func currentID(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, currentFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNoRelease
	}
	if err != nil {
		return "", fmt.Errorf("reading the current release: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// Releases lists the published releases, newest first.
func Releases(dir string) ([]Release, error) {
	found, err := filepath.Glob(filepath.Join(releasesDir(dir), "*"+databaseExt))
	if err != nil {
		return nil, err
	}
	var out []Release
	for _, p := range found {
		id := strings.TrimSuffix(filepath.Base(p), databaseExt)
		if strings.HasPrefix(id, ".") {
			continue // being built
		}
		r, err := readRelease(dir, id)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Release) int { return strings.Compare(b.ID, a.ID) })
	return out, nil
}

// Rollback makes an earlier release current. Readers that poll the pointer move
// to it; nothing is deleted.
func Rollback(dir, id string) (Release, error) {
	r, err := readRelease(dir, id)
	if err != nil {
		return Release{}, fmt.Errorf("rolling back: %w", err)
	}
	return r, setCurrent(dir, id)
}

// Remove deletes a release that is not current, and what was exported of it.
func Remove(dir, id string) error {
	r, err := readRelease(dir, id)
	if err != nil {
		return fmt.Errorf("removing a release: %w", err)
	}
	if cur, err := currentID(dir); err == nil && cur == id {
		return fmt.Errorf("removing a release: %s is current", id)
	}
	return errors.Join(removeDatabase(r.Path), os.RemoveAll(sidecar(r.Path)), os.RemoveAll(ExportDir(dir, id)))
}

func setCurrent(dir, id string) error {
	if err := renameio.WriteFile(filepath.Join(dir, currentFile), []byte(id+"\n"), 0o644); err != nil {
		return fmt.Errorf("pointing at release %s: %w", id, err)
	}
	return nil
}

func sidecar(database string) string { return strings.TrimSuffix(database, databaseExt) + sidecarExt }

// readRelease reads the small file beside a release. The identifier comes from
// people too, so it must not lead out of the folder.
func readRelease(dir, id string) (Release, error) {
	if id == "" || id != filepath.Base(id) || strings.HasPrefix(id, ".") {
		return Release{}, fmt.Errorf("%q is no release id", id)
	}
	path := filepath.Join(releasesDir(dir), id+databaseExt)
	if _, err := os.Stat(path); err != nil {
		return Release{}, fmt.Errorf("release %s: %w", id, err)
	}
	b, err := os.ReadFile(sidecar(path))
	if err != nil {
		return Release{}, fmt.Errorf("release %s: %w", id, err)
	}
	var r Release
	if err := json.Unmarshal(b, &r); err != nil {
		return Release{}, fmt.Errorf("release %s: reading its description: %w", id, err)
	}
	r.Path = path
	return r, nil
}
