package pipelines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"golang.org/x/sys/unix"

	"hrinvest/warehouse"
)

// damagedExt is what is put behind the name of a release that is damaged: it is no
// release any more, and people may look at it.
const damagedExt = ".damaged"

// setAside takes releases out of the list whose description is not there or cannot be
// read: nothing could be published beside them.
func (p *Pipeline) setAside() error {
	files, err := filepath.Glob(p.path("releases", "*.duckdb"))
	if err != nil {
		return fmt.Errorf("looking at the releases: %w", err)
	}
	for _, f := range files {
		var r warehouse.Release
		b, err := os.ReadFile(strings.TrimSuffix(f, ".duckdb") + ".json")
		if err == nil {
			err = json.Unmarshal(b, &r)
		}
		if err == nil || strings.HasPrefix(filepath.Base(f), ".") {
			continue
		}
		p.cfg.Log.Error("a release whose description cannot be read is set aside", "file", f+damagedExt, "error", err)
		if err := os.Rename(f, f+damagedExt); err != nil {
			return fmt.Errorf("setting aside a damaged release: %w", err)
		}
	}
	return nil
}

// damagedRelease says whether the release that is served is damaged, and sets it aside
// if so: the same data are then published again. Readers that hold it keep it.
func (p *Pipeline) damagedRelease(ctx context.Context) (bool, error) {
	current, err := warehouse.Current(p.cfg.Dir)
	if err != nil {
		return false, fmt.Errorf("looking at the release that is served: %w", err)
	}
	err = warehouse.Verify(ctx, current.Path, current.Hash, warehouse.Options{MemoryLimit: p.cfg.MemoryLimit, Threads: p.cfg.Threads})
	if err == nil || ctx.Err() != nil {
		return false, ctx.Err()
	}
	p.cfg.Log.Error("the release that is served is damaged; the same data are published again", "release", current.ID, "error", err)
	err = errors.Join(os.Rename(current.Path, current.Path+damagedExt), os.Remove(strings.TrimSuffix(current.Path, ".duckdb")+".json"))
	if err != nil {
		return false, fmt.Errorf("setting aside a damaged release: %w", err)
	}
	return true, nil
}

// preflight stops a refresh before it writes anything, where the disk will not take a
// release: a build takes about three times the size of the last one.
func (p *Pipeline) preflight() error {
	current, err := warehouse.Current(p.cfg.Dir)
	if err != nil {
		return nil //nolint:nilerr // nothing is known of the size of a release
	}
	info, err := os.Stat(current.Path)
	if err != nil {
		return nil //nolint:nilerr // the same
	}
	free, err := p.cfg.Free(p.cfg.Dir)
	if err != nil {
		return fmt.Errorf("looking at the disk: %w", err)
	}
	if needed := 3 * info.Size(); free < needed {
		return fmt.Errorf("%s needs about %s, and %s are free; what takes most: %s. Free space, keep fewer releases (keep_releases in config.yaml), or move the data directory; what is served stays",
			p.cfg.Dir, megabytes(needed), megabytes(free), p.largest())
	}
	return nil
}

func (p *Pipeline) largest() string {
	var words []string
	for _, name := range []string{"documents", "releases"} {
		var n int64
		err := filepath.WalkDir(p.path(name), func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			info, err := e.Info()
			if err == nil {
				n += info.Size()
			}
			return err
		})
		if err == nil {
			words = append(words, name+" "+megabytes(n))
		}
	}
	return strings.Join(words, ", ")
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", (n+1<<20-1)>>20) }

// freeSpace is what a directory's disk still takes.
func freeSpace(dir string) (int64, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, err
	}
	return int64(fs.Bavail) * int64(fs.Bsize), nil //nolint:unconvert // the types differ between systems
}

// RolledBack is what an operator went back from. Refreshes that would give the same
// data again publish nothing, until the data or the program change them.
type RolledBack struct {
	From string    `json:"from"` // release
	Hash string    `json:"hash"` // of it
	To   string    `json:"to"`   // release that is served in its place
	At   time.Time `json:"at"`
}

func rolledBackPath(dir string) string { return filepath.Join(dir, "rolledback.json") }

// ReadRolledBack reads it; the zero value: nothing was rolled back, or something was
// published since.
func ReadRolledBack(dir string) (r RolledBack, err error) {
	if err := readJSON(rolledBackPath(dir), &r); err != nil {
		return RolledBack{}, fmt.Errorf("reading what was rolled back: %w", err)
	}
	if current, err := warehouse.Current(dir); err == nil && current.ID == r.To {
		return r, nil
	}
	return RolledBack{}, nil
}

// Rollback serves an earlier release again, and remembers which one it took the place
// of, so that the next night does not bring it back.
func Rollback(dir, id string, now time.Time) (warehouse.Release, error) {
	before, beforeErr := warehouse.Current(dir)
	to, err := warehouse.Rollback(dir, id)
	if err != nil || beforeErr != nil || before.ID == to.ID {
		return to, err
	}
	if to.BuiltAt.After(before.BuiltAt) { // forward again: nothing is wrong with it
		err := os.Remove(rolledBackPath(dir))
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		return to, err
	}
	b, err := json.Marshal(RolledBack{From: before.ID, Hash: before.Hash, To: to.ID, At: now.UTC()})
	if err == nil {
		err = renameio.WriteFile(rolledBackPath(dir), append(b, '\n'), 0o644)
	}
	if err != nil {
		return to, fmt.Errorf("noting what was rolled back: %w", err)
	}
	return to, nil
}

// unwanted says whether a build is what an operator went back from.
func (p *Pipeline) unwanted(ctx context.Context, b *warehouse.Build) (RolledBack, bool, error) {
	r, err := ReadRolledBack(p.cfg.Dir)
	if err != nil || r.Hash == "" {
		return r, false, err
	}
	hash, err := b.Hash(ctx)
	return r, hash == r.Hash, err
}
