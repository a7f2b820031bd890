package postgres

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// The types that the ledger's columns have, as the server numbers them.
const (
	typeBool  = 16
	typeBytes = 17
	typeInt8  = 20
	typeInt2  = 21
	typeInt4  = 23
	typeText  = 25
)

// The forms in which values travel.
const (
	asText   = 0
	asBinary = 1
)

// rows are what a query found. Values come as text.
type rows struct {
	reader *pgconn.ResultReader
	ahead  bool // the reader has a row that was not taken
	ended  bool
}

// Columns returns the names of the columns.
func (r *rows) Columns() []string {
	fields := r.reader.FieldDescriptions()
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].Name
	}
	return names
}

// Close ends the reading.
func (r *rows) Close() error {
	if r.ended {
		return nil
	}
	r.ended = true
	_, err := r.reader.Close()
	return err
}

// Next reads a row.
func (r *rows) Next(to []driver.Value) error {
	if r.ended {
		return io.EOF
	}
	if !r.ahead && !r.reader.NextRow() {
		if err := r.Close(); err != nil {
			return err
		}
		return io.EOF
	}
	r.ahead = false
	fields := r.reader.FieldDescriptions()
	for i, text := range r.reader.Values() {
		value, err := readValue(fields[i].DataTypeOID, text)
		if err != nil {
			return fmt.Errorf("column %s: %w", fields[i].Name, err)
		}
		to[i] = value
	}
	return nil
}

// readValue reads a value of one of the server's types; other types than the ledger's stay text.
func readValue(kind uint32, text []byte) (driver.Value, error) {
	if text == nil {
		return nil, nil
	}
	switch kind {
	case typeInt2, typeInt4, typeInt8:
		return strconv.ParseInt(string(text), 10, 64)
	case typeBool:
		return string(text) == "t", nil
	case typeBytes:
		if len(text) < 2 || text[0] != '\\' || text[1] != 'x' {
			return nil, fmt.Errorf("the server sends bytes in a form of old: set bytea_output = 'hex' for the user")
		}
		value := make([]byte, hex.DecodedLen(len(text)-2))
		_, err := hex.Decode(value, text[2:])
		return value, err
	}
	return string(text), nil
}
