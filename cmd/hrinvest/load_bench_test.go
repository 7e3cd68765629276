package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkServing asks the program over the loopback, as many clients at once, each
// with a connection it keeps: what a reader waits (half of them, all but one in a
// hundred) and what the program answers in a second. A release keeps answers without
// a query; "made" asks for ones that are made each time.
func BenchmarkServing(b *testing.B) {
	h := bundledSite(b)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := server(h, io.Discard)
	go s.Serve(l)
	defer s.Close()
	base := "http://" + l.Addr().String()
	for _, page := range []struct{ name, path string }{
		{"country", "/ru/country/KGZ"},
		{"gaps", "/ru/gaps?country=KGZ"},
		{"brief", "/ru/brief/KGZ.pdf"},
		{"brief-made", "/api/v1/brief/KGZ?lang=ru"},
		{"flows-made", "/api/v1/flows?country=KGZ&limit=100"},
	} {
		for _, clients := range []int{1, 8, 32} {
			b.Run(fmt.Sprintf("%s/%d", page.name, clients), func(b *testing.B) { load(b, base+page.path, clients) })
		}
	}
}

func load(b *testing.B, address string, clients int) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	var left, busy atomic.Int64
	left.Store(int64(max(b.N, 4*clients)))
	var mu sync.Mutex
	var took []time.Duration
	var all sync.WaitGroup
	b.ResetTimer()
	for range clients {
		all.Go(func() {
			var own []time.Duration
			for left.Add(-1) >= 0 {
				start := time.Now()
				res, err := client.Get(address)
				if err != nil {
					b.Error(err)
					return
				}
				if _, err := io.Copy(io.Discard, res.Body); err != nil {
					b.Error(err)
				}
				res.Body.Close()
				switch res.StatusCode {
				case http.StatusOK:
					own = append(own, time.Since(start))
				case http.StatusServiceUnavailable:
					busy.Add(1) // asked to come again
				default:
					b.Error(address, res.Status)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, own...)
		})
	}
	all.Wait()
	b.StopTimer()
	slices.Sort(took)
	if len(took) == 0 {
		b.Fatal("no answer")
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
	b.ReportMetric(ms(took[len(took)*99/100]), "p99-ms")
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "req/s")
	b.ReportMetric(float64(busy.Load()), "busy")
	b.ReportMetric(0, "ns/op")
}
