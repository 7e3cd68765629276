package transforms

import (
	"math/bits"
	"sync"
)

// recycler is an arrow allocator that hands freed memory out again, so that the
// batches of a spool are built and read back in the same few buffers. What it
// hands out is not zeroed. It is for memory that is freed on time.
type recycler struct {
	mu   sync.Mutex                  // the database frees what it read from a thread of its own
	free [bits.UintSize + 1][][]byte // by the power of two they hold
}

const smallest = 6 // 64 bytes, which arrow aligns to

func (r *recycler) Allocate(size int) []byte {
	class := smallest
	if size > 1<<smallest {
		class = bits.Len(uint(size - 1))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if kept := r.free[class]; len(kept) > 0 {
		b := kept[len(kept)-1]
		r.free[class] = kept[:len(kept)-1]
		return b[:size]
	}
	return make([]byte, size, 1<<class)
}

func (r *recycler) Reallocate(size int, b []byte) []byte {
	if size <= cap(b) {
		return b[:size]
	}
	out := r.Allocate(size)
	copy(out, b)
	r.Free(b)
	return out
}

func (r *recycler) Free(b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if class := bits.Len(uint(cap(b))) - 1; class >= smallest {
		r.free[class] = append(r.free[class], b[:0])
	}
}
