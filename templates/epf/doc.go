// Package epf writes external data processors of 1C:Enterprise: the .epf file itself and the XML files
// that Designer makes of one ("Выгрузить внешнюю обработку в файлы"). A processor has a module and no
// forms, so nothing here needs the platform.
//
// It lies below templates because what it wraps lies there: the modules of templates/<layout>/1c. It
// imports nothing of ours, and only commands import it.
//
// The container's format is not published by 1C; what stands here follows facts, onec 5, and is what
// unpackers of the community read.
package epf
