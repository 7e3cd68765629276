package oecdcrs

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// report is a row of the system, by the names of the year files. Everything in
// the reports of these tests is invented.
type report map[string]string

// header are the columns of a year file, as far as OECD's readers name them.
var header = strings.Fields(`Year DonorCode DEDonorcode DonorName AgencyCode AgencyName CrsID ProjectNumber InitialReport RecipientCode
	DERecipientcode RecipientName RegionCode DERegioncode RegionName IncomegroupCode DEIncomegroupcode IncomegroupName LDCflag LDCflagName
	FlowCode FlowName Bi_Multi Category Finance_t Aid_t USD_Commitment USD_Disbursement USD_Received USD_Commitment_Defl
	USD_Disbursement_Defl USD_Received_Defl USD_Adjustment CurrencyCode Commitment_National Disbursement_National PSIflag
	ShortDescription ProjectTitle PurposeCode PurposeName SectorCode SectorName ChannelCode ChannelName ChannelReportedName
	ParentChannelCode Geography SDGfocus Keywords LongDescription Gender Interest1`)

// grant is a plain report; pairs of column and value change it.
func grant(pairs ...string) report {
	r := report{
		"Year": "2021", "DonorCode": "5", "DEDonorcode": "DEU", "DonorName": "Germany", "AgencyCode": "2", "AgencyName": "Invented Ministry",
		"CrsID": "2021000017", "ProjectNumber": "INV-17", "RecipientCode": "614", "DERecipientcode": "KGZ", "RecipientName": "Kyrgyzstan",
		"RegionName": "South & Central Asia", "IncomegroupName": "LMICs", "LDCflag": "0", "FlowCode": "11", "FlowName": "ODA Grants",
		"Bi_Multi": "1", "Category": "10", "Finance_t": "110", "Aid_t": "C01", "USD_Commitment": "0.5", "USD_Disbursement": "0.087207",
		"USD_Commitment_Defl": "0.6", "USD_Disbursement_Defl": "0.09", "ShortDescription": "AN INVENTED ACTIVITY",
		"ProjectTitle": "An invented activity", "PurposeCode": "13040", "PurposeName": "STD control including HIV/AIDS",
		"ChannelCode": "23000", "ChannelName": "Developing country-based NGO", "ParentChannelCode": "20000", "SDGfocus": "3.3",
		"LongDescription": "Words that describe the invented activity.", "Interest1": "04216",
	}
	for i := 0; i < len(pairs); i += 2 {
		r[pairs[i]] = pairs[i+1]
	}
	return r
}

// table writes a year file. Texts are quoted, as far as they need it.
func table(columns []string, reports ...report) []byte {
	var b bytes.Buffer
	b.WriteString(strings.Join(columns, "|") + "\r\n")
	for _, r := range reports {
		for i, c := range columns {
			if i > 0 {
				b.WriteByte('|')
			}
			v := r[c]
			if strings.ContainsAny(v, "|\"\n") {
				v = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
			}
			b.WriteString(v)
		}
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

// archive packs one file.
func archive(t testing.TB, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// packedBy makes an archive whose one file says it is packed by a method.
func packedBy(t testing.TB, name string, method uint16, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: name, Method: method, CRC32: crc32.ChecksumIEEE(content),
		CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content)),
	})
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// snake is a column's name in the Parquet files: USD_Commitment, PurposeCode,
// SDGfocus become usd_commitment, purpose_code, sd_gfocus.
func snake(name string) string {
	switch name {
	case "SDGfocus":
		return "sd_gfocus"
	case "LDCflag":
		return "ld_cflag"
	case "PSIflag":
		return "ps_iflag"
	case "IncomegroupName":
		return "incomegoup_name"
	case "CrsID":
		return "crs_id"
	}
	var b strings.Builder
	for i, r := range name {
		upper := r >= 'A' && r <= 'Z'
		if upper && i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z' {
			b.WriteByte('_')
		}
		b.WriteString(strings.ToLower(string(r)))
	}
	return b.String()
}

// parquetShape says how a Parquet fixture is written.
type parquetShape struct {
	columns  []string
	types    map[string]parquet.Type // int32, int64, double, float, byte array (default)
	decimals map[string]int          // scale of columns of type decimal in 16 bytes
	group    int                     // rows of a row group; 0: all
	plain    bool                    // no dictionaries
	required map[string]bool         // columns that cannot be null
	codec    compress.Compression
	page     int64 // bytes; 0: as usual
}

// usual is how the real files are believed to be typed: codes and years as whole
// numbers, sums as floating point.
func usual() parquetShape {
	s := parquetShape{columns: header, types: map[string]parquet.Type{}, group: 100, codec: compress.Codecs.Snappy}
	for _, c := range header {
		switch {
		case c == "Year" || strings.HasSuffix(c, "Code") && c != "CurrencyCode" || c == "Bi_Multi" || c == "Category" || c == "Finance_t":
			s.types[c] = parquet.Types.Int32
		case strings.HasPrefix(c, "USD_"):
			s.types[c] = parquet.Types.Double
		}
	}
	return s
}

// parquetFile writes reports as a Parquet file.
func parquetFile(t testing.TB, s parquetShape, reports ...report) []byte {
	t.Helper()
	var b bytes.Buffer
	writeParquet(t, &b, s, len(reports), func(i int) report { return reports[i] })
	return b.Bytes()
}

func writeParquet(t testing.TB, w io.Writer, s parquetShape, n int, at func(int) report) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var nodes schema.FieldList
	for _, c := range s.columns {
		rep := parquet.Repetitions.Optional
		if s.required[c] {
			rep = parquet.Repetitions.Required
		}
		typ, known := s.types[c]
		var node schema.Node
		var err error
		switch {
		case s.decimals[c] > 0:
			node, err = schema.NewPrimitiveNodeLogical(snake(c), rep, schema.NewDecimalLogicalType(30, int32(s.decimals[c])), parquet.Types.FixedLenByteArray, 16, -1)
		case !known || typ == parquet.Types.ByteArray:
			node, err = schema.NewPrimitiveNodeLogical(snake(c), rep, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
		default:
			node, err = schema.NewPrimitiveNode(snake(c), rep, typ, -1, -1)
		}
		check(err)
		nodes = append(nodes, node)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, nodes, -1)
	check(err)
	opts := []parquet.WriterProperty{parquet.WithDictionaryDefault(!s.plain), parquet.WithCompression(s.codec)}
	if s.page > 0 {
		opts = append(opts, parquet.WithDataPageSize(s.page))
	}
	out := file.NewParquetWriter(w, root, file.WithWriterProps(parquet.NewWriterProperties(opts...)))
	size := s.group
	if size == 0 {
		size = n
	}
	for from := 0; from < n; from += size {
		to := min(from+size, n)
		reports := make([]report, 0, to-from)
		for i := from; i < to; i++ {
			reports = append(reports, at(i))
		}
		g := out.AppendRowGroup()
		for _, c := range s.columns {
			cw, err := g.NextColumn()
			check(err)
			check(writeColumn(cw, c, s, reports))
			check(cw.Close())
		}
		check(g.Close())
	}
	check(out.Close())
}

func writeColumn(w file.ColumnChunkWriter, name string, s parquetShape, reports []report) error {
	var levels []int16
	var values []string
	for _, r := range reports {
		v := r[name]
		level := int16(1)
		if v == "" && !s.required[name] {
			level = 0
		} else {
			values = append(values, v)
		}
		levels = append(levels, level)
	}
	if s.required[name] {
		levels = nil
	}
	var err error
	switch w := w.(type) {
	case *file.Int32ColumnChunkWriter:
		_, err = w.WriteBatch(numbers(values, func(n int64) int32 { return int32(n) }), levels, nil)
	case *file.Int64ColumnChunkWriter:
		_, err = w.WriteBatch(numbers(values, func(n int64) int64 { return n }), levels, nil)
	case *file.Float64ColumnChunkWriter:
		_, err = w.WriteBatch(floats(values), levels, nil)
	case *file.ByteArrayColumnChunkWriter:
		out := make([]parquet.ByteArray, len(values))
		for i, v := range values {
			out[i] = parquet.ByteArray(v)
		}
		_, err = w.WriteBatch(out, levels, nil)
	case *file.FixedLenByteArrayColumnChunkWriter:
		out := make([]parquet.FixedLenByteArray, len(values))
		for i, v := range values {
			out[i] = bigEndian(v, s.decimals[name])
		}
		_, err = w.WriteBatch(out, levels, nil)
	default:
		err = fmt.Errorf("no fixture of %T", w)
	}
	return err
}

func numbers[T any](values []string, as func(int64) T) []T {
	out := make([]T, len(values))
	for i, v := range values {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			panic(err)
		}
		out[i] = as(n)
	}
	return out
}

func floats(values []string) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			panic(err)
		}
		out[i] = f
	}
	return out
}

// bigEndian is a decimal of a scale in 16 bytes, two's complement.
func bigEndian(v string, scale int) []byte {
	text, _ := shift(v, scale)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(err)
	}
	out := make([]byte, 16)
	for i := range 16 {
		if i < 8 {
			out[i] = byte(n >> 63)
		} else {
			out[i] = byte(n >> (8 * (15 - i)))
		}
	}
	return out
}

// sdmxHeader are columns of an answer with labels.
var sdmxHeader = []string{
	"STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "DONOR", "Donor", "RECIPIENT", "Recipient", "SECTOR", "Sector", "MEASURE", "Measure",
	"CHANNEL", "Channel", "MODALITY", "Modality", "FLOW_TYPE", "Flow type", "PRICE_BASE", "Price base", "MD_DIM", "Drilldown dimension",
	"MD_ID", "Microdata ID", "UNIT_MEASURE", "Unit of measure", "TIME_PERIOD", "Time period", "OBS_VALUE", "Observation value", "BASE_PER",
	"Base period", "OBS_STATUS", "Observation status", "UNIT_MULT", "Unit multiplier", "DONOR_AGENCY", "Donor agency", "OECD_ID", "OECD ID",
	"DONOR_PROJECT_ID", "Donor project ID", "REGION", "Region", "INCOME_GROUP", "Income group", "CHANNELDELIVERY_CODE",
	"Channel of delivery code", "CHANNELDELIVERY_NAME", "Channel of delivery name", "CATEGORY_CODE", "FINANCETYPE_CODE", "BIMULTI_CODE",
	"SHORT_DESCRIPTION", "PROJECT_TITLE", "LONG_DESCRIPTION", "SDG_FOCUS", "RMNCH", "RMNCH", "NATURE_OF_SUBMISSION",
}

// answer is a row of the interface; pairs of column and value change it.
func answer(pairs ...string) report {
	r := report{
		"STRUCTURE": "DATAFLOW", "STRUCTURE_ID": "OECD.DCD.FSD:DSD_CRS@DF_CRS(1.6)", "ACTION": "I", "DONOR": "DEU", "Donor": "Germany",
		"RECIPIENT": "KGZ", "Recipient": "Kyrgyzstan", "SECTOR": "13040", "Sector": "STD control including HIV/AIDS", "MEASURE": "11",
		"Measure": "ODA Grants", "CHANNEL": "20000", "MODALITY": "C01", "FLOW_TYPE": "D", "Flow type": "Disbursements", "PRICE_BASE": "V",
		"Price base": "Current prices", "MD_DIM": "DD", "MD_ID": "20000017", "UNIT_MEASURE": "USD", "TIME_PERIOD": "2021", "OBS_VALUE": "0.087207",
		"BASE_PER": "_Z", "UNIT_MULT": "6", "DONOR_AGENCY": "DEU_2", "Donor agency": "Invented Ministry", "OECD_ID": "2021000017",
		"DONOR_PROJECT_ID": "INV-17", "CHANNELDELIVERY_CODE": "23000", "CHANNELDELIVERY_NAME": "Developing country-based NGO",
		"CATEGORY_CODE": "10", "FINANCETYPE_CODE": "110", "BIMULTI_CODE": "1", "SHORT_DESCRIPTION": "AN INVENTED ACTIVITY",
		"PROJECT_TITLE": "An invented activity", "LONG_DESCRIPTION": "Words that describe the invented activity.", "SDG_FOCUS": "_Z",
		"NATURE_OF_SUBMISSION": "1",
	}
	for i := 0; i < len(pairs); i += 2 {
		r[pairs[i]] = pairs[i+1]
	}
	return r
}

func answers(reports ...report) []byte {
	var b bytes.Buffer
	line := func(cells []string) {
		for i, v := range cells {
			if i > 0 {
				b.WriteByte(',')
			}
			if strings.ContainsAny(v, ",\"\n") {
				v = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
			}
			b.WriteString(v)
		}
		b.WriteByte('\n')
	}
	line(sdmxHeader)
	for _, r := range reports {
		cells := make([]string, len(sdmxHeader))
		for i, c := range sdmxHeader {
			cells[i] = r[c]
		}
		line(cells)
	}
	return b.Bytes()
}

// many makes n reports, deterministic: purposes in and out of scope, donors,
// recipients, years, sums of both kinds.
func many(n int) []report {
	out := make([]report, n)
	for i := range out {
		out[i] = nth(i)
	}
	return out
}

func nth(i int) report {
	pick := func(list []string, salt int) string { return list[(i*7+i/5+salt)%len(list)] }
	donor := pick([]string{"5 Germany", "302 United States", "1312 Global Fund", "7 Netherlands", "1643 Open Society Foundations"}, 0)
	code, name, _ := strings.Cut(donor, " ")
	recipient := pick([]string{"614 Kyrgyzstan", "85 Ukraine", "93 Moldova", "89 Europe, regional", "998 Developing countries, unspecified"}, 1)
	rcode, rname, _ := strings.Cut(recipient, " ")
	purpose := pick([]string{"13040", "16040", "12220", "16064", "12330", "31110", "16063", "15160", "43010", "13040", "51010"}, 2)
	title := fmt.Sprintf("Invented activity %d", i)
	if i%4 == 0 {
		title = fmt.Sprintf("Invented harm reduction activity %d", i)
	}
	return grant("Year", strconv.Itoa(2015+i%9), "DonorCode", code, "DonorName", name, "RecipientCode", rcode, "RecipientName", rname,
		"PurposeCode", purpose, "CrsID", fmt.Sprintf("%d%06d", 2015+i%9, i/3), "ProjectNumber", fmt.Sprintf("INV-%d", i/3),
		"ProjectTitle", title, "ShortDescription", strings.ToUpper(title), "LongDescription", title+", described in more words than it needs.",
		"USD_Commitment", strconv.FormatFloat(float64(i%900)/1000, 'f', -1, 64), "USD_Disbursement", strconv.FormatFloat(float64(i%700+1)/1000, 'f', -1, 64))
}

// only keeps some columns.
func only(columns ...string) []string {
	return slices.DeleteFunc(slices.Clone(header), func(c string) bool { return !slices.Contains(columns, c) })
}

// without drops some columns.
func without(columns ...string) []string {
	return slices.DeleteFunc(slices.Clone(header), func(c string) bool { return slices.Contains(columns, c) })
}
