package devkit

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// RedisCluster is a Redis Cluster for tests: a few servers without replicas, each with its share of the slots.
type RedisCluster struct{ Nodes []*Redis }

// slots is how many slots a Redis Cluster has.
const slots = 16384

// StartRedisCluster starts a cluster of so many servers, with their working files in dir.
func StartRedisCluster(ctx context.Context, dir string, servers int, log io.Writer) (c *RedisCluster, err error) {
	c = &RedisCluster{}
	defer func() {
		if err != nil {
			c.Kill()
		}
	}()
	password := token()
	var bus []int
	for i := range servers {
		held, err := takePort(0)
		if err != nil {
			return nil, err
		}
		bus = append(bus, held.Port())
		held.Release()
		more := fmt.Sprintf("cluster-enabled yes\ncluster-port %d\nmasterauth %s\ncluster-node-timeout 2000\n", bus[i], password)
		r, err := startRedis(ctx, filepath.Join(dir, fmt.Sprint(i)), password, more, log)
		if err != nil {
			return nil, err
		}
		c.Nodes = append(c.Nodes, r)
		if _, err := r.Do(ctx, fmt.Sprintf("CLUSTER ADDSLOTSRANGE %d %d", i*slots/servers, (i+1)*slots/servers-1)); err != nil {
			return nil, err
		}
	}
	for i, r := range c.Nodes[1:] {
		if _, err := c.Nodes[0].Do(ctx, fmt.Sprintf("CLUSTER MEET 127.0.0.1 %d %d", r.port, bus[i+1])); err != nil {
			return nil, err
		}
	}
	limit := time.Now().Add(30 * time.Second)
	for _, r := range c.Nodes {
		for {
			said, err := r.Do(ctx, "CLUSTER INFO")
			if err != nil {
				return nil, err
			}
			if strings.Contains(said, "cluster_state:ok") && strings.Contains(said, fmt.Sprintf("cluster_known_nodes:%d\r", servers)) {
				break
			}
			if time.Now().After(limit) {
				return nil, fmt.Errorf("the Redis Cluster did not come together: %s", said)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return c, nil
}

// URL is the connection string: the first server, and the others as addr.
func (c *RedisCluster) URL() string {
	first := c.Nodes[0]
	more := url.Values{}
	for _, r := range c.Nodes[1:] {
		more.Add("addr", r.addr())
	}
	return (&url.URL{Scheme: "redis", User: url.UserPassword("", first.password), Host: first.addr(), RawQuery: more.Encode()}).String()
}

// Kill ends all of it without a word.
func (c *RedisCluster) Kill() {
	for _, r := range c.Nodes {
		r.Kill()
	}
}

// Move gives all slots of one server to another. They must hold no keys.
func (c *RedisCluster) Move(ctx context.Context, from, to int) error {
	id, err := c.Nodes[to].Do(ctx, "CLUSTER MYID")
	if err != nil {
		return err
	}
	var orders strings.Builder
	first, next := from*slots/len(c.Nodes), (from+1)*slots/len(c.Nodes)
	for slot := first; slot < next; slot++ {
		fmt.Fprintf(&orders, "CLUSTER SETSLOT %d NODE %s\r\n", slot, id)
	}
	servers := []*Redis{c.Nodes[from], c.Nodes[to]} // who has them first, so that it claims them no more
	for i, r := range c.Nodes {
		if i != from && i != to {
			servers = append(servers, r)
		}
	}
	for _, r := range servers {
		conn, answers, err := r.dial(ctx)
		if err != nil {
			return err
		}
		fmt.Fprint(conn, orders.String())
		for range next - first {
			if got, err := answers.ReadString('\n'); err != nil || got != "+OK\r\n" {
				conn.Close()
				return fmt.Errorf("redis answered %q (%v)", got, err)
			}
		}
		conn.Close()
	}
	_, err = c.Nodes[to].Do(ctx, "CLUSTER BUMPEPOCH") // what it says of them counts from now on
	return err
}
