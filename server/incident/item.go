package incident

import "slices"

func init() {
	register[*ItemPublished](KindInfo{Log: RoomLog, Root: true})
	register[*ItemCorrected](KindInfo{Log: RoomLog})
	register[*ItemMerged](KindInfo{Log: RoomLog})
	register[*ItemAbsorbed](KindInfo{Log: RoomLog})
}

// ItemPublished shares a piece of restricted intelligence with whom its
// marking names.
type ItemPublished struct{ Item }

func (*ItemPublished) kind() Kind { return "item.published" }

// ItemCorrected says the whole item anew; what it said before stays legible.
type ItemCorrected struct{ Item }

func (*ItemCorrected) kind() Kind { return "item.corrected" }

// ItemMerged says, of the item that goes on, that another is the same thing:
// that one's sources are its own now too.
type ItemMerged struct {
	Other   Seq      `json:"other"`
	Sources []Source `json:"sources"` // the other's, as they stood
}

func (*ItemMerged) kind() Kind { return "item.merged" }

// ItemAbsorbed says, of the item that was merged, which one goes on.
type ItemAbsorbed struct {
	Into Seq `json:"into"`
}

func (*ItemAbsorbed) kind() Kind { return "item.absorbed" }

// ItemState is what became of an item.
type ItemState string

const (
	ItemIsLive     ItemState = "live"
	ItemIsMerged   ItemState = "merged"   // into another, which goes on
	ItemIsRecalled ItemState = "recalled" // by its originator
)

// itemOf returns what the object says as an item; nil for other objects, and
// for one whose beginning was erased.
func (o *Object) itemOf() *Item {
	if b, ok := o.Body.(*ItemPublished); ok && !o.Erased {
		return &b.Item
	}
	return nil
}

// Item returns the item as it was last corrected, with the sources of those
// merged into it; nil if the object is none or what it said was erased.
func (o *Object) Item() *Item { return o.itemOf() }

// applyItem folds what items are made of.
func (o *Object) applyItem(e *Event) {
	was := o.itemOf()
	switch b := e.Body.(type) {
	case *ItemCorrected:
		if was != nil {
			next := b.Item
			next.Promoted = was.Promoted // where it came from stays so
			o.Body, o.Said = &ItemPublished{next}, e.Seq
		}
	case *ItemMerged:
		o.Merged = append(slices.Clip(o.Merged), b.Other)
		if was != nil {
			next := *was
			next.Sources = append(slices.Clip(was.Sources), b.Sources...)
			o.Body = &ItemPublished{next}
		}
	case *ItemAbsorbed:
		o.Absorbed = b.Into
	}
}
