package warehouse

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/marcboeker/go-duckdb"
)

// The test binary is also the process that answers SQL, and one that shuts
// itself in and tries to get out.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		switch os.Args[1] {
		case "answer-sql":
			if err := SandboxProcess(os.Stdin, os.Stdout); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		case "try-to-get-out":
			tryToGetOut()
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

func testSandbox(t testing.TB) Sandbox {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Sandbox{Command: []string{self, "answer-sql"}, Time: 30 * time.Second, Rows: 1000, Bytes: 1 << 20}
}

func TestSandboxAnswers(t *testing.T) {
	path := flowsFile(t)
	a, err := testSandbox(t).Ask(t.Context(), path, `SELECT 1455000.000000::DECIMAL(24,6) AS money, 3::BIGINT AS n, true AS yes, NULL::VARCHAR AS absent, '' AS empty, DATE '2016-12-31' AS day,
		TIMESTAMP '2026-11-23 02:15:00' AS at, 1.0 / 3 AS quotient, 170141183460469231731687303715884105727::HUGEINT AS huge, [1, 2] AS list, -0.5::DECIMAL(24,6) AS half, usd AS money FROM flows`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, v := range a.Rows[0] {
		got = append(got, fmt.Sprintf("%s %s %T %s", a.Columns[i].Name, a.Columns[i].Type, v, Text(v)))
	}
	want := []string{
		"money DECIMAL(24,6) warehouse.Decimal 1455000.000000", "n BIGINT int64 3", "yes BOOLEAN bool true", "absent VARCHAR <nil> ", "empty VARCHAR string ",
		"day DATE time.Time 2016-12-31", "at TIMESTAMP time.Time 2026-11-23T02:15:00Z", "quotient DOUBLE warehouse.Inexact 0.3333333333333333",
		"huge HUGEINT warehouse.Decimal 170141183460469231731687303715884105727", "list INTEGER[] string [1, 2]", "half DECIMAL(24,6) warehouse.Decimal -0.500000",
		"money_1 DECIMAL(24,6) warehouse.Decimal 100.000000",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// Every statement of testdata/hostile.tsv ends as it should, in time, within the
// memory, without a trace in the release, on the disk or in the words.
func TestSandboxHoldsStrangers(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	path := flowsFile(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	box := testSandbox(t)
	text, err := os.ReadFile("testdata/hostile.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		field := strings.SplitN(line, "\t", 3)
		// What is to be answered is given time, on a machine that is busy too.
		if box.Time = 30 * time.Second; field[0] == "stopped" {
			box.Time = 4 * time.Second
		}
		start := time.Now()
		a, err := box.Ask(t.Context(), path, field[2])
		if d := time.Since(start); d > box.Time+10*time.Second {
			t.Errorf("%s: took %v", field[2], d)
		}
		outcome, words := "answered", ""
		switch {
		case errors.Is(err, ErrSQL):
			outcome, words = "refused", err.Error()
		case errors.Is(err, ErrLimit):
			outcome, words = "stopped", err.Error()
		case err != nil:
			outcome, words = "failed", err.Error()
		case a.Truncated != "":
			outcome, words = "cut", a.Truncated
		default:
			for _, r := range a.Rows {
				words += fmt.Sprintln(r...)
			}
		}
		if outcome != field[0] || !strings.Contains(words, field[1]) {
			t.Errorf("%s\n is %s, want %s with %q\n%.300s", field[2], outcome, field[0], field[1], words)
		}
		for _, leak := range []string{"root:", os.TempDir() + "/hrinvest", path} {
			if strings.Contains(words, leak) {
				t.Errorf("%s: the answer shows %q:\n%.300s", field[2], leak, words)
			}
		}
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Error("the release is not what it was", err)
	}
	for _, name := range []string{"/tmp/hostile.csv", "/tmp/hostile.duckdb", "/tmp/hostile"} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	var used, own syscall.Rusage
	if err := errors.Join(syscall.Getrusage(syscall.RUSAGE_CHILDREN, &used), syscall.Getrusage(syscall.RUSAGE_SELF, &own)); err != nil {
		t.Fatal(err)
	}
	t.Logf("the largest process took %d MB", used.Maxrss>>10)
	// A process begins as a copy of the one that starts it, whose memory the kernel
	// counts as its own: only what is more than that is known to be the child's.
	if used.Maxrss>>10 > 1000 && used.Maxrss > own.Maxrss {
		t.Errorf("a process took %d MB", used.Maxrss>>10)
	}
}

// What one stranger leaves behind, the next does not meet.
func TestSandboxForgets(t *testing.T) {
	path, box := flowsFile(t), testSandbox(t)
	for range 2 {
		a, err := box.Ask(t.Context(), path, "SELECT path FROM duckdb_databases() WHERE NOT internal UNION ALL SELECT value FROM duckdb_settings() WHERE value LIKE '/%'")
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([][]any{{sandboxDatabase}}, a.Rows); d != "" {
			t.Errorf("paths of the machine: %s", d)
		}
	}
}

func TestSandboxRefusesBeforeAsking(t *testing.T) {
	box := testSandbox(t)
	for _, sql := range []string{"", " \n", strings.Repeat("x", maxStatement+1), "SELECT 'a\x00b'"} {
		if _, err := box.Ask(t.Context(), "nowhere", sql); !errors.Is(err, ErrSQL) {
			t.Errorf("%.20q: %v", sql, err)
		}
	}
	if _, err := box.Ask(t.Context(), t.TempDir()+"/none.duckdb", "SELECT 1"); err == nil || errors.Is(err, ErrSQL) || errors.Is(err, ErrLimit) {
		t.Errorf("a release that is not there: %v", err)
	}
	if _, err := (Sandbox{Command: []string{"/nowhere/program"}}).Ask(t.Context(), "x", "SELECT 1"); err == nil || errors.Is(err, ErrSQL) {
		t.Errorf("a program that is not there: %v", err)
	}
	// A process that ends without an answer has given none.
	if _, err := (Sandbox{Command: []string{"/bin/true"}}).Ask(t.Context(), flowsFile(t), "SELECT 1"); err == nil {
		t.Error("an answer from a process that said nothing")
	}
}

// The process ends with the one that asked.
func TestSandboxProcessIsNotLeftBehind(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(flowsFile(t), dir+"/"+sandboxDatabase); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(testSandbox(t).Command[0], "answer-sql")
	cmd.Dir = dir
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	io.WriteString(in, `{"sql":"SELECT count(*) FROM range(100000000000) a, range(100000) b","rows":1,"bytes":1000,"memory":256,"cpu":60}`+"\n")
	time.Sleep(time.Second)
	in.Close()
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		cmd.Process.Kill()
		t.Error("the process went on without anybody to answer to")
	}
}

func tryToGetOut() {
	if err := shutIn(64, 5); err != nil {
		fmt.Println("shut in:", err)
		return
	}
	if _, err := os.ReadFile("/etc/passwd"); err == nil {
		fmt.Println("read a file")
	}
	if _, err := os.Create(fmt.Sprintf("%s/hostile-%d", os.TempDir(), os.Getpid())); err == nil {
		fmt.Println("made a file")
	}
	if _, err := net.Dial("tcp", "127.0.0.1:9"); !errors.Is(err, syscall.EMFILE) {
		fmt.Println("made a connection:", err)
	}
	if err := exec.Command("/bin/true").Run(); err == nil {
		fmt.Println("started a program")
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 100, Max: 100}); err == nil && os.Getuid() != 0 {
		fmt.Println("took back what it gave up")
	}
	fmt.Println("stayed")
}

// The limits are the kernel's, whatever DuckDB thinks.
func TestShutIn(t *testing.T) {
	out, err := exec.Command(testSandbox(t).Command[0], "try-to-get-out").CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != "stayed" {
		t.Errorf("%v: %s", err, got)
	}
}

// flowsFile makes a database with one flow.
func flowsFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "release.duckdb")
	connector, err := duckdb.NewConnector(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	_, err = db.Exec("CREATE TABLE flows AS SELECT 'f1' AS flow_id, 'KGZ' AS country, 100::DECIMAL(24,6) AS usd")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}
