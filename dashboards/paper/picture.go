package paper

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"maps"
	"math"
	"slices"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"hrinvest/dashboards/charts"
)

// Picture is a drawing in pixels, in the same fonts and with the same letters
// per face as a page. It is a Canvas, so that a chart looks the same in it.
type Picture struct {
	img   *image.RGBA
	fonts *Fonts
	scale float64 // pixels of a unit
	buf   sfnt.Buffer
	ras   vector.Rasterizer
	err   error
}

var _ charts.Canvas = (*Picture)(nil)

// NewPicture starts a white picture of width x height units, scale pixels each.
func NewPicture(fonts *Fonts, width, height, scale float64) *Picture {
	p := &Picture{fonts: fonts, scale: scale, img: image.NewRGBA(image.Rect(0, 0, int(math.Ceil(width*scale)), int(math.Ceil(height*scale))))}
	draw.Draw(p.img, p.img.Bounds(), image.White, image.Point{}, draw.Src)
	return p
}

// At returns a canvas on the picture with its upper left corner at x, y, scaled
// by k.
func (p *Picture) At(x, y, k float64) charts.Canvas { return moved{p, x, y, k} }

// Write writes the picture as PNG. It returns the first error of everything that
// was drawn.
func (p *Picture) Write(w io.Writer) error {
	if p.err != nil {
		return fmt.Errorf("drawing picture: %w", p.err)
	}
	enc := png.Encoder{CompressionLevel: png.DefaultCompression}
	if err := enc.Encode(w, paletted(p.img)); err != nil {
		return fmt.Errorf("writing picture: %w", err)
	}
	return nil
}

// paletted draws the picture in its 96 most frequent colours, which takes less than a
// third of the bytes: flat areas keep their colour, and of the shades along the
// edges of letters the rare ones give way to their neighbours.
func paletted(img *image.RGBA) image.Image {
	count, index := map[color.RGBA]int{}, map[color.RGBA]uint8{}
	out := image.NewPaletted(img.Bounds(), nil)
	runs(img, func(from, to int, c color.RGBA) { count[c] += to - from })
	all := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	for i, c := range all {
		if i < 96 {
			out.Palette = append(out.Palette, c)
			index[c] = uint8(i)
			continue
		}
		index[c] = uint8(out.Palette.Index(c)) // the nearest
	}
	runs(img, func(from, to int, c color.RGBA) {
		n := index[c]
		for i := from; i < to; i++ {
			out.Pix[i] = n
		}
	})
	return out
}

// runs calls do for every stretch of pixels of one colour.
func runs(img *image.RGBA, do func(from, to int, c color.RGBA)) {
	at := func(i int) color.RGBA { return color.RGBA{img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], 255} }
	n, from := len(img.Pix)/4, 0
	for i := 1; i <= n; i++ {
		if i == n || at(i) != at(from) {
			do(from, i, at(from))
			from = i
		}
	}
}

func rgba(hex string) image.Image {
	r, g, b := rgb(hex)
	return image.NewUniform(color.RGBA{uint8(r), uint8(g), uint8(b), 255})
}

// Rect implements charts.Canvas. Edges lie on whole pixels.
func (p *Picture) Rect(x, y, w, h float64, fill, stroke string) {
	px := func(v float64) int { return int(math.Round(v * p.scale)) }
	r := image.Rect(px(x), px(y), px(x+w), px(y+h))
	if fill != "" {
		draw.Draw(p.img, r, rgba(fill), image.Point{}, draw.Src)
	}
	if stroke != "" {
		src, t := rgba(stroke), max(1, px(0.8))
		for _, edge := range []image.Rectangle{
			image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+t), image.Rect(r.Min.X, r.Max.Y-t, r.Max.X, r.Max.Y),
			image.Rect(r.Min.X, r.Min.Y, r.Min.X+t, r.Max.Y), image.Rect(r.Max.X-t, r.Min.Y, r.Max.X, r.Max.Y),
		} {
			draw.Draw(p.img, edge.Intersect(r), src, image.Point{}, draw.Src)
		}
	}
}

// Lines implements charts.Canvas.
func (p *Picture) Lines(segments []charts.Segment, stroke string, width float64) {
	var quads [][4][2]float64
	half := max(width*p.scale, 1) / 2
	for _, s := range segments {
		x1, y1, x2, y2 := s.X1*p.scale, s.Y1*p.scale, s.X2*p.scale, s.Y2*p.scale
		length := math.Hypot(x2-x1, y2-y1)
		if length == 0 {
			continue
		}
		nx, ny := -(y2-y1)/length*half, (x2-x1)/length*half
		quads = append(quads, [4][2]float64{{x1 + nx, y1 + ny}, {x2 + nx, y2 + ny}, {x2 - nx, y2 - ny}, {x1 - nx, y1 - ny}})
	}
	box := image.Rectangle{}
	for _, q := range quads {
		for _, pt := range q {
			x, y := int(math.Floor(pt[0])), int(math.Floor(pt[1]))
			box = box.Union(image.Rect(x-1, y-1, x+2, y+2))
		}
	}
	box = box.Intersect(p.img.Bounds())
	if box.Empty() {
		return
	}
	p.ras.Reset(box.Dx(), box.Dy())
	for _, q := range quads {
		for i, pt := range q {
			x, y := float32(pt[0]-float64(box.Min.X)), float32(pt[1]-float64(box.Min.Y))
			if i == 0 {
				p.ras.MoveTo(x, y)
			} else {
				p.ras.LineTo(x, y)
			}
		}
		p.ras.ClosePath()
	}
	p.ras.Draw(p.img, box, rgba(stroke), image.Point{})
}

// Text implements charts.Canvas.
func (p *Picture) Text(x, y, size float64, anchor charts.Anchor, bold bool, fill, text string) {
	st := Style{Size: size, Bold: bold, Color: fill}
	switch anchor {
	case charts.Middle:
		x -= p.TextWidth(text, st) / 2
	case charts.End:
		x -= p.TextWidth(text, st)
	}
	p.line(x, y, text, st)
}

// Paragraph writes a text broken to width from the top y and returns the y below
// it.
func (p *Picture) Paragraph(x, y, width float64, s string, st Style) float64 {
	for _, l := range p.Wrap(s, width, st) {
		y += st.Size * 1.22
		p.line(x, y-st.Size*0.24, l, st)
	}
	return y
}

// Wrap breaks a text as a page does.
func (p *Picture) Wrap(s string, width float64, st Style) []string {
	return wrap(s, width, st, p.TextWidth)
}

// TextWidth returns the width of a line of text in units.
func (p *Picture) TextWidth(s string, st Style) float64 {
	w := fixed.Int26_6(0)
	p.glyphs(s, st, func(f *sfnt.Font, g sfnt.GlyphIndex, ppem fixed.Int26_6) {
		w += p.advance(f, g, ppem)
	})
	return float64(w) / 64 / p.scale
}

func (p *Picture) advance(f *sfnt.Font, g sfnt.GlyphIndex, ppem fixed.Int26_6) fixed.Int26_6 {
	a, err := f.GlyphAdvance(&p.buf, g, ppem, font.HintingNone)
	p.fail(err)
	return a
}

func (p *Picture) fail(err error) {
	if p.err == nil && err != nil {
		p.err = err
	}
}

// glyphs calls do for every letter of s.
func (p *Picture) glyphs(s string, st Style, do func(*sfnt.Font, sfnt.GlyphIndex, fixed.Int26_6)) {
	faces := p.fonts.regular
	if st.Bold {
		faces = p.fonts.bold
	}
	ppem := fixed.Int26_6(math.Round(st.Size * p.scale * 64))
	for _, r := range s {
		i := pick(faces, r)
		if i < 0 {
			p.fail(fmt.Errorf("no font has the letter %q (U+%04X) of %q", r, r, s))
			continue
		}
		g, err := faces[i].outlines.GlyphIndex(&p.buf, r)
		p.fail(err)
		do(faces[i].outlines, g, ppem)
	}
}

// line writes one line of text with its baseline at y.
func (p *Picture) line(x, y float64, s string, st Style) {
	size := st.Size * p.scale
	left, base := int(math.Floor(x*p.scale)), int(math.Round(y*p.scale))
	box := image.Rect(left-int(size), base-int(size*1.3), left+int(p.TextWidth(s, st)*p.scale+size)+1, base+int(size*0.5)+1).Intersect(p.img.Bounds())
	if box.Empty() {
		return
	}
	p.ras.Reset(box.Dx(), box.Dy())
	ox, oy := float32(x*p.scale-float64(box.Min.X)), float32(base-box.Min.Y)
	p.glyphs(s, st, func(f *sfnt.Font, g sfnt.GlyphIndex, ppem fixed.Int26_6) {
		segments, err := f.LoadGlyph(&p.buf, g, ppem, nil)
		p.fail(err)
		for _, seg := range segments {
			at := func(i int) (float32, float32) {
				return ox + float32(seg.Args[i].X)/64, oy + float32(seg.Args[i].Y)/64
			}
			switch seg.Op {
			case sfnt.SegmentOpMoveTo:
				p.ras.ClosePath()
				p.ras.MoveTo(at(0))
			case sfnt.SegmentOpLineTo:
				p.ras.LineTo(at(0))
			case sfnt.SegmentOpQuadTo:
				x1, y1 := at(0)
				x2, y2 := at(1)
				p.ras.QuadTo(x1, y1, x2, y2)
			case sfnt.SegmentOpCubeTo:
				x1, y1 := at(0)
				x2, y2 := at(1)
				x3, y3 := at(2)
				p.ras.CubeTo(x1, y1, x2, y2, x3, y3)
			}
		}
		p.ras.ClosePath()
		ox += float32(p.advance(f, g, ppem)) / 64
	})
	p.ras.Draw(p.img, box, rgba(st.Color), image.Point{})
}

// moved is a canvas on a part of a picture.
type moved struct {
	p       *Picture
	x, y, k float64
}

func (m moved) Rect(x, y, w, h float64, fill, stroke string) {
	m.p.Rect(m.x+x*m.k, m.y+y*m.k, w*m.k, h*m.k, fill, stroke)
}

func (m moved) Lines(segments []charts.Segment, stroke string, width float64) {
	out := make([]charts.Segment, len(segments))
	for i, s := range segments {
		out[i] = charts.Segment{X1: m.x + s.X1*m.k, Y1: m.y + s.Y1*m.k, X2: m.x + s.X2*m.k, Y2: m.y + s.Y2*m.k}
	}
	m.p.Lines(out, stroke, width*m.k)
}

func (m moved) Text(x, y, size float64, anchor charts.Anchor, bold bool, fill, text string) {
	m.p.Text(m.x+x*m.k, m.y+y*m.k, size*m.k, anchor, bold, fill, text)
}
