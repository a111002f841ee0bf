package notify

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// Receipt is what GOV.UK Notify reports of one message. Whom it went to stands
// in it as well, and is not read.
type Receipt struct {
	Notify    string    // its id of the message
	ID        ID        // ours
	Status    Status    // how it stands
	Completed time.Time // by its clock; zero if it did not say
}

// ErrNotOurs is a receipt of a message that somebody else sent by the same
// service, or of a status that this package does not know.
var ErrNotOurs = errors.New("notify: a receipt of something else")

// ParseReceipt reads a delivery receipt. Fields that are new to it are passed
// over: GOV.UK Notify may add some at any time.
func ParseReceipt(body []byte) (Receipt, error) {
	var r struct {
		ID          string     `json:"id"`
		Reference   *string    `json:"reference"`
		Status      string     `json:"status"`
		CompletedAt *time.Time `json:"completed_at"`
	}
	if err := json.Unmarshal(body, &r); err != nil || !uuid.MatchString(r.ID) {
		return Receipt{}, errors.New("notify: not a delivery receipt")
	}
	if r.Reference == nil {
		return Receipt{}, ErrNotOurs
	}
	id, err := ParseID(*r.Reference)
	status, known := ParseStatus(r.Status)
	if err != nil || !known {
		return Receipt{}, ErrNotOurs
	}
	out := Receipt{Notify: r.ID, ID: id, Status: status}
	if r.CompletedAt != nil {
		out.Completed = *r.CompletedAt
	}
	return out, nil
}

const (
	minBearer  = 10       // characters: GOV.UK Notify takes no shorter one
	maxReceipt = 16 << 10 // bytes
)

// Receiver takes delivery receipts in. Each is given to Took, which stores
// State.Advance of it: receipts come twice, late and in any order. GOV.UK
// Notify tries five more times, five minutes apart, if Took fails; a message
// without a receipt is asked for.
type Receiver struct {
	bearer [sha256.Size]byte
	took   func(context.Context, Receipt) error
}

// NewReceiver takes receipts that come with this bearer token, which was told
// to GOV.UK Notify.
func NewReceiver(bearer string, took func(context.Context, Receipt) error) (*Receiver, error) {
	if len(bearer) < minBearer {
		return nil, errors.New("notify: the bearer token of receipts is too short: GOV.UK Notify wants ten characters or more")
	}
	return &Receiver{sha256.Sum256([]byte(bearer)), took}, nil
}

// ServeHTTP answers one receipt. Whoever does not know the token learns
// nothing: not whether a message exists, nor how near they came.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	scheme, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	sum := sha256.Sum256([]byte(token))
	known := subtle.ConstantTimeCompare(sum[:], r.bearer[:]) == 1 && strings.EqualFold(scheme, "Bearer")
	w.Header().Set("Cache-Control", "no-store")
	if !known {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxReceipt))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch receipt, err := ParseReceipt(body); {
	case errors.Is(err, ErrNotOurs):
		w.WriteHeader(http.StatusNoContent) // so that it is not sent again
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
	case r.took(req.Context(), receipt) != nil:
		w.WriteHeader(http.StatusServiceUnavailable) // so that it is
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}
