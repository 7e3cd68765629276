// Package pipelines wires the rooms together: it fetches every source's
// documents, builds a release from them, checks it, publishes it, and does so
// every night.
package pipelines

import (
	"hrinvest/extractors"
	"hrinvest/extractors/evidence"
	"hrinvest/extractors/globalfund"
	"hrinvest/extractors/iati"
	"hrinvest/extractors/rates"
	"hrinvest/extractors/unaids"
	"hrinvest/extractors/webtables"
)

// Sources is THE list of sources, in the order in which they are parsed within
// their kind. Adding a source is one folder and one line here.
func Sources() []extractors.Source {
	return []extractors.Source{
		rates.New(),
		globalfund.New(),
		iati.New(iati.Config{}),
		unaids.New(),
		webtables.ProjectPages(),
		evidence.New(),
	}
}
