package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every command of the README runs as printed, in its order, in a copy of the tree.
func TestReadmeCommandsRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the README's commands are for a POSIX shell")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	script := readmeScript(readReadme(t, "README.md"))
	if !strings.Contains(script, "bin/obmen convert") || !strings.Contains(script, "bin/obmen watch") {
		t.Fatalf("the README's commands are not found:\n%s", script)
	}
	dir := t.TempDir()
	for _, name := range []string{"samples", "templates"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "bin")+string(filepath.Separator), ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	cmd := exec.Command("sh", "-e", "-x", "-c", script)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// README.ru.md has the sections, the tables and the commands of README.md: what is printed in one runs as it runs
// in the other.
func TestReadmesAreOne(t *testing.T) {
	english, russian := readReadme(t, "README.md"), readReadme(t, "README.ru.md")
	if !strings.Contains(english, "](README.ru.md)") || !strings.Contains(russian, "](README.md)") {
		t.Error("the READMEs do not lead to each other")
	}
	if diff := cmp.Diff(readmeShape(english), readmeShape(russian)); diff != "" {
		t.Errorf("README.ru.md (+) is not README.md (-) in Russian:\n%s", diff)
	}
}

func readReadme(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	codeComment = regexp.MustCompile(`(^|\s+)#\s.*$`)
	freeText    = regexp.MustCompile(`--why "[^"]*"`)
	codeInCell  = regexp.MustCompile("`[^`]+`")
)

// readmeShape is what both languages share: the levels of the headings, code without comments, and the code that
// stands in the first cell of each row.
func readmeShape(text string) []string {
	var shape []string
	inCode := false
	for _, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			inCode = !inCode
			shape = append(shape, line)
		case inCode:
			line = freeText.ReplaceAllString(codeComment.ReplaceAllString(line, ""), "--why")
			shape = append(shape, strings.TrimRight(line, " "))
		case strings.HasPrefix(line, "#"):
			level, _, _ := strings.Cut(line, " ")
			shape = append(shape, level)
		case strings.HasPrefix(line, "| "):
			cell, _, _ := strings.Cut(line[2:], " | ")
			shape = append(shape, "| "+strings.Join(codeInCell.FindAllString(cell, -1), " "))
		}
	}
	return shape
}

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// readmeScript joins the shell blocks. make is left out: this test is a part of what it runs. A
// conversion may hold orders: exit code 3.
func readmeScript(text string) string {
	var lines []string
	for _, block := range shellBlock.FindAllStringSubmatch(text, -1) {
		for _, line := range strings.Split(block[1], "\n") {
			switch {
			case strings.HasPrefix(line, "make "):
			case strings.HasPrefix(line, "bin/obmen convert"):
				lines = append(lines, line+" || test $? -eq 3")
			default:
				lines = append(lines, line)
			}
		}
	}
	return strings.Join(lines, "\n")
}
