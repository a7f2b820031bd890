/* The workbook of convert/layout's BenchmarkWorkbook by libxlsxwriter in its constant-memory mode:
   200,000 rows of 14 columns. workbook OUT.xlsx */
#include <stdio.h>
#include <xlsxwriter.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	lxw_workbook_options options = {.constant_memory = LXW_TRUE};
	lxw_workbook *book = workbook_new_opt(argv[1], &options);
	lxw_worksheet *sheet = workbook_add_worksheet(book, "Orders");
	lxw_format *date = workbook_add_format(book), *money = workbook_add_format(book), *text = workbook_add_format(book);
	format_set_num_format(date, "dd.mm.yyyy");
	format_set_num_format(money, "0.00");
	format_set_num_format(text, "@");
	static const char *headers[] = {"Number", "Date", "Customer", "SKU", "Name", "Unit", "ASIN",
		"Warehouse", "Quantity", "Price", "Amount", "VAT", "Total", "Total VAT"};
	for (int c = 0; c < 14; c++)
		worksheet_write_string(sheet, 0, c, headers[c], NULL);
	char number[64], customer[64], sku[64], name[64], asin[64];
	for (int row = 0; row < 200000; row++) {
		int order = row / 2;
		snprintf(number, sizeof number, "302-%07d-%07d", order, order * 7 % 10000000);
		snprintf(customer, sizeof customer, "Customer %d", order % 5000);
		snprintf(sku, sizeof sku, "SKU-%06d", row * 31 % 200000);
		snprintf(name, sizeof name, "Tea \"No. %d\" & cup, 250 g", row * 31 % 200000);
		snprintf(asin, sizeof asin, "B%09d", row * 31 % 200000);
		double price = (1000 + row % 9000) / 100.0, quantity = 1 + row % 3;
		int r = row + 1;
		worksheet_write_string(sheet, r, 0, number, text);
		worksheet_write_number(sheet, r, 1, 46000 + order % 300, date);
		worksheet_write_string(sheet, r, 2, customer, text);
		worksheet_write_string(sheet, r, 3, sku, text);
		worksheet_write_string(sheet, r, 4, name, text);
		worksheet_write_string(sheet, r, 5, "шт", text);
		worksheet_write_string(sheet, r, 6, asin, text);
		worksheet_write_string(sheet, r, 7, "Main warehouse", text);
		worksheet_write_number(sheet, r, 8, quantity, NULL);
		worksheet_write_number(sheet, r, 9, price, money);
		worksheet_write_number(sheet, r, 10, price * quantity, money);
		worksheet_write_number(sheet, r, 11, price * quantity / 6, money);
		worksheet_write_number(sheet, r, 12, price * quantity * 2, money);
		worksheet_write_number(sheet, r, 13, price * quantity / 3, money);
	}
	return workbook_close(book);
}
