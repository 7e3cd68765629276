# make run     build, refresh from the bundled documents (no network), serve on http://127.0.0.1:8080
# make test    gofmt, vet, staticcheck, all tests, and again with the race detector those that are not long
# make bench   benchmarks, as ratios within one run
# make fuzz    each fuzz target for a short while

GO     ?= go
DATA   ?= data
LISTEN ?= 127.0.0.1:8080
BENCH  ?= .

.PHONY: run build test lint bench fuzz
run: build
	bin/hrinvest refresh --data $(DATA) --offline || test $$? -eq 4
	bin/hrinvest serve --data $(DATA) --offline --listen $(LISTEN)

build:
	$(GO) build -o bin/ ./cmd/hrinvest

# The race detector makes a release several times slower: what makes many of them
# in one goroutine runs without it only (-short leaves it out). Vet has run in lint.
test: lint
	$(GO) test -vet=off -timeout 15m ./...
	$(GO) test -vet=off -race -short -timeout 15m ./...

lint:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

bench:
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime 3x -timeout 30m ./...

fuzz:
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 10s $$p || exit 1; \
	  done; done
