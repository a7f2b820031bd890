package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"obmen/cmd/bench/generate"
)

// generateOptions say what to write. Orders go to orders/, catalogs to catalogs/, settings to obmen.toml.
type generateOptions struct {
	orders    int
	files     int // how many files the orders are spread over
	format    string
	products  int
	customers int
	out       string
}

func generateCommand(set *flag.FlagSet) func(context.Context) error {
	var o generateOptions
	set.IntVar(&o.orders, "orders", 1000, "how many orders")
	set.IntVar(&o.files, "files", 1, "over how many files they are spread")
	set.StringVar(&o.format, "format", "amazon-orders-2026-01-01", "source format")
	set.IntVar(&o.products, "products", generate.Products, "lines of products.csv; 0 writes no catalogs")
	set.IntVar(&o.customers, "customers", generate.Customers, "lines of customers.csv")
	set.StringVar(&o.out, "out", "", "folder that gets orders/, catalogs/ and obmen.toml")
	return func(context.Context) error { return runGenerate(o) }
}

func runGenerate(o generateOptions) error {
	f, err := generate.FormatNamed(o.format)
	if err != nil {
		return err
	}
	if o.out == "" || o.files < 1 {
		return fmt.Errorf("--out %q --files %d: a folder, and at least one file", o.out, o.files)
	}
	if err := writeOrders(f, o.orders, o.files, filepath.Join(o.out, "orders")); err != nil {
		return err
	}
	if o.products == 0 {
		return nil
	}
	if err := writeCatalogs(filepath.Join(o.out, "catalogs"), o.products, o.customers); err != nil {
		return err
	}
	return writeFile(filepath.Join(o.out, "obmen.toml"), func(w io.Writer) error {
		_, err := io.WriteString(w, generate.Settings)
		return err
	})
}

// writeOrders spreads n orders over files of the same size.
func writeOrders(f generate.Format, n, files int, dir string) error {
	for i := range files {
		err := writeFile(filepath.Join(dir, fmt.Sprintf("orders-%06d%s", i, f.Ext)), func(w io.Writer) error {
			return f.Orders(w, i*n/files, (i+1)*n/files)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// writeOrderFile writes order n as a file of its own.
func writeOrderFile(f generate.Format, n int, dir string) error {
	return writeFile(filepath.Join(dir, fmt.Sprintf("order-%09d%s", n, f.Ext)), func(w io.Writer) error { return f.Orders(w, n, n+1) })
}

func writeCatalogs(dir string, products, customers int) error {
	for _, c := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"products.csv", func(w io.Writer) error { return generate.ProductsCSV(w, products) }},
		{"customers.csv", func(w io.Writer) error { return generate.CustomersCSV(w, customers) }},
		{"vat.csv", generate.VATCSV},
	} {
		if err := writeFile(filepath.Join(dir, c.name), c.write); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(name string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := write(f); err != nil {
		return err
	}
	return f.Close()
}
