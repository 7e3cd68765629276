package fetch

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/net/publicsuffix"
)

// special are networks that no publisher is in, beyond those netip knows.
var special = func() (list []netip.Prefix) {
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"2001:db8::/32", "2001::/32", "fec0::/10",
		"100::/64", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96", // discarded; translated within a network; IPv4 in forms of old
	} {
		list = append(list, netip.MustParsePrefix(s))
	}
	return list
}()

// Prefixes that carry an IPv4 address: NAT64 in its last four bytes, 6to4 after
// its first two.
var (
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
	sixto = netip.MustParsePrefix("2002::/16")
)

// public says whether an address is one of the open internet.
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if ip.Is6() {
		b := ip.As16()
		switch {
		case nat64.Contains(ip):
			return public(netip.AddrFrom4([4]byte(b[12:16])))
		case sixto.Contains(ip):
			return public(netip.AddrFrom4([4]byte(b[2:6])))
		}
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range special {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// dialer connects to addresses of the open internet only. The check is on the
// address that is connected to, after the name was looked up, so that a name
// that leads inside is refused whenever it does.
func dialer(allowPrivate bool) func(context.Context, string, string) (net.Conn, error) {
	d := net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	if !allowPrivate {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil || !public(ap.Addr().WithZone("")) {
				return fmt.Errorf("%w: %s", ErrAddress, address)
			}
			return nil
		}
	}
	return d.DialContext
}

// samesite lets a redirect lead to the site of the first request and to the
// hosts that the source names, and nowhere else. net/http says in a request's
// Response which answer caused it, so this holds below every client, colly's too.
type samesite struct {
	next    http.RoundTripper
	allowed map[string]bool // hosts
}

// RoundTrip implements http.RoundTripper.
func (s *samesite) RoundTrip(req *http.Request) (*http.Response, error) {
	first := req
	for first.Response != nil && first.Response.Request != nil {
		first = first.Response.Request
	}
	if to, from := req.URL, first.URL; first != req {
		switch {
		case from.Scheme == "https" && to.Scheme != "https":
			return nil, fmt.Errorf("%w: %s leads from https to %s", ErrRedirect, from.Host, to.Scheme)
		case to.Hostname() != from.Hostname() && site(to.Hostname()) != site(from.Hostname()) && !s.allowed[to.Hostname()]:
			return nil, fmt.Errorf("%w: %s leads to %s", ErrRedirect, from.Host, to.Host)
		}
	}
	return s.next.RoundTrip(req)
}

// site is the registered domain of a host, or the host itself.
func site(host string) string {
	if s, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return s
	}
	return host
}
