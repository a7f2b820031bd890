// Package buckettest plays a server of S3 for tests.
//
// Server is an http.Handler. It holds one bucket, demands the signature of version 4 as AWS publishes it, with the
// SHA-256 of what is sent, keeps to If-None-Match, If-Match and Range, lists in pages, and refuses with the codes of
// S3. It knows nothing of the client that it tests. What a test wants to go wrong it does on purpose.
package buckettest
