package main

import (
	"fmt"
	"io"

	"obmen/cmd/obmen/ui"

	"github.com/urfave/cli/v2"
)

// Completion scripts ask the program itself, so they never go stale.
var completions = map[string]string{
	"bash": `_obmen() {
  local cur="${COMP_WORDS[COMP_CWORD]}" words ask=()
  case "${cur}" in -*) ask=(-) ;; esac
  words=$("${COMP_WORDS[@]:0:COMP_CWORD}" "${ask[@]}" --generate-bash-completion 2>/dev/null)
  COMPREPLY=($(compgen -W "${words}" -- "${cur}"))
}
complete -o default -F _obmen obmen
`,
	"zsh": `#compdef obmen
_obmen() {
  local -a ask found
  [[ "${words[CURRENT]}" == -* ]] && ask=(-)
  found=(${(f)"$("${(@Q)words[1,CURRENT-1]}" "${ask[@]}" --generate-bash-completion 2>/dev/null)"})
  (( ${#found} )) && compadd -a found || _files
}
if [[ "${funcstack[1]}" == _obmen ]]; then
  _obmen "$@" # loaded by zsh from its folder of completions
else
  compdef _obmen obmen
fi
`,
	"fish": `function __obmen_complete
  set -l ask
  string match -q -- '-*' (commandline -ct); and set ask -
  set -l words (commandline -opc) $ask
  $words --generate-bash-completion 2>/dev/null
end
complete -c obmen -f -n 'count (__obmen_complete) >/dev/null' -a '(__obmen_complete)'
`,
	"powershell": `Register-ArgumentCompleter -Native -CommandName obmen -ScriptBlock {
  param($word, $ast, $cursor)
  $line = "$ast".Split() | Where-Object { $_ -ne $word }
  $ask = @(); if ($word -like '-*') { $ask = @('-') }
  & $line[0] @($line | Select-Object -Skip 1) @ask --generate-bash-completion 2>$null |
    Where-Object { $_ -like "$word*" } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`,
}

func completionCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print the completion script of a shell: bash, zsh, fish or powershell",
		ArgsUsage: "SHELL",
		Action: func(c *cli.Context) error {
			shell := c.Args().First()
			text, ok := completions[shell]
			if !ok {
				return ui.Usage("obmen completion bash", "no completion for shell %q", shell)
			}
			_, err := fmt.Fprint(s.Out, text)
			return err
		},
	}
}

func manCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "man",
		Usage: "print the manual page (obmen man > obmen.1)",
		Action: func(c *cli.Context) error {
			text, err := c.App.ToManWithSection(1)
			if err != nil {
				return err
			}
			_, err = io.WriteString(s.Out, text+"\n.SH EXIT STATUS\n"+ui.ExitTable+"\n"+manSections)
			return err
		},
	}
}

// manSections are what the manual page has besides the commands.
const manSections = `.SH FILES
.TP
.B obmen.toml
the settings; in the current folder, or named by --config or OBMEN_CONFIG. Packages have it in /etc/obmen.
.TP
.B state/
what obmen remembers: ledger.db, secrets.json, kept copies. On a local disk; obmen backup saves it.
.TP
.B inbox/ outbox/ archive/ quarantine/ ack/ catalogs/
the folders of the exchange, beside obmen.toml unless [folders] names others
.TP
.B quarantine/held.csv
the orders that wait, with the reason and the cure of each
.SH ENVIRONMENT
.TP
.B OBMEN_CONFIG
the file of settings, where --config names none
.TP
.B OBMEN_LANG
language of messages, en or ru; counts before language in obmen.toml
.TP
.B OBMEN_WEB
address of the page, or off; counts before [web]
.TP
.B OBMEN_METRICS_TOKEN
what another machine sends to read /metrics
.TP
.B OBMEN_ACCOUNT_CLIENT_ID, OBMEN_ACCOUNT_CLIENT_SECRET, OBMEN_ACCOUNT_REFRESH_TOKEN
secrets of an account, with its name in capitals; counts before what obmen secret set stored
.TP
.B OBMEN_NOTIFY_CHANNEL_URL
address of a channel of alerts, with its name in capitals
.TP
.B NOTIFY_SOCKET, WATCHDOG_USEC, CREDENTIALS_DIRECTORY, JOURNAL_STREAM
given by systemd
.SH EXAMPLES
.TP
.B obmen init exchange && obmen check --config exchange/obmen.toml
make the folders of an exchange and look them over
.TP
.B obmen watch --config exchange/obmen.toml
convert whatever is dropped into the inbox
.TP
.B obmen convert --out results --report report.xlsx orders.txt
convert one file by hand
.TP
.B obmen held
list the orders that wait, and what each needs
.TP
.B obmen status --check
one line and an exit code for a monitor
.TP
.B obmen backup obmen-backup.zip
save what cannot be made again
`
