package transforms

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// column functions by name; each appends one value of T to its builder.
type columns[T any] map[string]func(array.Builder, *T)

// spool writes rows of T as Arrow batches to a file and gives them back as a
// record reader. One batch is in memory at a time, so a build's memory does not
// grow with its data.
type spool[T any] struct {
	file    *os.File
	buf     *bufio.Writer
	ipc     *ipc.Writer
	schema  *arrow.Schema // of the batches: the table's, its texts as dictionaries
	columns []array.Builder
	texts   []*array.StringBuilder // those columns whose texts are each their own
	bytes   []int                  // of the last batch's texts, by column
	append  []func(array.Builder, *T)
	rows    int
	batch   int
}

func newSpool[T any](cfg Config, table *arrow.Schema, cols columns[T]) (*spool[T], error) {
	name, _ := table.Metadata().GetValue("name")
	f, err := os.Create(filepath.Join(cfg.Dir, name+".arrows"))
	if err != nil {
		return nil, fmt.Errorf("opening spool: %w", err)
	}
	s := &spool[T]{file: f, buf: bufio.NewWriterSize(f, 1<<20), batch: min(cfg.BatchRows, maxBatch)}
	fields, mem := table.Fields(), &recycler{}
	s.bytes = make([]int, len(fields))
	for i := range fields {
		fn, ok := cols[fields[i].Name]
		if !ok {
			return nil, fmt.Errorf("opening spool: no values for column %s.%s", name, fields[i].Name)
		}
		if fields[i].Type == typeText && !unique(fields[i].Name) {
			fields[i].Type = typeTexts
		}
		s.append = append(s.append, fn)
		s.columns = append(s.columns, newBuilder(mem, fields[i].Type))
	}
	for _, c := range s.columns {
		if c, ok := c.(*array.StringBuilder); ok {
			s.texts = append(s.texts, c)
		}
	}
	md := table.Metadata()
	s.schema = arrow.NewSchema(fields, &md)
	s.ipc = ipc.NewWriter(s.buf, ipc.WithSchema(s.schema))
	return s, nil
}

func (s *spool[T]) add(v T) error {
	if s.rows == 0 {
		for i, c := range s.columns {
			c.Reserve(s.batch)
			if c, ok := c.(*array.StringBuilder); ok {
				c.ReserveData(s.bytes[i] + s.bytes[i]/8)
			}
		}
	}
	for i, fn := range s.append {
		fn(s.columns[i], &v)
	}
	if s.rows++; s.rows < s.batch && !s.heavy() {
		return nil
	}
	return s.flush()
}

// maxText bounds the bytes of one text column of a batch: quoted fields are long
// and would make a batch of many rows large.
const maxText = 1 << 20

// heavy says whether a column of long texts has reached maxText.
func (s *spool[T]) heavy() bool {
	for _, c := range s.texts {
		if n := c.DataLen(); n >= maxText && n/s.rows >= 64 {
			return true
		}
	}
	return false
}

func (s *spool[T]) flush() error {
	if s.rows == 0 {
		return nil
	}
	columns := make([]arrow.Array, len(s.columns))
	for i, c := range s.columns {
		if c, ok := c.(*array.StringBuilder); ok {
			s.bytes[i] = c.DataLen()
		}
		columns[i] = c.NewArray()
		defer columns[i].Release()
	}
	rec := array.NewRecord(s.schema, columns, int64(s.rows))
	defer rec.Release()
	s.rows = 0
	if err := s.ipc.Write(rec); err != nil {
		return fmt.Errorf("spooling: %w", err)
	}
	return nil
}

// finish closes the writing side and opens the reading side.
func (s *spool[T]) finish() (array.RecordReader, error) {
	err := errors.Join(s.flush(), s.ipc.Close(), s.buf.Flush(), s.file.Close())
	for _, c := range s.columns {
		c.Release()
	}
	if err != nil {
		return nil, fmt.Errorf("spooling: %w", err)
	}
	f, err := os.Open(s.file.Name())
	if err != nil {
		return nil, fmt.Errorf("reading spool: %w", err)
	}
	r, err := ipc.NewReader(bufio.NewReaderSize(f, 1<<20), ipc.WithDelayReadSchema(false), ipc.WithAllocator(&recycler{}))
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("reading spool: %w", err)
	}
	return &spoolReader{Reader: r, file: f}, nil
}

// spoolReader closes the file with the reader.
type spoolReader struct {
	*ipc.Reader
	file *os.File
}

func (r *spoolReader) Release() {
	r.Reader.Release()
	r.file.Close()
}
