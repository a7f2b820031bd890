// Package pull fetches the orders of any shop with a JSON interface, page by page, and puts each answer's body,
// unchanged, where others read it. How the shop is asked, and what of an answer are orders, a Source knows.
//
// As with Amazon's orders, nothing is lost: a page is durable before the cursor that stands behind it moves. A
// run that is killed goes on where the last durable page ended, or asks once more; whoever reads the files
// knows an order by its number.
package pull
