package globalfund

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// page is what an answer says beside its rows.
type page struct {
	rows  int
	count text // of all pages; "" when it is not said
	next  text // address of the next page, where the server gives one
}

// fault says where an answer cannot be read, and why.
type fault struct{ locator, reason string }

const notAnswer = "not an answer of the OData interface"

// readPage hands each row of an answer to take, and reads the answer to its end.
// What is wrong with the answer is a fault; an error is take's or the context's.
func readPage(ctx context.Context, r io.Reader, take func(n int, row json.RawMessage) error) (page, *fault, error) {
	var p page
	in := bufio.NewReaderSize(r, 64<<10)
	if b, _ := in.Peek(3); string(b) == "\ufeff" {
		in.Discard(3) //nolint:errcheck // peeked
	}
	dec := json.NewDecoder(in)
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return p, &fault{"/", notAnswer}, nil
	}
	hasValue := false
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return p, broken(hasValue, err), nil
		}
		switch key {
		case "value":
			hasValue = true
			if t, err := dec.Token(); err != nil || t != json.Delim('[') {
				return p, &fault{"/", notAnswer + `: "value" is not a list`}, nil
			}
			for ; dec.More(); p.rows++ {
				if p.rows%1000 == 0 && ctx.Err() != nil {
					return p, nil, ctx.Err()
				}
				var row json.RawMessage
				if err := dec.Decode(&row); err != nil {
					return p, &fault{fmt.Sprintf("/value/%d", p.rows), "the answer breaks off: " + err.Error()}, nil
				}
				if err := take(p.rows, row); err != nil {
					return p, nil, err
				}
			}
			_, err = dec.Token()
		case "@odata.count":
			err = dec.Decode(&p.count)
		case "@odata.nextLink":
			err = dec.Decode(&p.next)
		case "error":
			var said json.RawMessage
			if err = dec.Decode(&said); err == nil {
				return p, &fault{"/", "the interface answered with an error: " + cut(string(said), 200)}, nil
			}
		default:
			var other json.RawMessage
			err = dec.Decode(&other)
		}
		if err != nil {
			return p, broken(hasValue, err), nil
		}
	}
	if _, err := dec.Token(); err != nil {
		return p, broken(hasValue, err), nil
	}
	if !hasValue {
		return p, &fault{"/", notAnswer + `: no "value"`}, nil
	}
	return p, nil, nil
}

// broken is the fault of an answer that ends too early, or is no JSON.
func broken(hasValue bool, err error) *fault {
	if hasValue {
		return &fault{"/", "the answer breaks off: " + err.Error()}
	}
	return &fault{"/", notAnswer + ": " + err.Error()}
}
