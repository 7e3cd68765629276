package fetch

import (
	"net/netip"
	"testing"
)

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true,
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "::": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false, "192.0.2.7": false,
		"64:ff9b:1::808:808": false, "::8.8.8.8": false, "::ffff:0:8.8.8.8": false, "100::1": false, "fe80::1": false, "fc00::1": false, "ff02::1": false, "2001:db8::1": false,
		"::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true, "64:ff9b::7f00:1": false, "64:ff9b::808:808": true, "2002:7f00:1::": false, "2002:808:808::": true,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("public(%s) = %v", address, got)
		}
	}
}

func TestReadHosts(t *testing.T) {
	hosts, err := readHosts(hostTable)
	if err != nil || len(hosts) < 4 || hosts[len(hosts)-1].Path != "" {
		t.Errorf("%+v, %v", hosts, err)
	}
	if _, err := readHosts([]byte("host,path,every_ms,in_flight,per_hour,source\na,,x,1,,s\n")); err == nil {
		t.Error("a pace that is no number was read")
	}
}
