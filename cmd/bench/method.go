package main

// method ends the page of results.
const method = `
## How

- ` + "`make bench`" + ` makes these tables; ` + "`make bench BENCH=quick`" + ` only shows that everything runs. Data and outputs lie in the user's
  cache folder (` + "`BENCH_DIR`" + ` elsewhere): it is the disk of that folder that is measured.
- The data is made by cmd/bench/generate and is the same everywhere: two lines an order, catalogs of 200,000 products and
  100,000 customers, two lines in a hundred with an unknown SKU, five buyers in a hundred unknown. Every job writes
  CommerceML and a workbook of 36 columns, and reads its catalogs anew.
- **limit** reads and hashes (SHA-256) the input, deflates the sheets at level 1, writes exactly as many bytes in as many files
  as obmen does, syncs them and gives them their names, on all cores. It parses nothing.
- **Python** and **Node** are cmd/bench/peers: the same documents and columns in one file each, for these orders only. They must
  agree with obmen on how many orders were exported and for how much; a test compares them.
- **watched** is ` + "`watch --once`" + `: inbox, claim, copy, ledger, outbox, archive. "without fsync" is the same program built with the tag
  nosync, which waits for no disk.
- Peak memory is what the kernel says of the process (ru_maxrss).
- Before and after a change: ` + "`go test -run '^$' -bench . -count 10 ./convert/layout >old.txt`" + `, the same into new.txt, then
  ` + "`go run golang.org/x/perf/cmd/benchstat@latest old.txt new.txt`" + `.
`
