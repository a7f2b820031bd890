package main

// What is to be reached, as ratios within one run on two cores.
const (
	goalLimit      = 2.5 // times the limit, by the clock: this ratio swings with the disk
	goalJSONCPU    = 3.2 // times the limit, in time of processors
	goalReportCPU  = 3.5
	goalPython     = 18.0 // times as fast as Python
	goalPeakMB     = 150.0
	goalPeakGrowth = 1.10 // at ten times the orders
	goalTimeGrowth = 1.15 // for each order, at ten times the orders
	goalDurable    = 1.3  // times the same without fsync
	goalStart      = 0.3  // seconds
	goalEngine     = 400  // MB/s of the XML engine
	goalWorkbook   = 4.0  // times as fast as excelize's StreamWriter, and as libxlsxwriter
	goalBookSize   = 1.10 // times excelize's file
)
