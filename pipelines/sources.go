// Package pipelines wires the rooms together: it fetches every source's
// documents, builds a release from them, checks it, publishes it, and does so
// every night.
package pipelines

import (
	"hrinvest/extractors"
	"hrinvest/extractors/dacrates"
	"hrinvest/extractors/ecb"
	"hrinvest/extractors/evidence"
	"hrinvest/extractors/ghed"
	"hrinvest/extractors/globalfund"
	"hrinvest/extractors/iati"
	"hrinvest/extractors/imf"
	"hrinvest/extractors/ocds"
	"hrinvest/extractors/oecdcrs"
	"hrinvest/extractors/pepfar"
	"hrinvest/extractors/unaids"
	"hrinvest/extractors/unrates"
	"hrinvest/extractors/webtables"
	"hrinvest/extractors/worldbank"
)

// Settings are what an operator can choose of the sources. The zero value is the
// usual choice.
type Settings struct {
	IATI     iati.Config
	OECDCRS  oecdcrs.Config
	OCDS     ocds.Config
	Evidence evidence.Config
}

// Sources is THE list of sources, in the order in which they are parsed within
// their kind. Adding a source is one folder and one line here.
func Sources(s Settings) []extractors.Source {
	return []extractors.Source{
		unrates.New(),
		ecb.New(),
		worldbank.New(),
		imf.New(),
		dacrates.New(),
		globalfund.New(),
		pepfar.New(),
		iati.New(s.IATI),
		oecdcrs.New(s.OECDCRS),
		unaids.New(),
		ghed.New(),
		ocds.New(s.OCDS),
		webtables.ProjectPages(),
		evidence.NewWith(s.Evidence),
	}
}
