package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// address is where a request comes from, for limits: as the network has it,
// and what a proxy of ours says of it only where the request came from one. Of
// IPv6 it is the network (/64), of which one machine has as many addresses as it
// likes.
func (s *Server) address(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return "unknown"
	}
	from := at.Addr().Unmap()
	// Each proxy of ours adds whom it heard it from at the end; what stands
	// before the last that is not ours may be anybody's invention.
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !s.proxy(from) {
			break
		}
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		from = next.Unmap()
	}
	if from.Is6() {
		if p, err := from.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return from.String()
}

func (s *Server) proxy(a netip.Addr) bool {
	return slices.ContainsFunc(s.Config.Proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}
