package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"

	"hrinvest/warehouse"
)

// cursor is where the next page of an answer starts. It belongs to one release
// and one question: rows of another would be skipped or told twice.
type cursor struct {
	Release  string             `json:"r"`
	Question string             `json:"q"`
	Position warehouse.Position `json:"p"`
}

// questionID tells questions with their arguments apart.
func questionID(name string, args url.Values) string {
	sum := sha256.Sum256([]byte(name + "?" + args.Encode()))
	return hex.EncodeToString(sum[:6])
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil { // texts and a number
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(text, release, question string) (warehouse.Position, error) {
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	switch {
	case err != nil || c.Position.Offset < 0:
		return c.Position, about("bad-cursor", "cursor", "it cannot be read; take it from \"next\" as it is")
	case c.Release != release:
		return c.Position, about("cursor-expired", "cursor", "it is of release "+c.Release+", and "+release+" is served now")
	case c.Question != question:
		return c.Position, about("bad-cursor", "cursor", "it is of another question or other parameters")
	}
	return c.Position, nil
}
