package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"hrinvest/dashboards"
	"hrinvest/warehouse"
)

// Problem is an error as RFC 9457 has it.
type Problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail,omitempty"`
	Parameter string `json:"parameter,omitempty"` // that is at fault
}

func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// kindOfProblem is a problem there can be.
type kindOfProblem struct {
	ID     string `json:"id"`
	Status int    `json:"status"`
	Title  string `json:"title"`
}

func kindsOfProblem() []kindOfProblem {
	return []kindOfProblem{
		{"bad-cursor", http.StatusBadRequest, "The cursor is not one of this answer"},
		{"bad-parameter", http.StatusBadRequest, "A parameter has a value it cannot have"},
		{"busy", http.StatusServiceUnavailable, "Too much is being worked on; try again later"},
		{"cursor-expired", http.StatusGone, "The cursor belongs to a release that is no longer served; start again without it"},
		{"internal", http.StatusInternalServerError, "Something went wrong here"},
		{"method-not-allowed", http.StatusMethodNotAllowed, "The method is not answered here"},
		{"missing-parameter", http.StatusBadRequest, "A parameter is required"},
		{"no-release", http.StatusServiceUnavailable, "Nothing was published yet"},
		{"not-found", http.StatusNotFound, "There is no such thing"},
		{"reserved-parameter", http.StatusBadRequest, "The parameter is reserved and this question does not take it"},
		{"statement-refused", http.StatusBadRequest, "The statement is wrong or not allowed"},
		{"statement-stopped", http.StatusUnprocessableEntity, "The statement took more time or memory than it may"},
		{"too-slow", http.StatusGatewayTimeout, "The answer took too long"},
		{"unknown-parameter", http.StatusBadRequest, "There is no such parameter"},
	}
}

func problem(id, detail string) *Problem {
	for _, k := range kindsOfProblem() {
		if k.ID == id {
			return &Problem{Type: root + "/problems#" + id, Title: k.Title, Status: k.Status, Detail: detail}
		}
	}
	return &Problem{Type: "about:blank", Title: http.StatusText(http.StatusInternalServerError), Status: http.StatusInternalServerError}
}

func about(id, parameter, detail string) *Problem {
	p := problem(id, detail)
	p.Parameter = parameter
	return p
}

func listProblems(c *call) (*reply, error) { return jsonReply(kindsOfProblem()) }

// problemOf is what a visitor is told of an error. What visitors cannot mend is
// told to the operator.
func (s *Server) problemOf(r *http.Request, err error) *Problem {
	var p *Problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, dashboards.ErrNoRelease):
		return problem("no-release", "")
	case errors.Is(err, dashboards.ErrNoCountry):
		return problem("not-found", "no country has this code; want an ISO 3166-1 alpha-3 code, such as KGZ")
	case errors.Is(err, warehouse.ErrUnknownQuery):
		return problem("not-found", "no question has this name; "+root+"/queries lists them")
	case errors.Is(err, warehouse.ErrParameter):
		_, detail, _ := strings.Cut(err.Error(), warehouse.ErrParameter.Error()+": ")
		name, _, _ := strings.Cut(detail, "=")
		if strings.HasSuffix(detail, " is required") {
			name = strings.TrimSuffix(detail, " is required")
			return about("missing-parameter", name, detail)
		}
		return about("bad-parameter", name, detail)
	case errors.Is(err, warehouse.ErrSQL):
		return problem("statement-refused", err.Error())
	case errors.Is(err, warehouse.ErrLimit):
		return problem("statement-stopped", err.Error())
	case errors.Is(err, errBusy), errors.Is(err, dashboards.ErrBusy):
		return problem("busy", "")
	case errors.Is(err, context.DeadlineExceeded):
		return problem("too-slow", "ask for less: fewer rows, one country, one year")
	case r.Context().Err() == nil:
		s.cfg.Log.Error("interface failed", "path", r.URL.Path, "error", err)
	}
	return problem("internal", "")
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problemOf(r, err)
	h := w.Header()
	for _, name := range []string{"ETag", "Link", "Content-Disposition", "Content-Length"} {
		h.Del(name)
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if p.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "10")
	}
	body, merr := json.Marshal(p)
	if merr != nil {
		s.cfg.Log.Error("interface failed", "path", r.URL.Path, "error", merr)
	}
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		w.Write(body) // the visitor may have gone; there is nobody to tell
	}
}
