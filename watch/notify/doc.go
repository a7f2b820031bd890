// Package notify tells people outside of the program what needs them: by Telegram, e-mail, a web hook
// or any other channel that shoutrrr knows by its address.
//
// It is told again and again what is wrong now (Engine.Update), and turns that into one message for a
// change of state: a problem that has lasted its delay is announced once, repeated after a day, and
// announced as solved when it is gone. What is announced is remembered in a file, so that a restart
// repeats nothing. A message that cannot be delivered is tried again with growing pauses; nothing ever
// waits for it.
//
// Problems carry no buyers' data: codes, counts, names of files and accounts.
package notify
