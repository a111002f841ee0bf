package witness

import (
	"context"
	"errors"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/net/netutil"
)

// Handler is the witness's HTTP interface. Those who ask by a log's origin must
// know it, and it cannot be guessed; GET /logs and GET /evidence name logs, and
// are for auditors: whoever runs the witness decides who comes to them.
func (w *Witness) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", w.postCheckpoint)
	mux.HandleFunc("POST /mirror", w.postMirror)
	mux.HandleFunc("POST /admit", w.postAdmit)
	mux.HandleFunc("POST /ledger", w.postLedger)
	mux.HandleFunc("GET /checkpoint", w.getCheckpoint)
	mux.HandleFunc("GET /leaves", w.getLeaves)
	mux.HandleFunc("GET /ledger", w.getLedger)
	mux.HandleFunc("GET /logs", w.getLogs)
	mux.HandleFunc("GET /evidence", w.getEvidence)
	mux.HandleFunc("GET /key", w.getKey)
	mux.HandleFunc("GET /policy", w.getPolicy)
	mux.HandleFunc("GET /{$}", w.getPage)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		h := rw.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", pageCSP)
		h.Set("Referrer-Policy", "no-referrer")
		mux.ServeHTTP(rw, r)
	})
}

// Time-outs of one exchange. The longest body is 5.5 MB.
const (
	headerWait = 5 * time.Second
	readWait   = 60 * time.Second
	writeWait  = 90 * time.Second
	idleWait   = 2 * time.Minute
	stopWait   = 20 * time.Second
	connected  = 256 // connections at a time
)

// Serve answers on l until ctx ends, and lets what is being answered end.
func (w *Witness) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{Handler: w.Handler(), ReadHeaderTimeout: headerWait, ReadTimeout: readWait, WriteTimeout: writeWait,
		IdleTimeout: idleWait, MaxHeaderBytes: 16 << 10, ErrorLog: stdlog.New(io.Discard, "", 0)}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(netutil.LimitListener(l, connected)) }()
	select {
	case err := <-ended:
		return errors.Join(err, srv.Close()) // the listener failed; nobody is answered by half a witness
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
	defer cancel()
	err := srv.Shutdown(stop)
	if err != nil {
		err = errors.Join(err, srv.Close())
	}
	<-ended
	return err
}

func (w *Witness) postCheckpoint(rw http.ResponseWriter, r *http.Request) {
	body, ok := w.body(rw, r, MaxAddCheckpoint)
	if !ok {
		return
	}
	a, err := parseAddCheckpoint(body)
	var lines []byte
	if err == nil {
		lines, err = w.cosign(a)
	}
	w.answer(rw, lines, err)
}

// postMirror gives an upload one of the few places for large bodies only once
// its note has the operator's signatures: nobody else can keep the operator out
// by sending slowly.
func (w *Witness) postMirror(rw http.ResponseWriter, r *http.Request) {
	body := http.MaxBytesReader(rw, r.Body, int64(MaxMirror))
	m, err := readMirror(body, func(note []byte) error {
		if _, err := w.open(note); err != nil {
			return err
		}
		select {
		case w.big <- struct{}{}:
			context.AfterFunc(r.Context(), func() { <-w.big }) // ends when this is answered
		case <-r.Context().Done():
			return r.Context().Err()
		}
		steps("reading")
		return nil
	})
	var held uint64
	if err == nil {
		held, err = w.take(m)
	} else {
		_, _ = io.Copy(io.Discard, body) // whoever is still sending hears the answer
	}
	w.answer(rw, sizeLine(held), err)
}

func (w *Witness) postAdmit(rw http.ResponseWriter, r *http.Request) {
	body, ok := w.body(rw, r, MaxAdmit)
	if !ok {
		return
	}
	a, err := parseAdmission(body)
	if err == nil {
		err = w.admit(a)
	}
	w.answer(rw, []byte("admitted\n"), err)
}

func (w *Witness) postLedger(rw http.ResponseWriter, r *http.Request) {
	body, ok := w.body(rw, r, MaxErasure)
	if !ok {
		return
	}
	w.answer(rw, []byte("kept\n"), w.erase(body))
}

// body reads what was sent, or answers that it is too long.
func (w *Witness) body(rw http.ResponseWriter, r *http.Request, most int) ([]byte, bool) {
	b, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, int64(most)))
	if err != nil {
		w.answer(rw, nil, unread(err, most))
	}
	return b, err == nil
}

// unread is the refusal of a body that could not be read.
func unread(err error, most int) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return refuse(http.StatusRequestEntityTooLarge, "A request here has at most %d bytes.", most)
	}
	return refuse(http.StatusBadRequest, "The request ended before it was whole.")
}

// answer writes a text, a refusal or a failure.
func (w *Witness) answer(rw http.ResponseWriter, b []byte, err error) {
	h := rw.Header()
	if err != nil || h.Get("Content-Type") == "" {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	status := http.StatusOK
	var r *refusal
	switch {
	case err == nil:
	case errors.As(err, &r) && r.size != nil:
		h.Set("Content-Type", "text/x.tlog.size") // C2SP tlog-witness
		status, b = r.status, sizeLine(*r.size)
	case errors.As(err, &r):
		status, b = r.status, []byte(r.text+"\n")
	case errors.Is(err, errFull):
		status, b = http.StatusInsufficientStorage, []byte("The witness has too little room left on its disk. Nothing was cosigned.\n")
	case errors.Is(err, errBroken):
		status, b = http.StatusServiceUnavailable, []byte("The witness could not write to its store. It answers what it has, and stores nothing until it is started again.\n")
	default:
		w.o.Log.Error("a request failed", "error", err)
		status, b = http.StatusInternalServerError, []byte("The witness failed. Nothing was cosigned.\n")
	}
	rw.WriteHeader(status)
	_, _ = rw.Write(b) // who does not wait for the answer asks again
}

func sizeLine(n uint64) []byte { return append(strconv.AppendUint(nil, n, 10), '\n') }
