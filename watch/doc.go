// Package watch turns what is dropped into an inbox into output sets in an outbox:
//
//	see → settle → claim → snapshot → convert → plan → publish → finish → put away
//
// Every arrow may be the last one before the power goes. The ledger knows what was begun and what was
// planned, the disk tells what became of it, and the next start goes on from there:
//
//   - A dropped file is at every instant in exactly one of inbox, claim, archive and quarantine, and
//     leaves the claim only when its outputs are durable. Its bytes are kept in the state folder as well.
//     With a Seal both copies are encrypted, and for an instant the file is in claim and archive.
//   - A planned set is completed from its staged files; one that is neither staged nor visible was taken
//     by 1C. So no revision of an order is ever published twice.
//   - Files are converted one by one, in the order they were claimed in; what was exported before in the
//     same state is left out.
package watch
