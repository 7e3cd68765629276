package dashboards

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
)

// loadStatic reads the files of static/ and gives each a name with its
// fingerprint, so that it can be kept for ever.
func (s *Server) loadStatic() error {
	entries, err := files.ReadDir("static")
	if err != nil {
		return fmt.Errorf("reading static files: %w", err)
	}
	for _, e := range entries {
		b, err := files.ReadFile("static/" + e.Name())
		if err != nil {
			return fmt.Errorf("reading static files: %w", err)
		}
		ext := path.Ext(e.Name())
		if ext == ".css" {
			b = bytes.ReplaceAll(b, []byte("\n"), nil) // a rule ends with its brace
		}
		sum := sha256.Sum256(b)
		name := strings.TrimSuffix(e.Name(), ext) + "-" + hex.EncodeToString(sum[:4]) + ext
		a := newAnswer(map[string]string{".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}[ext], b)
		a.cacheUntil = "public, max-age=31536000, immutable"
		s.static[name] = a
		switch ext {
		case ".css":
			s.css = "/static/" + name
		case ".svg":
			s.icon = name
		}
	}
	return nil
}

func (s *Server) serveStatic(w http.ResponseWriter, r *http.Request) {
	a, ok := s.static[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.send(w, r, a, `"`+r.PathValue("name")+`"`)
}
