package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"

	"go.yaml.in/yaml/v3"

	"hrinvest/dashboards"
	"hrinvest/extractors/iati"
	"hrinvest/extractors/ocds"
	"hrinvest/pipelines"
)

// settings is the configuration file: strict YAML, every key optional. Secrets
// have no place in it.
type settings struct {
	// Contact is how publishers reach whoever runs this program: a mail address
	// or a page. It stands in every request, and readers report errors there.
	Contact string `yaml:"contact"`
	// PublicURL is the address readers reach the site at, such as https://example.org:
	// briefs name it, so that their figures can be followed back.
	PublicURL string `yaml:"public_url"`
	// PriceYear is the base year of constant prices (2022).
	PriceYear int `yaml:"price_year"`
	// KeepReleases is how many releases stay (30).
	KeepReleases int `yaml:"keep_releases"`
	// MemoryLimit and Threads are the database's while building (1GB, all cores).
	MemoryLimit string `yaml:"memory_limit"`
	Threads     int    `yaml:"threads"`
	Sources     struct {
		IATI struct {
			// Retrieval: "hiv", the datasets of publishers that matter to the HIV
			// response, or "all", the whole registry (an archive of nearly 1 GB).
			Retrieval string `yaml:"retrieval"`
			// Scope: "hiv" discloses activities about HIV or drug use, "all" every one.
			Scope string `yaml:"scope"`
		} `yaml:"iati"`
		OECDCRS struct {
			// Route: "parquet" (the reduced file), "full" (1.2 GB), "years" (archives of
			// single years) or "sdmx".
			Route     string `yaml:"route"`
			FirstYear int    `yaml:"first_year"`
		} `yaml:"oecdcrs"`
		OCDS struct {
			// Processes are fetched beside those the program lists: numbers of Prozorro
			// (UA-2025-08-26-012721-a) and ocids of MTender (ocds-b3wdp1-MD-1603913785143).
			Processes []string `yaml:"processes"`
			// Scope: "hiv" discloses contracts about HIV or drug use, "all" every one.
			Scope string `yaml:"scope"`
		} `yaml:"ocds"`
		Evidence struct {
			// Sheets are addresses of sheets that a team keeps on line (CSV or XLSX).
			Sheets []string `yaml:"sheets"`
		} `yaml:"evidence"`
	} `yaml:"sources"`
}

// readSettings reads the configuration file; "" is DIR/config.yaml if it is there.
func readSettings(name, dir string) (s settings, err error) {
	named := name != ""
	if !named {
		name = filepath.Join(dir, "config.yaml")
	}
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && !named {
		if other := filepath.Join(dir, "config.yml"); exists(other) {
			return s, usageError{fmt.Errorf("reading configuration: %s is not read; name it config.yaml", other)}
		}
		return s, nil
	}
	if err != nil {
		return s, usageError{fmt.Errorf("reading configuration: %w", err)}
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return s, usageError{fmt.Errorf("reading configuration %s: %s", name, goType.ReplaceAllString(err.Error(), " is no key here"))}
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return s, usageError{fmt.Errorf("reading configuration %s: more follows after ---, which would not be read", name)}
	}
	if err := s.check(); err != nil {
		return s, usageError{fmt.Errorf("reading configuration %s: %w", name, err)}
	}
	return s, nil
}

// goType is what the reader of YAML says of a key that is not known.
var goType = regexp.MustCompile(` not found in type .*`)

func exists(name string) bool { _, err := os.Stat(name); return err == nil }

var memoryLimit = regexp.MustCompile(`^[1-9][0-9]*(\.[0-9]+)? ?([KMGT]i?B)$`)

func (s *settings) check() error {
	oneOf := func(key, value string, words ...string) error {
		for _, w := range append(words, "") {
			if value == w {
				return nil
			}
		}
		return fmt.Errorf("%s: %q is none of %q", key, value, words)
	}
	within := func(key string, n, least, most int) error {
		if n == 0 || n >= least && n <= most { // 0: the usual
			return nil
		}
		return fmt.Errorf("%s: %d is not between %d and %d", key, n, least, most)
	}
	memory := error(nil)
	if s.MemoryLimit != "" && !memoryLimit.MatchString(s.MemoryLimit) {
		memory = fmt.Errorf("memory_limit: %q is no size such as 1GB or 800MB", s.MemoryLimit)
	}
	var sheets error
	for _, sheet := range s.Sources.Evidence.Sheets {
		if u, err := url.Parse(sheet); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			sheets = errors.Join(sheets, fmt.Errorf("sources.evidence.sheets: %q is no address such as https://example.org/sheet.csv", sheet))
		}
	}
	var processes error
	for _, id := range s.Sources.OCDS.Processes {
		if !ocds.Number(id) {
			processes = errors.Join(processes, fmt.Errorf("sources.ocds.processes: %q is no number such as UA-2025-08-26-012721-a or ocds-b3wdp1-MD-1603913785143", id))
		}
	}
	_, public := dashboards.PublicURL(s.PublicURL)
	if public != nil {
		public = fmt.Errorf("public_url: %w", public)
	}
	return errors.Join(
		sheets,
		processes,
		public,
		within("price_year", s.PriceYear, 2000, 2100),
		within("keep_releases", s.KeepReleases, 1, 10_000),
		within("threads", s.Threads, 1, 1024),
		within("sources.oecdcrs.first_year", s.Sources.OECDCRS.FirstYear, 1960, 2100),
		memory,
		oneOf("sources.iati.retrieval", s.Sources.IATI.Retrieval, "hiv", "all"),
		oneOf("sources.iati.scope", s.Sources.IATI.Scope, "hiv", "all"),
		oneOf("sources.ocds.scope", s.Sources.OCDS.Scope, "hiv", "all"),
		oneOf("sources.oecdcrs.route", s.Sources.OECDCRS.Route, "parquet", "full", "years", "sdmx"),
	)
}

// sources are the sources as configured.
func (s *settings) sources() pipelines.Settings {
	var out pipelines.Settings
	out.IATI.Retrieval, out.IATI.ScopeAll = iati.Retrieval(s.Sources.IATI.Retrieval), s.Sources.IATI.Scope == "all"
	out.OECDCRS.Route, out.OECDCRS.FirstYear = s.Sources.OECDCRS.Route, s.Sources.OECDCRS.FirstYear
	out.OCDS.Processes, out.OCDS.ScopeAll = s.Sources.OCDS.Processes, s.Sources.OCDS.Scope == "all"
	out.Evidence.Sheets = s.Sources.Evidence.Sheets
	return out
}
