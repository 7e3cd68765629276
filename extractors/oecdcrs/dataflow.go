package oecdcrs

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// dataflow is what OECD says of the system: the files there are, with the stamp
// of their edition, and how a question to the interface is put.
type dataflow struct {
	version    string
	files      map[string]dataFile // by label, its stamp taken off
	dimensions []string            // of the interface; nil: not asked for
}

// dataFile is a file to download.
type dataFile struct{ url, stamp string }

// dimensions of a question to the interface, in their order. OECD has added one
// in the middle of another data set without a word: a question put in the old
// order then means something else.
var dimensions = []string{
	"DONOR", "RECIPIENT", "SECTOR", "MEASURE", "CHANNEL", "MODALITY", "FLOW_TYPE", "PRICE_BASE", "MD_DIM", "MD_ID", "UNIT_MEASURE",
}

// dataStructure is the definition that names them.
const dataStructure = "DSD_CRS"

// stamp ends a label: CRS-reduced-parquet-v20260803, and -2 for the second of a day.
var stamp = regexp.MustCompile(`-v(\d{8}(?:-\d+)?)$`)

// readDataflow reads a structure message. Files stand in annotations of type
// EXT_RESOURCE, whose text is "LABEL-vYYYYMMDD|ADDRESS", perhaps with an icon
// behind another bar; of several languages the English one is read.
func readDataflow(r io.Reader) (*dataflow, error) {
	f := &dataflow{files: map[string]dataFile{}}
	d := xml.NewDecoder(r)
	var inStructure bool
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the description of the data: %w", err)
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "Dataflow":
			f.version = attr(start, "version")
		case "DataStructure":
			inStructure = attr(start, "id") == dataStructure
		case "Dimension":
			if id := attr(start, "id"); inStructure && id != "" {
				f.dimensions = append(f.dimensions, id)
			}
		case "Annotation":
			var a annotation
			if err := d.DecodeElement(&a, &start); err != nil {
				return nil, fmt.Errorf("reading the description of the data: %w", err)
			}
			f.note(a)
		}
	}
}

type annotation struct {
	Type  string `xml:"AnnotationType"`
	Texts []struct {
		Lang string `xml:"lang,attr"`
		Text string `xml:",chardata"`
	} `xml:"AnnotationText"`
}

// note takes a file from an annotation. Of several editions the newest counts.
func (f *dataflow) note(a annotation) {
	if strings.TrimSpace(a.Type) != "EXT_RESOURCE" {
		return
	}
	for _, t := range a.Texts {
		if t.Lang != "en" && t.Lang != "" {
			continue
		}
		parts := strings.Split(strings.TrimSpace(t.Text), "|")
		if len(parts) < 2 {
			continue
		}
		label, file := strings.TrimSpace(parts[0]), dataFile{url: strings.TrimSpace(parts[1])}
		if m := stamp.FindStringSubmatch(label); m != nil {
			label, file.stamp = strings.TrimSuffix(label, m[0]), m[1]
		}
		if old, ok := f.files[label]; !ok || newer(file.stamp, old.stamp) {
			f.files[label] = file
		}
	}
}

// newer compares stamps: 20260803-10 is newer than 20260803-2.
func newer(a, b string) bool {
	day, n := cutStamp(a)
	otherDay, m := cutStamp(b)
	return day > otherDay || day == otherDay && n > m
}

func cutStamp(s string) (day string, n int) {
	day, tail, _ := strings.Cut(s, "-")
	n, err := strconv.Atoi(tail)
	if err != nil {
		return day, 0
	}
	return day, n
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// labels lists the files there are, for messages.
func (f *dataflow) labels() string {
	var out []string
	for l := range f.files {
		out = append(out, l)
	}
	slices.Sort(out)
	return clip(strings.Join(out, ", "), 300)
}

// address checks an address that OECD gives, and writes blanks in it as an
// address has to: only OECD's own hosts are asked.
func address(given string) (string, error) {
	u, err := url.Parse(strings.ReplaceAll(given, " ", "%20"))
	if err != nil {
		return "", fmt.Errorf("%q is no address: %w", given, err)
	}
	if u.Scheme != "https" || !strings.HasSuffix(u.Hostname(), ".oecd.org") || u.User != nil {
		return "", fmt.Errorf("%q does not lead to OECD", given)
	}
	return u.String(), nil
}

// yearLabel is the label of a year's file: CRS 2022 (dotStat format), CRS 2004-05
// (dotStat format).
var yearLabel = regexp.MustCompile(`^CRS (\d{4})(?:-(\d{2}))? \(dotStat format\)$`)

// yearFile is a file of one year, or of a few that are grouped.
type yearFile struct {
	label    string
	from, to int
}

// years lists the files that have years from first on, oldest first.
func (f *dataflow) years(first int) (out []yearFile) {
	for label := range f.files {
		m := yearLabel.FindStringSubmatch(label)
		if m == nil {
			continue
		}
		from, err := strconv.Atoi(m[1])
		if err != nil {
			continue
		}
		to := from
		if m[2] != "" {
			end, err := strconv.Atoi(m[2])
			if err != nil {
				continue
			}
			to = from - from%100 + end
		}
		if to >= first {
			out = append(out, yearFile{label, from, to})
		}
	}
	slices.SortFunc(out, func(a, b yearFile) int { return a.from - b.from })
	return out
}
