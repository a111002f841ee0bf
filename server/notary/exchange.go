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

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
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
func (c *client) mirror(ctx context.Context, l waiting, p *progress, size uint64, signed []byte) error {
	for corrected := false; p.mirrored < size; {
		n := min(mirrorAtOnce, size-p.mirrored)
		body := bytes.NewBuffer(make([]byte, 0, int(n)*evidence.LeafSize+len(signed)+64))
		fmt.Fprintf(body, "from %d\nnote %d\n\n", p.mirrored, len(signed))
		body.Write(signed)
		if err := c.leaves(ctx, l.id, p.mirrored, n, body); err != nil {
			return err
		}
		answer, err := c.post(ctx, "/mirror", "application/octet-stream", body.Bytes())
		var r *refusal
		switch {
		case errors.As(err, &r) && r.status == http.StatusConflict && !corrected && r.size != p.mirrored && r.size <= size:
			p.mirrored, corrected = r.size, true // it knows better than we how far it is
			continue
		case err != nil:
			return err
		}
		has, err := sizeIn(answer)
		if err != nil || has <= p.mirrored || has > size {
			return &refusal{what: "leaves, saying how far it is,", status: http.StatusOK}
		}
		if p.mirrored = has; has < size {
			return errMore
		}
	}
	return nil
}

func (c *client) leaves(ctx context.Context, log incident.LogID, from, n uint64, into *bytes.Buffer) error {
	seq := from
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	b.Queue(`SELECT seq, leaf FROM leaf WHERE log = $1 AND seq >= $2 AND seq < $3 ORDER BY seq`, string(log), int64(from), int64(from+n)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var at int64
			var leaf []byte
			if err := rows.Scan(&at, &leaf); err != nil {
				return err
			}
			if uint64(at) != seq || len(leaf) != evidence.LeafSize {
				return ErrDiffers
			}
			seq++
			into.Write(leaf)
		}
		return rows.Err()
	})
	if err := c.n.o.Writer.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if seq != from+n {
		return ErrDiffers
	}
	return nil
}

// add asks for signatures of the checkpoint (C2SP tlog-witness).
func (c *client) add(ctx context.Context, l waiting, p *progress, size uint64, signed []byte) ([]byte, error) {
	for corrected := false; ; corrected = true {
		var proof [][32]byte
		var err error
		if p.cosigned > 0 && p.cosigned < size {
			if proof, err = consistent(ctx, c.n.o.Writer, projection.Writer(l.id), l.id, p.cosigned, size); err != nil {
				return nil, err
			}
		}
		var body bytes.Buffer
		fmt.Fprintf(&body, "old %d\n", p.cosigned)
		for _, line := range hashLines(proof) {
			fmt.Fprintln(&body, line)
		}
		body.WriteByte('\n')
		body.Write(signed)
		lines, err := c.post(ctx, "/add-checkpoint", "text/plain", body.Bytes())
		var r *refusal
		if errors.As(err, &r) && r.status == http.StatusConflict && !corrected && r.size != p.cosigned && r.size <= size {
			p.cosigned = r.size
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
