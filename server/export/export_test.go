package export

// For tests of what the house's own rules keep out of its records.
var (
	Visible   = visible
	PlainCell = plainCell
)
