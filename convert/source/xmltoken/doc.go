// Package xmltoken reads XML token by token, and one element as a tree. The quick reader takes what Amazon
// writes; whatever else comes is left to encoding/xml.
package xmltoken
