package dashboards

func readSource(s *scan) Source {
	return Source{
		ID: s.text("source"), Title: s.text("title"), Publisher: s.text("publisher"), Home: s.text("home"), Licence: s.text("licence"),
		Kind: s.text("kind"), Frozen: s.text("frozen"), Origin: s.text("origin"), Documents: s.whole("documents"), Parsed: s.whole("parsed"), Loaded: s.whole("loaded"),
		OutOfScope: s.whole("out_of_scope"), Rejected: s.whole("rejected"), Observations: s.whole("observations"), Cutoff: s.date("cutoff"),
	}
}

func readCountry(s *scan) Country {
	return Country{
		ISO3: s.text("country"), ISO2: s.text("iso2"), NameEN: s.text("name_en"), NameRU: s.text("name_ru"), NameRUIn: s.text("name_ru_in"),
		EECA: s.flag("eeca"), Flows: s.whole("n_flows"), FirstYear: s.whole("first_year"), LastYear: s.whole("latest_year"),
		HarmYear: s.whole("latest_hr_year"), HarmCycle: s.text("latest_hr_cycle"), CycleBudgets: s.whole("n_cycle_budgets"), Observations: s.whole("n_observations"),
	}
}

func readDocument(s *scan) Document {
	d := Document{
		Source: s.text("source"), Role: s.text("role"), Name: s.text("name"), URL: s.text("url"), SHA256: s.text("sha256"), Origin: s.text("origin"),
		Licence: s.text("licence"), Cites: s.words("cites"), Retrieved: s.date("retrieved"),
	}
	if t := s.date("compiled"); !t.IsZero() {
		d.Compiled = t.Format("2006-01-02")
	}
	return d
}
