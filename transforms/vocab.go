package transforms

import "embed"

// vocabFS holds the words the steps know: interventions, places, keywords,
// crosswalks. They are data reviewed by people; a change of a row changes
// releases, never code.
//
//go:embed vocab/*.csv
var vocabFS embed.FS
