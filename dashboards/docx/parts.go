package docx

import (
	"fmt"
	"strings"
	"time"
)

// part is a file in the file.
type part struct{ name, content string }

const (
	head       = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	namespaces = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"`
	relations  = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
	content    = `application/vnd.openxmlformats-officedocument.wordprocessingml.`
)

func (d *Doc) parts() []part {
	return []part{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", packageRels},
		{"docProps/core.xml", d.core()},
		{"word/document.xml", d.document()},
		{"word/_rels/document.xml.rels", d.documentRels()},
		{"word/styles.xml", d.styles()},
		{"word/numbering.xml", numbering},
		{"word/settings.xml", d.settings()},
		{"word/footnotes.xml", d.footnotes()},
		{"word/_rels/footnotes.xml.rels", relsOf(linksOf(d.links[1]))},
		{"word/footer1.xml", d.footer()},
	}
}

const contentTypes = head + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
	`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>` +
	`<Override PartName="/word/document.xml" ContentType="` + content + `document.main+xml"/>` +
	`<Override PartName="/word/styles.xml" ContentType="` + content + `styles+xml"/>` +
	`<Override PartName="/word/numbering.xml" ContentType="` + content + `numbering+xml"/>` +
	`<Override PartName="/word/settings.xml" ContentType="` + content + `settings+xml"/>` +
	`<Override PartName="/word/footnotes.xml" ContentType="` + content + `footnotes+xml"/>` +
	`<Override PartName="/word/footer1.xml" ContentType="` + content + `footer+xml"/>` +
	`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`

const packageRels = head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
	`<Relationship Id="r1" Type="` + relations + `officeDocument" Target="word/document.xml"/>` +
	`<Relationship Id="r2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`

func (d *Doc) core() string {
	day := ""
	if !d.meta.Date.IsZero() {
		t := d.meta.Date.UTC().Format(time.RFC3339)
		day = fmt.Sprintf(`<dcterms:created xsi:type="dcterms:W3CDTF">%[1]s</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">%[1]s</dcterms:modified>`, t)
	}
	return head + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + esc(d.meta.Title) + `</dc:title><dc:subject>` + esc(d.meta.Subject) + `</dc:subject><dc:creator>hrinvest</dc:creator><dc:language>` + esc(d.meta.Lang) + `</dc:language>` + day + `</cp:coreProperties>`
}

// document is the body, on A4 pages.
func (d *Doc) document() string {
	return head + `<w:document` + namespaces + `><w:body>` + d.body.String() +
		`<w:sectPr><w:footerReference w:type="default" r:id="footer"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="900" w:right="900" w:bottom="900" w:left="900" w:header="450" w:footer="450" w:gutter="0"/></w:sectPr></w:body></w:document>`
}

// Width is the width of the text on a page, in points.
const Width = (11906 - 2*900) / 20.0

func (d *Doc) documentRels() string {
	list := linksOf(d.links[0])
	for _, id := range []string{"styles", "numbering", "settings", "footnotes"} {
		list = append(list, relation{id, relations + id, id + ".xml", ""})
	}
	list = append(list, relation{"footer", relations + "footer", "footer1.xml", ""})
	for i := range d.pictures {
		list = append(list, relation{fmt.Sprintf("picture%d", i+1), relations + "image", fmt.Sprintf("media/picture%d.png", i+1), ""})
	}
	return relsOf(list)
}

type relation struct{ id, kind, target, mode string }

func linksOf(addresses []string) []relation {
	var out []relation
	for i, a := range addresses {
		out = append(out, relation{fmt.Sprintf("link%d", i+1), relations + "hyperlink", a, ` TargetMode="External"`})
	}
	return out
}

func relsOf(list []relation) string {
	var b strings.Builder
	b.WriteString(head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for _, r := range list {
		fmt.Fprintf(&b, `<Relationship Id="%s" Type="%s" Target="%s"%s/>`, r.id, r.kind, esc(r.target), r.mode)
	}
	b.WriteString(`</Relationships>`)
	return b.String()
}

func (d *Doc) footnotes() string {
	return head + `<w:footnotes` + namespaces + `>` +
		`<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>` +
		`<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>` +
		d.notes.String() + `</w:footnotes>`
}

func (d *Doc) settings() string {
	return head + `<w:settings` + namespaces + `><w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="` + esc(d.meta.Lang) + `"/></w:settings>`
}

func (d *Doc) footer() string {
	field := func(name string) string {
		return `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> ` + name + ` </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`
	}
	return head + `<w:ftr` + namespaces + `><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr><w:r><w:t xml:space="preserve">` + esc(d.meta.Footer) + `</w:t></w:r><w:r><w:tab/></w:r>` +
		field("PAGE") + `<w:r><w:t xml:space="preserve"> / </w:t></w:r>` + field("NUMPAGES") + `</w:p></w:ftr>`
}

const numbering = head + `<w:numbering` + namespaces + `><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="hybridMultilevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="284" w:hanging="284"/></w:pPr></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`

// styles are what a word processor lists: a reader changes the look of the whole
// document there. Arial is on most machines and Liberation Sans, of the same
// widths, on the others.
func (d *Doc) styles() string {
	var b strings.Builder
	fmt.Fprintf(&b, `%s<w:styles%s><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="Arial" w:cs="Arial"/><w:color w:val="10171E"/><w:sz w:val="20"/><w:szCs w:val="20"/><w:lang w:val="%[3]s" w:eastAsia="%[3]s" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="80" w:line="252" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>`, head, namespaces, esc(d.meta.Lang))
	paragraph := func(id, name, based, ppr, rpr string, primary bool) {
		quick := ""
		if primary {
			quick = `<w:qFormat/>`
		}
		def := ""
		if id == "Normal" {
			def = ` w:default="1"`
		}
		if based != "" {
			based = `<w:basedOn w:val="` + based + `"/>`
		}
		fmt.Fprintf(&b, `<w:style w:type="paragraph"%s w:styleId="%s"><w:name w:val="%s"/>%s%s<w:pPr>%s</w:pPr><w:rPr>%s</w:rPr></w:style>`, def, id, name, based, quick, ppr, rpr)
	}
	size := func(halfPoints int) string {
		return fmt.Sprintf(`<w:sz w:val="%[1]d"/><w:szCs w:val="%[1]d"/>`, halfPoints)
	}
	const bold, grey = `<w:b/><w:bCs/>`, `<w:color w:val="46515C"/>`
	paragraph("Normal", "Normal", "", "", "", true)
	paragraph("Title", "Title", "Normal", `<w:keepNext/><w:spacing w:after="120"/>`, bold+size(34), true)
	paragraph("Heading1", "heading 1", "Normal", `<w:keepNext/><w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="10171E"/></w:pBdr><w:spacing w:before="240" w:after="100"/><w:outlineLvl w:val="0"/>`, bold+size(24), true)
	paragraph("Lead", "Lead", "Normal", `<w:spacing w:after="100"/>`, bold+size(25), true)
	paragraph("Banner", "Banner", "Normal", `<w:pBdr><w:top w:val="single" w:sz="6" w:space="3" w:color="10171E"/><w:left w:val="single" w:sz="6" w:space="3" w:color="10171E"/><w:bottom w:val="single" w:sz="6" w:space="3" w:color="10171E"/><w:right w:val="single" w:sz="6" w:space="3" w:color="10171E"/></w:pBdr><w:spacing w:after="140"/><w:ind w:left="80" w:right="80"/>`, size(18), true)
	paragraph("Small", "Small", "Normal", `<w:spacing w:after="60"/>`, grey+size(18), true)
	paragraph("Caption", "caption", "Normal", `<w:keepNext/><w:spacing w:after="40"/>`, bold, true)
	paragraph("ListBullet", "List Bullet", "Normal", `<w:numPr><w:numId w:val="1"/></w:numPr><w:spacing w:after="40"/>`, "", true)
	paragraph("TableText", "Table Text", "Normal", `<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/>`, size(18), true)
	paragraph("TableFigure", "Table Figure", "TableText", `<w:jc w:val="right"/>`, "", true)
	paragraph("TableLarge", "Table Large", "TableText", "", bold+size(26), true)
	paragraph("FootnoteText", "footnote text", "Normal", `<w:spacing w:after="0" w:line="240" w:lineRule="auto"/>`, size(16), false)
	paragraph("Footer", "footer", "Normal", fmt.Sprintf(`<w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs><w:spacing w:after="0"/>`, int(Width*20)), grey+size(16), false)
	character := func(id, name, rpr string) {
		fmt.Fprintf(&b, `<w:style w:type="character" w:styleId="%s"><w:name w:val="%s"/><w:rPr>%s</w:rPr></w:style>`, id, name, rpr)
	}
	character("Strong", "Strong", bold)
	character("Qualifier", "Qualifier", grey+size(17))
	character("FootnoteReference", "footnote reference", `<w:vertAlign w:val="superscript"/>`)
	character("Hyperlink", "Hyperlink", `<w:color w:val="1F3F7F"/><w:u w:val="single"/>`)
	b.WriteString(`<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="60" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>`)
	b.WriteString(`<w:style w:type="table" w:styleId="BriefTable"><w:name w:val="Brief Table"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders><w:top w:val="single" w:sz="8" w:space="0" w:color="10171E"/><w:bottom w:val="single" w:sz="4" w:space="0" w:color="46515C"/><w:insideH w:val="single" w:sz="4" w:space="0" w:color="B9C1C9"/></w:tblBorders></w:tblPr><w:tblStylePr w:type="firstRow"><w:rPr><w:b/><w:bCs/></w:rPr><w:tcPr><w:tcBorders><w:bottom w:val="single" w:sz="6" w:space="0" w:color="10171E"/></w:tcBorders></w:tcPr></w:tblStylePr></w:style>`)
	b.WriteString(`</w:styles>`)
	return b.String()
}
