package assembly

import (
	"crypto/tls"
	"errors"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisWait bounds one word with Redis: whoever waits longer is better served
// by looking at the database.
const redisWait = time.Second

// errRedisURL says nothing of the address: the library's own words quote it,
// password and all.
var errRedisURL = errors.New("WARDROOM_REDIS_URL is not an address of the form rediss://USER:PASSWORD@HOST:6379/0. " +
	"For a Redis Cluster name other nodes of it: rediss://USER:PASSWORD@HOST:6379?addr=HOST:6379&addr=HOST:6379. " +
	"For Sentinel name the master: rediss://HOST:26379?master_name=NAME&addr=HOST:26379&username=USER&password=PASSWORD.")

// dialRedis makes the client of other nodes' hints: of one server; of a cluster,
// if the address names more of its nodes (addr); or of whichever server
// sentinels say is the master (master_name). It asks Redis nothing: that may
// come and go while the server runs.
func dialRedis(address string) (redis.UniversalClient, error) {
	if address == "" {
		return nil, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, errRedisURL
	}
	switch q := u.Query(); {
	case q.Has("master_name"):
		o, err := redis.ParseFailoverURL(address)
		if err != nil || o.MasterName == "" {
			return nil, errRedisURL
		}
		ownName(o.TLSConfig)
		o.ContextTimeoutEnabled, o.DialTimeout, o.ReadTimeout, o.MaxRetries = true, redisWait, redisWait, 1
		return redis.NewFailoverClient(o), nil
	case q.Has("addr"):
		if len(u.Path) > 1 && u.Path != "/0" { // a cluster has one database
			return nil, errRedisURL
		}
		o, err := redis.ParseClusterURL(address)
		if err != nil {
			return nil, errRedisURL
		}
		ownName(o.TLSConfig)
		o.ContextTimeoutEnabled, o.DialTimeout, o.ReadTimeout, o.MaxRetries = true, redisWait, redisWait, 1
		return redis.NewClusterClient(o), nil
	default:
		o, err := redis.ParseURL(address)
		if err != nil {
			return nil, errRedisURL
		}
		o.ContextTimeoutEnabled, o.DialTimeout, o.ReadTimeout, o.MaxRetries = true, redisWait, redisWait, 1
		return redis.NewClient(o), nil
	}
}

// ownName has each server of several prove the name that it is called by; the
// library would hold all of them to that of the first.
func ownName(c *tls.Config) {
	if c != nil {
		c.ServerName, c.MinVersion = "", tls.VersionTLS12
	}
}
