package iati

import (
	"testing"

	"hrinvest/extractors/extractorstest"
)

func TestSource(t *testing.T) { extractorstest.Run(t, New(Config{})) }
