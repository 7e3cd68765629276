// Package paper writes A4 pages as PDF, and pictures to share as PNG: text in
// lines that this package breaks itself, tables, links and the charts of package
// charts. The bytes depend on the content alone, so that the hash of a brief can
// be published.
//
// Text is set in Liberation Sans; a letter it does not have is taken from DejaVu
// Sans, letter by letter, since a word may need both. A letter that neither has
// is an error: a brief never prints an empty box.
//
// The PDF is untagged: for readers who use assistive technology the HTML brief is
// the accessible edition.
package paper

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/sfnt"
)

// face is one font file and the letters it has.
type face struct {
	family, style string
	ttf           []byte
	has           map[rune]bool
	outlines      *sfnt.Font // for pictures
}

// Fonts are the faces a document is set in, parsed once. They are read-only
// and safe for concurrent use.
type Fonts struct{ regular, bold []face }

// LoadFonts reads the embedded fonts.
func LoadFonts() (*Fonts, error) {
	f := &Fonts{
		regular: []face{{family: "liberation", ttf: liberationsansregular.TTF}, {family: "dejavu", ttf: dejavusans.TTF}},
		bold:    []face{{family: "liberation", style: "B", ttf: liberationsansbold.TTF}, {family: "dejavu", style: "B", ttf: dejavusansbold.TTF}},
	}
	for _, faces := range [][]face{f.regular, f.bold} {
		for i := range faces {
			has, err := letters(faces[i].ttf)
			if err != nil {
				return nil, fmt.Errorf("reading font %s%s: %w", faces[i].family, faces[i].style, err)
			}
			faces[i].has = has
			if faces[i].outlines, err = sfnt.Parse(faces[i].ttf); err != nil {
				return nil, fmt.Errorf("reading font %s%s: %w", faces[i].family, faces[i].style, err)
			}
		}
	}
	return f, nil
}

// Missing returns the letters of s that no font has.
func (f *Fonts) Missing(s string) []rune {
	var out []rune
	for _, r := range s {
		if pick(f.regular, r) < 0 || pick(f.bold, r) < 0 {
			out = append(out, r)
		}
	}
	return out
}

func pick(faces []face, r rune) int {
	for i := range faces {
		if faces[i].has[r] {
			return i
		}
	}
	return -1
}

var errFont = errors.New("not a TrueType font with a Unicode table")

// letters reads the character table of a TrueType font (OpenType specification,
// table cmap, format 4: the basic multilingual plane, which is what the PDF
// writer can subset).
func letters(ttf []byte) (map[rune]bool, error) {
	u16 := func(off int) int {
		if off < 0 || off+2 > len(ttf) {
			return 0
		}
		return int(binary.BigEndian.Uint16(ttf[off:]))
	}
	u32 := func(off int) int { return u16(off)<<16 | u16(off+2) }
	cmap := 0
	for i := range u16(4) {
		rec := 12 + 16*i
		if rec+16 <= len(ttf) && string(ttf[rec:rec+4]) == "cmap" {
			cmap = u32(rec + 8)
		}
	}
	if cmap == 0 {
		return nil, errFont
	}
	table := 0
	for i := range u16(cmap + 2) {
		rec := cmap + 4 + 8*i
		if off := cmap + u32(rec+4); u16(rec) == 3 && u16(rec+2) == 1 && u16(off) == 4 {
			table = off
		}
	}
	if table == 0 {
		return nil, errFont
	}
	n := u16(table+6) / 2
	ends := table + 14
	starts, deltas, ranges := ends+2*n+2, ends+4*n+2, ends+6*n+2
	out := map[rune]bool{}
	for i := range n {
		start, end := u16(starts+2*i), u16(ends+2*i)
		delta, offset := u16(deltas+2*i), u16(ranges+2*i)
		for c := start; c <= end && c < 0xffff; c++ {
			glyph := (c + delta) & 0xffff
			if offset != 0 {
				if glyph = u16(ranges + 2*i + offset + 2*(c-start)); glyph != 0 {
					glyph = (glyph + delta) & 0xffff
				}
			}
			if glyph != 0 {
				out[rune(c)] = true
			}
		}
	}
	return out, nil
}
