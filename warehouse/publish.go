package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/google/renameio/v2"
)

// Publish closes the build and makes it the current release: it writes the
// table releases, reads the whole file back (a corrupt block opens without an
// error and fails at the first query), renames it into place and moves the
// pointer. Readers that hold the release before keep it.
//
// When the hash equals that of the current release nothing is published, the
// build is removed and ErrNothingNew returned with the current release. On any
// other error too the build is removed and the current release stays.
func (b *Build) Publish(ctx context.Context, meta Meta) (Release, error) {
	r, err := b.publish(ctx, meta)
	if derr := b.Discard(); derr != nil && !errors.Is(err, ErrNothingNew) {
		err = errors.Join(err, derr)
	}
	if errors.Is(err, ErrNothingNew) {
		return r, err
	}
	if err != nil {
		return Release{}, fmt.Errorf("publishing: %w", err)
	}
	return r, nil
}

func (b *Build) publish(ctx context.Context, meta Meta) (Release, error) {
	if !b.viewed {
		return Release{}, errors.New("the views are not made yet")
	}
	hash, err := b.Hash(ctx)
	if err != nil {
		return Release{}, err
	}
	current, err := Current(b.cfg.Dir)
	switch {
	case err == nil && current.Hash == hash:
		return current, ErrNothingNew
	case err != nil && !errors.Is(err, ErrNoRelease):
		// A pointer to nowhere must not keep a good build from being published.
		current = Release{}
	}
	now := b.cfg.Now().UTC()
	r := Release{
		ID:       now.Format(releaseLayout) + "-" + hash[:8],
		Hash:     hash,
		BuiltAt:  now,
		Contract: ContractVersion,
		Previous: current.ID,
		Meta:     meta,
	}
	if err := b.writeReleases(ctx, r); err != nil {
		return Release{}, err
	}
	if err := b.finish(ctx, r); err != nil {
		return Release{}, err
	}
	return r, b.place(&r)
}

// finish writes everything to disk, closes the file and reads it back.
func (b *Build) finish(ctx context.Context, r Release) error {
	for _, s := range []string{"USE memory", "CHECKPOINT w", "DETACH w"} {
		if err := b.exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	if err := b.close(); err != nil {
		return err
	}
	if err := Verify(ctx, b.path, r.Hash, Options{MemoryLimit: b.cfg.MemoryLimit, Threads: b.cfg.Threads, TempDir: b.cfg.TempDir}); err != nil {
		return fmt.Errorf("reading back: %w", err)
	}
	return nil
}

// Verify reads every row of a release and compares its hash. A damaged file
// often opens without complaint.
func Verify(ctx context.Context, path, hash string, opts Options) error {
	db, err := Open(path, opts)
	if err != nil {
		return err
	}
	got, err := db.Hash(ctx)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if got != hash {
		return fmt.Errorf("%s does not hold what was published: hash %s, not %s", path, got, hash)
	}
	return nil
}

// place moves the file into the releases and points at it. The description
// comes first, so that a release is never listed without one.
func (b *Build) place(r *Release) error {
	r.Path = filepath.Join(releasesDir(b.cfg.Dir), r.ID+databaseExt)
	description, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(sidecar(r.Path), append(description, '\n'), 0o644); err != nil {
		return err
	}
	if err := os.Rename(b.path, r.Path); err != nil {
		return errors.Join(err, os.Remove(sidecar(r.Path)))
	}
	b.path = "" // it is the release's now
	return setCurrent(b.cfg.Dir, r.ID)
}

// writeReleases makes the table releases: this one and those before it that are
// still there.
func (b *Build) writeReleases(ctx context.Context, r Release) error {
	before, err := Releases(b.cfg.Dir)
	if err != nil {
		return err
	}
	text := func(name, doc string) arrow.Field {
		return arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true,
			Metadata: arrow.MetadataFrom(map[string]string{"doc": doc})}
	}
	md := arrow.MetadataFrom(map[string]string{"name": releasesTable,
		"doc": "This release and those before it that were still kept when it was published, newest first."})
	schema := arrow.NewSchema([]arrow.Field{
		text("release", "Release id."),
		text("hash", "SHA-256 over the sorted rows of tables and views, without times."),
		{Name: "built_at", Type: columnTypes["timestamp"], Nullable: true,
			Metadata: arrow.MetadataFrom(map[string]string{"doc": "When it was published, UTC."})},
		text("previous", "Release that was current before."),
		text("version", "Version of the program."),
		text("origin", "live, given, bundled: the origins of its documents."),
		text("cutoff", "Newest date the data speak of."),
		text("note", "What a reader must know, such as stale sources."),
	}, &md)
	var rows []map[string]any
	for _, x := range append([]Release{r}, before...) {
		row := map[string]any{"release": x.ID, "hash": x.Hash, "built_at": x.BuiltAt}
		for k, v := range map[string]string{"previous": x.Previous, "version": x.Version, "origin": x.Origin, "cutoff": x.Cutoff, "note": x.Note} {
			if v != "" {
				row[k] = v
			}
		}
		rows = append(rows, row)
	}
	rr, err := Rows(schema, rows)
	if err != nil {
		return err
	}
	defer rr.Release()
	if err := b.exec(ctx, "USE memory"); err != nil { // the stage view must not land in the file
		return err
	}
	b.viewed = false // the one table that is loaded after the views
	defer func() { b.viewed = true }()
	_, err = b.Load(ctx, schema, rr)
	return err
}
