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
  found=("${(@f)$("${words[@]:0:CURRENT-1}" "${ask[@]}" --generate-bash-completion 2>/dev/null)}")
  _describe 'obmen' found || _files
}
compdef _obmen obmen
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
			if shell == "fish" {
				text, err := c.App.ToFishCompletion()
				if err != nil {
					return err
				}
				_, err = io.WriteString(s.Out, text)
				return err
			}
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
		Usage: "print the manual page (obmen man > obmen.8)",
		Action: func(c *cli.Context) error {
			text, err := c.App.ToManWithSection(8)
			if err != nil {
				return err
			}
			_, err = io.WriteString(s.Out, text+"\n.SH EXIT STATUS\n"+ui.ExitTable+"\n")
			return err
		},
	}
}
