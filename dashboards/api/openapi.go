package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hrinvest/dashboards"
	"hrinvest/warehouse"
)

// object is a JSON object. encoding/json writes its members by name.
type object = map[string]any

// document is the OpenAPI document of a release: columns come from its tables.
type document struct {
	release string
	body    []byte
}

func (s *Server) openAPI(c *call) (*reply, error) {
	if err := parameters(c.URL.Query()); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.document == nil || s.document.release != c.rel.ID {
		d, err := s.describe(c.Context(), c.db)
		if err != nil {
			return nil, err
		}
		b, err := json.MarshalIndent(d, "", " ")
		if err != nil {
			return nil, err
		}
		s.document = &document{c.rel.ID, b}
	}
	return &reply{body: s.document.body, kind: "application/vnd.oai.openapi+json;version=3.1"}, nil
}

// describe makes the document from the headers of the questions and the columns
// of their answers.
func (s *Server) describe(ctx context.Context, db *warehouse.DB) (object, error) {
	docs, err := columnDocs(ctx, db)
	if err != nil {
		return nil, err
	}
	paths, schemas := object{}, fixedSchemas()
	for _, q := range s.queries {
		columns, err := db.Columns(ctx, q.Name)
		if err != nil {
			return nil, err
		}
		members := object{}
		for _, col := range columns {
			members[col.Name] = valueSchema(col.Type, cmp.Or(col.Doc, docs.of(q, col.Name)))
		}
		schemas[q.Name] = object{"type": "object", "description": q.Doc, "properties": members, "required": names(columns), "additionalProperties": false}
		schemas[q.Name+"_page"] = object{"type": "object", "additionalProperties": false, "required": []string{"release", "query", "data", "next"}, "properties": object{
			"release": ref("release"),
			"query":   object{"const": q.Name},
			"data":    object{"type": "array", "items": ref(q.Name)},
			"next":    object{"type": []string{"string", "null"}, "description": "Address of the next page; null: this is the last."},
		}}
		get := operation(q.Name, q.Doc, s.queryParameters(q), q.Name+"_page", true)
		paths[root+"/query/"+q.Name] = object{"get": get}
		if slices.Contains(resources(), q.Name) {
			paths[root+"/"+q.Name] = object{"get": operation(q.Name+"_resource", q.Doc, s.queryParameters(q), q.Name+"_page", true)}
		}
	}
	paths[root+"/"] = object{"get": operation("index", "Where everything is.", nil, "index", false)}
	paths[root+"/queries"] = object{"get": operation("queries", "The named questions with their parameters.", nil, "queries", false)}
	paths[root+"/problems"] = object{"get": operation("problems", "The problems there can be.", nil, "problems", false)}
	paths[root+"/openapi.json"] = object{"get": object{"operationId": "openapi", "summary": "This document.", "responses": object{
		"200": object{"description": "OpenAPI 3.1", "content": object{"application/vnd.oai.openapi+json;version=3.1": object{"schema": object{"type": "object"}}}},
		"304": object{"description": "What If-None-Match names is still current."},
	}}}
	paths[root+"/brief/{country}"] = object{"get": operation("brief", "Every number of a country's brief, as page and PDF have them.", []object{
		{"name": "country", "in": "path", "required": true, "description": "ISO 3166-1 alpha-3 code.", "schema": object{"type": "string"}},
		inQuery("lang", "Language of the words.", object{"type": "string", "enum": []string{"en", "ru"}, "default": "en"}, false),
		asOf(),
	}, "brief", false)}
	if s.cfg.SQL != nil {
		paths[root+"/sql"] = s.sqlPath()
	}
	return object{
		"openapi": "3.1.0",
		"info": object{
			"title":   "hrinvest",
			"version": fmt.Sprintf("1.%d", warehouse.ContractVersion),
			"description": "Money for harm reduction, as donors and governments disclose it, against what was promised. " +
				"Numbers are exact decimals: read them as decimals where sums must agree to the cent. null is a value that is not there, never 0; " +
				"where a column status stands beside it, that says why. Kinds of money are never added together. " +
				"A cursor belongs to a release: when another is published the answer to it is 410, and the walk starts again.",
			"license": object{"name": "Data: licences of the sources, " + root + "/sources"},
		},
		"servers":    []object{{"url": "/"}},
		"paths":      paths,
		"components": object{"schemas": schemas},
	}, nil
}

func ref(schema string) object { return object{"$ref": "#/components/schemas/" + schema} }

func inQuery(name, doc string, schema object, required bool) object {
	return object{"name": name, "in": "query", "required": required, "description": doc, "schema": schema}
}

func (s *Server) queryParameters(q warehouse.Query) []object {
	out := []object{}
	for _, p := range offered(q) {
		schema := object{"text": object{"type": "string"}, "int": object{"type": "integer"}, "bool": object{"type": "boolean"}, "date": object{"type": "string", "format": "date"}}[p.Type]
		out = append(out, inQuery(p.Name, p.Doc, schema.(object), p.Required))
	}
	return append(out,
		inQuery("limit", "Rows of a page.", object{"type": "integer", "minimum": 1, "maximum": maxLimit, "default": defaultLimit}, false),
		inQuery("cursor", "Where the page starts, as next has it.", object{"type": "string"}, false),
		inQuery("format", "csv is the whole answer as a file.", object{"type": "string", "enum": []string{"json", "csv"}, "default": "json"}, false),
		inQuery("excel", "ru: CSV that Excel opens with Russian settings.", object{"type": "string", "enum": []string{"ru"}}, false),
		asOf(),
	)
}

func asOf() object {
	return inQuery(dashboards.AsOfParam, "Answer from an earlier release, by its id, or by a day (UTC, 2026-11-23) for the one that was newest at its end: what was known then. Only releases that are kept can be asked.", object{"type": "string"}, false)
}

func operation(id, doc string, params []object, schema string, file bool) object {
	content := object{"application/json": object{"schema": ref(schema)}}
	if file {
		content["text/csv"] = object{"schema": object{"type": "string"}}
	}
	summary, _, _ := strings.Cut(doc, "\n")
	o := object{"operationId": id, "summary": summary, "description": doc, "responses": object{
		"200":     object{"description": "The answer.", "content": content, "headers": object{"ETag": object{"schema": object{"type": "string"}}}},
		"304":     object{"description": "What If-None-Match names is still current."},
		"default": object{"description": "A problem (RFC 9457).", "content": object{"application/problem+json": object{"schema": ref("problem")}}},
	}}
	if params != nil {
		o["parameters"] = params
	}
	return o
}

func (s *Server) sqlPath() object {
	const doc = "One SELECT over the tables and views of the release (also WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN). It runs in a process of its own with limits " +
		"on time, memory, rows and bytes. DECIMAL / DECIMAL is floating point in DuckDB: pct(a, b) and fraction(a, b) are exact."
	format := []object{
		inQuery("format", "", object{"type": "string", "enum": []string{"json", "csv"}, "default": "json"}, false),
		inQuery("excel", "ru: CSV that Excel opens with Russian settings.", object{"type": "string", "enum": []string{"ru"}}, false),
		asOf(),
	}
	get := operation("sql", doc, append([]object{inQuery("q", "The statement.", object{"type": "string"}, true)}, format...), "table", true)
	post := operation("sql_post", doc, format, "table", true)
	post["requestBody"] = object{"required": true, "description": "The statement.", "content": object{
		"text/plain": object{"schema": object{"type": "string"}}, "application/sql": object{"schema": object{"type": "string"}}}}
	return object{"get": get, "post": post}
}

// valueSchema is the JSON of a DuckDB type. Any value may be absent.
func valueSchema(typ, doc string) object {
	base, _, _ := strings.Cut(typ, "(")
	s := object{"type": []string{"string", "null"}}
	switch base {
	case "BOOLEAN":
		s["type"] = []string{"boolean", "null"}
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT":
		s["type"] = []string{"integer", "null"}
	case "DECIMAL":
		s["type"] = []string{"number", "null"}
		doc = strings.TrimSpace(doc + " Exact decimal, " + typ + ".")
	case "DATE":
		s["format"] = "date"
	case "TIMESTAMP":
		// a time at midnight is written as its day
		doc = strings.TrimSpace(doc + " UTC.")
	}
	if doc != "" {
		s["description"] = doc
	}
	return s
}

func fixedSchemas() object {
	text, texts := object{"type": "string"}, object{"type": "array", "items": object{"type": "string"}}
	closed := func(members object, optional ...string) object {
		required := []string{}
		for name := range members {
			if !slices.Contains(optional, name) {
				required = append(required, name)
			}
		}
		slices.Sort(required)
		return object{"type": "object", "properties": members, "required": required, "additionalProperties": false}
	}
	number := object{"type": []string{"number", "null"}}
	list := func(items object) object { return object{"type": "array", "items": items} }
	return object{
		"release": closed(object{"id": text, "built_at": object{"type": "string", "format": "date-time"},
			"cutoff": object{"type": "string", "description": "Newest date the data speak of."},
			"origin": object{"type": "string", "description": "live, given, bundled: the origins of its documents, blank-separated."},
			"notes":  object{"type": "array", "items": text, "description": "What a reader must know of the release: bundled or stale data."}}),
		"problem":  closed(object{"type": text, "title": text, "status": object{"type": "integer"}, "detail": text, "parameter": text}, "detail", "parameter"),
		"problems": list(closed(object{"id": text, "status": object{"type": "integer"}, "title": text})),
		"index":    closed(object{"release": ref("release"), "links": object{"type": "object", "additionalProperties": text}}),
		"queries": closed(object{"release": ref("release"), "data": list(closed(object{"name": text, "address": text, "doc": text, "question": object{"type": "integer"},
			"parameters": list(closed(object{"name": text, "type": text, "required": object{"type": "boolean"}, "doc": text}))}, "question"))}),
		"table": closed(object{"release": ref("release"), "columns": list(closed(object{"name": text, "type": text})), "data": list(object{"type": "object"}),
			"truncated": object{"enum": []any{"rows", "bytes", nil}, "description": "What cut the answer short; null: it is whole."}}),
		"brief": object{"type": "object", "required": []string{"release", "country", "language", "definition", "figures", "sources"}, "properties": object{
			"release": ref("release"), "country": text, "language": text, "definition": text, "missing": object{"type": []string{"array", "null"}},
			"figures": list(object{"type": "object", "required": []string{"section", "id", "value", "unit", "year", "basis", "kind", "status"}, "properties": object{
				"section": text, "id": text, "label": text, "value": number, "low": number, "high": number, "text": text, "unit": text, "year": text, "basis": text, "kind": text, "status": text}}),
			"sources": list(object{"type": "object", "properties": object{"url": text, "licence": text, "cites": object{"anyOf": []any{texts, object{"type": "null"}}}}}),
		}},
	}
}

// tableDocs are the documented columns of the release's tables.
type tableDocs map[string]map[string]string // :: table -> column -> documentation

func columnDocs(ctx context.Context, db *warehouse.DB) (tableDocs, error) {
	tables, err := db.Schema(ctx)
	if err != nil {
		return nil, err
	}
	out := tableDocs{}
	for _, t := range tables {
		out[t.Name] = map[string]string{}
		for _, c := range t.Columns {
			out[t.Name][c.Name] = c.Doc
		}
	}
	return out, nil
}

// of is what the first table a question reads that has such a column says of it.
func (d tableDocs) of(q warehouse.Query, column string) string {
	for _, m := range regexp.MustCompile(`(?i)\b(?:from|join)\s+([a-z_]+)`).FindAllStringSubmatch(q.SQL, -1) {
		if doc := d[m[1]][column]; doc != "" {
			return doc
		}
	}
	return ""
}
