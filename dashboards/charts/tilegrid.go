package charts

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
)

// TileGrid shows countries as equal tiles, roughly where they lie: it has no
// borders and takes no side in any, and a small country is as visible as a
// large one. What a tile says is text; its colour and hatching repeat the class.
type TileGrid struct {
	Width   float64 // units; 0: 420
	Tiles   []Tile
	Classes []Class // what tiles are told apart by, in the order of the legend
}

// Tile is one country.
type Tile struct {
	Column, Row int    // from 0, at the upper left
	Label       string // short: a code
	Note        string // a second line, smaller; "": none
	Class       int    // of TileGrid.Classes
	// Link is where the tile leads, and Title what is said of it to those who
	// point at it or hear it. Surfaces without links leave both out.
	Link, Title string
}

// Class is what several tiles have in common.
type Class struct {
	Label string
	Look  Look
}

// Linker is a Canvas on which a part of the drawing can lead somewhere.
type Linker interface {
	Link(href, title string, draw func())
}

const tileGap = 3.0

func (g *TileGrid) width() float64 {
	if g.Width == 0 {
		return 420
	}
	return g.Width
}

// side is the width and height of a tile.
func (g *TileGrid) side() float64 {
	columns := 1
	for _, t := range g.Tiles {
		columns = max(columns, t.Column+1)
	}
	return (g.width() - float64(columns-1)*tileGap) / float64(columns)
}

// Height returns the height of the drawing.
func (g *TileGrid) Height() float64 { return g.below() + float64(len(g.Classes))*19 + 4 }

// below is the y under the last row of tiles.
func (g *TileGrid) below() float64 {
	rows := 0
	for _, t := range g.Tiles {
		rows = max(rows, t.Row+1)
	}
	return float64(rows)*(g.side()+tileGap) + 6
}

// Draw draws the grid with its upper left corner at 0, 0.
func (g *TileGrid) Draw(c Canvas) {
	linker, links := c.(Linker)
	for _, t := range g.Tiles {
		draw := func() { g.tile(c, t) }
		if links && t.Link != "" {
			linker.Link(t.Link, t.Title, draw)
			continue
		}
		draw()
	}
	legend(c, g.below(), g.Classes)
}

func (g *TileGrid) tile(c Canvas, t Tile) {
	side := g.side()
	x, y := float64(t.Column)*(side+tileGap), float64(t.Row)*(side+tileGap)
	look := g.Classes[t.Class].Look
	swatch(c, x, y, side, side, look, false)
	// Letters stand on a plain strip: hatching behind them would cost contrast.
	size, note := side*0.32, side*0.21
	lines := size * 1.25
	if t.Note != "" {
		lines += note * 1.25
	}
	top := y + (side-lines)/2
	c.Rect(x+2, top, side-4, lines, look.Fill, "")
	c.Text(x+side/2, top+size, size, Middle, true, ink, t.Label)
	if t.Note != "" {
		c.Text(x+side/2, top+size*1.25+note*0.9, note, Middle, false, ink, t.Note)
	}
}

// legend writes one line for each class, from y down.
func legend(c Canvas, y float64, classes []Class) {
	for _, k := range classes {
		swatch(c, 0.5, y+2, 22, 12, k.Look, false)
		c.Text(30, y+12, fontSize-0.5, Start, false, ink, k.Label)
		y += 19
	}
}

//go:embed tilegrid.csv
var placesCSV string

// Place is where the tile of a country lies.
type Place struct{ Column, Row int }

// Places are the tiles of the countries of Central and Eastern Europe and Central
// Asia, by ISO 3166-1 alpha-3 code.
func Places() (map[string]Place, error) {
	records, err := csv.NewReader(strings.NewReader(placesCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading places of tiles: %w", err)
	}
	out := map[string]Place{}
	for _, r := range records[1:] {
		column, err := strconv.Atoi(r[1])
		if err != nil {
			return nil, fmt.Errorf("reading place of tile %s: %w", r[0], err)
		}
		row, err := strconv.Atoi(r[2])
		if err != nil {
			return nil, fmt.Errorf("reading place of tile %s: %w", r[0], err)
		}
		out[r[0]] = Place{column, row}
	}
	return out, nil
}
