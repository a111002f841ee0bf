package notary

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

const (
	mirrorAtOnce = 4096     // leaves in one request: 1.4 MB; the witness takes four times as many
	maxAnswer    = 64 << 10 // bytes the witness may answer with
)

// errMore means that the witness lacks more of a log than is brought at once:
// a long log that it knows little of takes turns with the others.
var errMore = errors.New("notary: there is more to bring")

// mirror gives the witness leaves that it lacks of the checkpoint: all of them,
// or errMore.
func (c *client) mirror(ctx context.Context, e *errand) error {
	p := e.p
	for corrected := false; p.mirrored < e.size; {
		n := min(mirrorAtOnce, e.size-p.mirrored)
		if err := c.atHand(ctx, e, p.mirrored, p.mirrored+n); err != nil {
			return err
		}
		body := bytes.NewBuffer(make([]byte, 0, len(e.leaves)+len(e.signed)+64))
		fmt.Fprintf(body, "from %d\nnote %d\n\n", p.mirrored, len(e.signed))
		body.Write(e.signed)
		body.Write(e.leaves)
		answer, err := c.post(ctx, "/mirror", "application/octet-stream", body.Bytes())
		var r *refusal
		switch {
		case errors.As(err, &r) && r.status == http.StatusConflict && !corrected && r.size != p.mirrored && r.size <= e.size:
			p.mirrored, corrected = r.size, true // it knows better than we how far it is
			continue
		case err != nil:
			return err
		}
		has, err := sizeIn(answer)
		if err != nil || has <= p.mirrored || has > e.size {
			return &refusal{what: "leaves, saying how far it is,", status: http.StatusOK}
		}
		if p.mirrored = has; has < e.size {
			return errMore
		}
	}
	return nil
}

// atHand sees that these leaves are at hand.
func (c *client) atHand(ctx context.Context, e *errand, from, to uint64) (err error) {
	if e.from == from && e.to == to {
		return nil
	}
	var into bytes.Buffer
	whole := false
	c.ask(ctx, part{e.id, func(b *pgx.Batch) {
		queueLeaves(b, e.id, from, to, &into, func(all bool) { whole = all })
	}, &err})
	if err == nil && !whole {
		err = ErrDiffers
	}
	e.from, e.to, e.leaves = from, to, into.Bytes()
	return err
}

// add asks for signatures of the checkpoint (C2SP tlog-witness).
func (c *client) add(ctx context.Context, e *errand) ([]byte, error) {
	for corrected := false; ; corrected = true {
		if e.old != e.p.cosigned {
			p, err := e.path(e.p.cosigned)
			if err == nil && p != nil {
				if c.ask(ctx, part{e.id, func(b *pgx.Batch) { p.queue(b, e.id) }, &err}); err == nil {
					err = p.finish()
				}
			}
			if err != nil {
				return nil, err
			}
		}
		var body bytes.Buffer
		fmt.Fprintf(&body, "old %d\n", e.p.cosigned)
		for _, line := range hashLines(e.proof) {
			fmt.Fprintln(&body, line)
		}
		body.WriteByte('\n')
		body.Write(e.signed)
		lines, err := c.post(ctx, "/add-checkpoint", "text/plain", body.Bytes())
		var r *refusal
		if errors.As(err, &r) && r.status == http.StatusConflict && !corrected && r.size != e.p.cosigned && r.size <= e.size {
			e.p.cosigned = r.size
			continue
		}
		return lines, err
	}
}

// post sends a request. No answer, or one that says the witness is not well,
// is errAway; any other but 200 a refusal.
func (c *client) post(ctx context.Context, path, kind string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.w.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", kind)
	res, err := c.w.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAway, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errAway, err)
	case res.StatusCode == http.StatusOK:
		return answer, nil
	case res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests:
		return nil, fmt.Errorf("%w: %s", errAway, res.Status)
	}
	r := &refusal{what: strings.TrimPrefix(path, "/"), status: res.StatusCode}
	if r.status == http.StatusConflict {
		if r.size, err = sizeIn(answer); err != nil {
			r.status = http.StatusUnprocessableEntity // a conflict that says no size cannot be gone on from
		}
	}
	return nil, r
}

// sizeIn reads a size: decimal digits and perhaps a newline.
func sizeIn(answer []byte) (uint64, error) {
	text := strings.TrimSuffix(string(answer), "\n")
	n, err := strconv.ParseUint(text, 10, 62)
	if err != nil || text != strconv.FormatUint(n, 10) {
		return 0, fmt.Errorf("notary: not a size")
	}
	return n, nil
}
