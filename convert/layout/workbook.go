package layout

import (
	"fmt"
	"io/fs"
	"strings"
)

// ownLanguage is the language of sheet.xlsx; another one has a workbook of its own,
// sheet.LANGUAGE.xlsx.
const ownLanguage = "ru"

// workbook reads the workbook template of the language that the settings name.
func (c *folder) workbook() (file string, data []byte, ok bool) {
	all, _ := fs.Glob(c.fsys, c.path("sheet*.xlsx"))
	if len(all) == 0 {
		return "", nil, false
	}
	file = sheetFile
	language := c.settings.get("language")
	if language != "" && language != ownLanguage {
		file = "sheet." + language + ".xlsx"
	}
	if data, ok = c.read(file); !ok {
		c.found = append(c.found, Mistake{
			File: c.path(file), Text: fmt.Sprintf("there is no workbook for the language %q", language),
			Advice: "there is " + strings.Join(all, ", "),
		})
	}
	return file, data, ok
}
