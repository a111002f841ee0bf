package assembly

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"testing"

	"wardroom/server/devkit"
)

func TestRedisIsOneServerOrAClusterAndMayHaveUsers(t *testing.T) {
	dir, err := os.MkdirTemp("", "redis-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	one, err := devkit.StartRedis(t.Context(), dir+"/one", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { one.Kill() })
	several, err := devkit.StartRedisCluster(t.Context(), dir, 3, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(several.Kill)
	// All that a node needs of Redis: its own names, and no command that tells
	// or changes anything of others.
	const rights = "ACL SETUSER wardroom on >secret-of-the-node ~wardroom/* &wardroom/* +@connection +cluster|slots +cluster|shards +command +zadd +zrem +zremrangebyscore +zrangebyscore +pexpire +spublish +ssubscribe +sunsubscribe"
	for _, r := range append(several.Nodes, one) {
		if _, err := r.Do(t.Context(), rights); err != nil {
			t.Fatal(err)
		}
	}
	for name, address := range map[string]string{"one": one.URL(), "several": several.URL()} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword("wardroom", "secret-of-the-node")
		c, err := dialRedis(u.String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for i := range 50 {
			if err := c.SPublish(t.Context(), fmt.Sprintf("wardroom/2/bell/{%d}/x", i%16), "1").Err(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if err := c.Set(t.Context(), "wardroom/1/x", "1", 0).Err(); err == nil || !strings.Contains(err.Error(), "NOPERM") {
			t.Errorf("%s: the user is not the one with few rights: %v", name, err)
		}
	}
	for _, wrong := range []string{"redis://x:hunter2@a:6379/zero", "redis://x:hunter2@a:6379/3?addr=b:6379", "redis://x:hunter2@a:6379?addr=b", "redis://x:hunter2@a:6379?master_name=", "redis://x:hunter2@a:6379?speed=fast"} {
		if _, err := dialRedis(wrong); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
