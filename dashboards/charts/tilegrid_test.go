package charts

import (
	"strings"
	"testing"
)

func grid(t *testing.T) *TileGrid {
	t.Helper()
	places, err := Places()
	if err != nil {
		t.Fatal(err)
	}
	return &TileGrid{
		Classes: []Class{{"reported", Look{"#9fd3c7", "#14594b", Solid}}, {"not known", Look{"#ffffff", "#49525c", Sparse}}},
		Tiles: []Tile{
			{Column: places["KGZ"].Column, Row: places["KGZ"].Row, Label: "KG", Note: "2018", Link: "/en/country/KGZ", Title: "Kyrgyzstan: 2018"},
			{Column: places["ALB"].Column, Row: places["ALB"].Row, Label: "AL", Class: 1, Link: "/en/country/ALB?a=1&b=2", Title: "Albania: <not known>"},
		},
	}
}

// No two countries share a tile.
func TestPlacesAreFree(t *testing.T) {
	places, err := Places()
	if err != nil {
		t.Fatal(err)
	}
	taken := map[Place]string{}
	for iso, p := range places {
		if other := taken[p]; other != "" {
			t.Errorf("%s and %s share the tile %v", iso, other, p)
		}
		taken[p] = iso
	}
	if len(places) < 29 {
		t.Errorf("%d places", len(places))
	}
}

// Tiles are links where the surface has them, and stay inside the drawing.
func TestTileGrid(t *testing.T) {
	g := grid(t)
	golden(t, "tilegrid.svg", g.Draw, g.width(), g.Height())
	var r recorder
	g.Draw(&r)
	for _, b := range r.rects {
		if b[0] < 0 || b[1] < 0 || b[0]+b[2] > g.width()+0.01 || b[1]+b[3] > g.Height() {
			t.Errorf("%v is outside %g x %g", b, g.width(), g.Height())
		}
	}
	if got := strings.Join(r.texts, "|"); got != "KG|2018|AL|reported|not known" {
		t.Errorf("texts %q", got)
	}
}
