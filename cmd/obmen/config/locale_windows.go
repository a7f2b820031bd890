package config

import "golang.org/x/sys/windows"

// systemLocale is the language of Windows' own menus; empty when Windows does not tell.
func systemLocale() string {
	list, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(list) == 0 {
		return ""
	}
	return list[0]
}
