package assembly

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// pulse is how Redis answers, as everyone who uses the connection finds it:
// doorbell, presence and the node's own asking.
type pulse struct {
	up    atomic.Bool
	since atomic.Int64 // Unix nanoseconds of the last change
}

func newPulse() *pulse {
	p := new(pulse)
	p.since.Store(time.Now().UnixNano())
	return p
}

func (p *pulse) beat(ctx context.Context, err error) {
	if ctx.Err() != nil && err != nil {
		var network net.Error
		if !errors.As(err, &network) && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return // whoever asked gave up
		}
	}
	var answered redis.Error
	up := err == nil || errors.As(err, &answered)
	if p.up.Swap(up) != up {
		p.since.Store(time.Now().UnixNano())
	}
}

// DialHook notes whether Redis takes a connection.
func (p *pulse) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := next(ctx, network, addr)
		if err != nil {
			p.beat(ctx, err)
		}
		return c, err
	}
}

// ProcessHook notes whether it answers.
func (p *pulse) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		p.beat(ctx, err)
		return err
	}
}

// ProcessPipelineHook notes whether it answers.
func (p *pulse) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		p.beat(ctx, err)
		return err
	}
}
