// Package readers models how released configurations of 1C read the order files of the layouts
// commerceml and enterprisedata: what their bases hold after a file, and after the same file again.
//
// A model is no configuration. It knows the rules that decide which documents, lines, sums, buyers and
// items come of a file, and leaves everything else out. The rules were learned by reading public dumps
// of the configurations, in the words of this package; none of 1C's code is in it, and none of it was
// tried on a live base. The sources are named by letter where a rule stands:
//
//	U  УТ 11.5.20, common modules ОбменССайтом, ОбменССайтомПереопределяемый, ОбменССайтамиУТ,
//	   ОбменССайтомПовтИсп (GitHub work1cblackbird/ut11); ERP 2.5.17 has the same rules (AlexanderYekat/erp)
//	N  УНФ 3.0.8, common modules ОбменССайтом, ОбменССайтомПовтИсп (AlexanderYekat/unf)
//	D  EnterpriseData: УНФ 3.0.8, МенеджерОбменаЧерезУниверсальныйФормат and ОбменДаннымиXDTOСервер
//	   (AlexanderYekat/unf); УТ 11.4.2, the same manager (korzhishe/digit_ut11); versions registered by
//	   УТ 11.5.20 and ERP 2.5.17
//	P  what the platform does on its own: known, and not read in any source
package readers
