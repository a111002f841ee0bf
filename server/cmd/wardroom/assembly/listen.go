package assembly

import (
	"errors"
	"net"

	"wardroom/server/config"
)

// Listeners are the addresses a server stands on. They are taken before it
// serves, so that one which is taken is known before anything else is done.
type Listeners struct {
	Front    []net.Listener // where browsers come
	Operator net.Listener   // health and metrics
}

// Listen takes the configured addresses, or none of them.
func Listen(cfg config.Config) (*Listeners, error) {
	l := &Listeners{}
	for _, address := range cfg.Listen {
		front, err := net.Listen("tcp", address)
		if err != nil {
			l.Close()
			return nil, err
		}
		l.Front = append(l.Front, front)
	}
	var err error
	if l.Operator, err = net.Listen("tcp", cfg.OperatorListen); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Close lets the addresses go. After Serve it does nothing: the server closed
// them.
func (l *Listeners) Close() error {
	var errs []error
	for _, front := range append(l.Front, l.Operator) {
		if front == nil {
			continue
		}
		if err := front.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
