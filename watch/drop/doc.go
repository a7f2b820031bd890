// Package drop holds the durable file operations: a file is put into a folder, published there as one
// of a set, moved, observed and swept so that a kill or a power cut at any instant leaves either the
// whole file under its name or nothing under that name.
//
// The order is always the same: write under a name that no mask of a reader matches, on the same
// volume; check the byte count; fsync; close; rename without replacing; fsync the folder. Without the
// last step an acknowledged file was gone after a power cut on ext4 and xfs. A name
// is never replaced: an equal file under it means that the work was done before, other bytes are an
// *ExistsError.
//
// A Folder is the folder that receives files. All its work on the disk goes through the small interface
// FS, so that tests can fail, kill or cut the power between any two steps.
package drop
