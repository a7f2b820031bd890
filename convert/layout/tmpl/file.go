package tmpl

import "obmen/convert/document"

// File is a batch on its way into one file, with what templates ask of it, computed once.
type File struct {
	*document.Batch
	Template  string // hash of the layout's templates and settings
	sums      []document.Sum
	constants []document.Constant
	unknown   *document.Unknown
}

func (f *File) controlTotals() []document.Sum {
	if f.sums == nil {
		f.sums = f.Sums()
	}
	return f.sums
}

func (f *File) sortedConstants() []document.Constant {
	if f.constants == nil {
		f.constants = f.SortedConstants()
	}
	return f.constants
}

func (f *File) unknownTo1C() *document.Unknown {
	if f.unknown == nil {
		f.unknown = f.Unknown()
	}
	return f.unknown
}
