package export

import (
	"context"
	"maps"
	"slices"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// attachments are the files of the entries that are given with what is attached
// to them, by the SHA-256 of their content: sent twice, one stands there once.
type attachments map[string]incident.File

// filesOf lists what is attached to an entry, as far as that is given.
func filesOf(g policy.Given) []incident.File {
	var v struct{ Files []incident.File }
	if !read(g, incident.SlotAttachments, &v) {
		return nil
	}
	return v.Files
}

// gather surveys the range. What a scanner found something in is given to
// nobody: the entries that have it are given without what is attached to them,
// and surveyed again so.
func (b *build) gather(ctx context.Context) error {
	for {
		b.files, b.having = attachments{}, map[incident.BlobID]incident.Seq{}
		cover, info := b.cover, b.info
		if err := b.each(ctx, b.o.Export.Approved.Checkpoint, b.survey); err != nil {
			return err
		}
		if len(b.having) == 0 {
			return nil
		}
		harmful, err := b.e.o.Files.Harmful(ctx, b.o.Log, slices.Sorted(maps.Keys(b.having)))
		if err != nil {
			return err
		}
		if len(harmful) == 0 {
			b.info.Attachments, b.cover.files = len(b.files), len(b.files)
			return nil
		}
		for id := range harmful {
			b.judge.Leave(b.having[id], incident.SlotAttachments, "A scanner found something harmful in what is attached.")
		}
		b.cover, b.info = cover, info
	}
}

// attach writes the files, in the order of their names.
func (b *build) attach(ctx context.Context, out *evidence.BundleWriter) error {
	for _, sum := range slices.Sorted(maps.Keys(b.files)) {
		f := b.files[sum]
		content, err := b.e.o.Files.Content(ctx, b.o.Log, f.ID, f.Size)
		if err != nil {
			return err
		}
		if err := out.File("attachments/"+sum, f.Size, content); err != nil {
			return err
		}
	}
	return nil
}
