package iati

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// archive reads the XML files of a zip, in the order of their names, each
// unpacked while it is read. The indexes that the registry packs beside them are
// left alone.
func (p *pipeline) archive(ctx context.Context, f file) error {
	body, err := f.open()
	if err != nil {
		return fmt.Errorf("opening %s: %w", f.doc.Name, err)
	}
	defer body.Close()
	r, done, err := seekable(body)
	if err != nil {
		return fmt.Errorf("reading %s: %w", f.doc.Name, err)
	}
	defer done()
	z, err := zip.NewReader(r, r.Size())
	if err != nil {
		return p.send(ctx, f.problem(fmt.Sprintf("the archive cannot be read: %v", err)))
	}
	members := slices.DeleteFunc(slices.Clone(z.File), func(m *zip.File) bool { return !strings.EqualFold(path.Ext(m.Name), ".xml") })
	slices.SortStableFunc(members, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	if len(members) == 0 {
		return p.send(ctx, f.problem("the archive has no XML in it"))
	}
	for _, m := range members {
		one := file{doc: f.doc, at: m.Name + "#", open: func() (io.ReadCloser, error) {
			r, err := m.Open()
			if errors.Is(err, io.EOF) { // it is said to begin where nothing is
				err = zip.ErrFormat
			}
			return r, err
		}}
		err := p.activities(ctx, one)
		if isDamage(err) {
			err = p.send(ctx, one.problem("the archive is damaged in this file: "+err.Error()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isDamage says whether reading a member failed for what is in the archive.
func isDamage(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.Is(err, zip.ErrFormat) || errors.Is(err, zip.ErrAlgorithm) || errors.Is(err, zip.ErrChecksum) || errors.As(err, &corrupt)
}

// seekable makes bytes readable at any place: a file of the store is; others are
// laid down in a temporary one until done is called.
func seekable(r io.Reader) (at *io.SectionReader, done func(), err error) {
	done = func() {}
	f, ok := r.(interface {
		io.ReaderAt
		io.Seeker
	})
	if !ok {
		tmp, err := os.CreateTemp("", "iati-*.zip")
		if err != nil {
			return nil, done, err
		}
		done = func() { tmp.Close(); os.Remove(tmp.Name()) }
		if _, err := io.Copy(tmp, r); err != nil {
			done()
			return nil, done, err
		}
		f = tmp
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		done()
		return nil, done, err
	}
	return io.NewSectionReader(f, 0, size), done, nil
}

// isArchive recognises the registry's zip by its first member.
func isArchive(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) && bytes.Contains(head[:min(len(head), 200)], []byte("iati-data"))
}
