package layout

import "strings"

// nearest is the name that word was probably meant to be; empty when none is close.
func nearest(word string, names []string) string {
	best, least := "", 1+max(1, len([]rune(word))/3)
	for _, name := range names {
		if strings.EqualFold(name, word) {
			return name
		}
		if d := distance([]rune(strings.ToLower(word)), []rune(strings.ToLower(name))); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or change to make b of a.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
