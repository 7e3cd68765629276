package dashboards

import (
	"bytes"
	"strings"
)

// Tables of the class cards are stacked on phones: cells one below the other. Some
// browsers then no longer tell readers of the screen that there is a table, so that
// every part of one says what it is.
var (
	cards     = []byte(`<table class="`)
	cardsEnd  = []byte("</table>")
	tableRole = strings.NewReplacer(
		`<table class="`, `<table role="table" class="`, "<thead>", `<thead role="rowgroup">`, "<tbody>", `<tbody role="rowgroup">`,
		"<tr>", `<tr role="row">`, "<tr ", `<tr role="row" `, `<th scope="col"`, `<th role="columnheader" scope="col"`, `<th scope="row"`, `<th role="rowheader" scope="row"`,
		"<td>", `<td role="cell">`, "<td ", `<td role="cell" `)
)

// withRoles gives the parts of stacked tables their roles. Texts of a page hold no
// "<": the templates write it as an entity.
func withRoles(page []byte) []byte {
	var out bytes.Buffer
	for {
		at := bytes.Index(page, cards)
		if at < 0 {
			break
		}
		end := bytes.Index(page[at:], cardsEnd)
		if end < 0 {
			break
		}
		end += at
		table := string(page[at:end])
		class, _, _ := strings.Cut(table[len(cards):], `"`)
		if contains(strings.Fields(class), "cards") {
			table = tableRole.Replace(table)
		}
		out.Write(page[:at])
		out.WriteString(table)
		page = page[end:]
	}
	out.Write(page)
	return out.Bytes()
}
