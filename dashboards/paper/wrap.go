package paper

import "strings"

// measure returns the width of a line of text.
type measure func(string, Style) float64

// wrap is Doc.Wrap for any surface.
func wrap(s string, width float64, st Style, measure measure) []string {
	var lines []string
	for _, paragraph := range strings.Split(s, "\n") {
		line, last, used := "", "", 0.0
		for _, word := range strings.Split(paragraph, " ") {
			w := measure(word, st)
			if line == "" && w <= width {
				line, last, used = word, word, w
				continue
			}
			// Widths add up: there is no kerning. The blank is measured in the face
			// of the word before it.
			if blank := measure(last+" ", st) - measure(last, st); line != "" && used+blank+w <= width {
				line, last, used = line+" "+word, word, used+blank+w
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			for measure(word, st) > width && len([]rune(word)) > 1 {
				cut := fit(word, width, st, measure)
				lines = append(lines, word[:cut])
				word = word[cut:]
			}
			line, last, used = word, word, measure(word, st)
		}
		lines = append(lines, line)
	}
	return lines
}

// fit returns the length in bytes of the longest beginning of word that fits,
// at least one letter; it prefers to end at a no-break space outside a number,
// then after a separator of an address.
func fit(word string, width float64, st Style, measure measure) int {
	best, last, space := 0, 0, 0
	for i, r := range word {
		if i == 0 {
			continue
		}
		if measure(word[:i], st) > width {
			break
		}
		last = i
		if r == '\u00a0' && !(digit(word[i-1]) && len(word) > i+2 && digit(word[i+2])) {
			space = i + len("\u00a0")
		}
		if strings.ContainsRune("/-_?&=.", rune(word[i-1])) {
			best = i
		}
	}
	if space > 0 {
		return space
	}
	if best > last/2 {
		return best
	}
	if last == 0 {
		_, size := firstRune(word)
		return size
	}
	return last
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

func firstRune(s string) (rune, int) {
	for i, r := range s {
		return r, i + len(string(r))
	}
	return 0, 0
}
