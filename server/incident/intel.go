package incident

func init() {
	register[*IntelExported](KindInfo{Log: AccessLog, Root: true})
}

// IntelExported says that a member took an item out of the house in a file. It
// is committed before the bytes are given out: one entry for each item, so that
// its originator is told of it and of nothing beside.
type IntelExported struct {
	Entry  Seq    `json:"entry"`  // of the room's log
	Format string `json:"format"` // stix, misp, csv, text
}

func (*IntelExported) kind() Kind { return "intel.exported" }
