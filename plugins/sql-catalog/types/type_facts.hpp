// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does PostgreSQL 15 say of its own types beyond mortise.type/1?
//
// kTypeFacts has a line per type that is not an array: oid, name, length, by value, alignment,
// storage, kind, category, preferred, delimiter, element, array type, collation, then the object
// ids of input, output, receive, send, modifier input, modifier output, subscript and analyze
// functions. kTypeProcedures has those functions and the handlers of access methods and languages:
// oid:name:result:volatility:arguments.
//
// Longer than 250 lines, because the table is one list.
//
// Threads: constants.

#include <string_view>

namespace mortise::sql_catalog {

inline constexpr std::string_view kTypeFacts = R"(
16 bool 1 t c p b B t , 0 1000 0 1242 1243 2436 2437 0 0 0 0
17 bytea -1 f i x b U f , 0 1001 0 1244 31 2412 2413 0 0 0 0
18 char 1 t c p b Z f , 0 1002 0 1245 33 2434 2435 0 0 0 0
19 name 64 f c p b S f , 18 1003 950 34 35 2422 2423 0 0 6180 0
20 int8 8 t d p b N f , 0 1016 0 460 461 2408 2409 0 0 0 0
21 int2 2 t s p b N f , 0 1005 0 38 39 2404 2405 0 0 0 0
22 int2vector -1 f i p b A f , 21 1006 0 40 41 2410 2411 0 0 6179 0
23 int4 4 t i p b N f , 0 1007 0 42 43 2406 2407 0 0 0 0
24 regproc 4 t i p b N f , 0 1008 0 44 45 2444 2445 0 0 0 0
25 text -1 f i x b S t , 0 1009 100 46 47 2414 2415 0 0 0 0
26 oid 4 t i p b N t , 0 1028 0 1798 1799 2418 2419 0 0 0 0
27 tid 6 f s p b U f , 0 1010 0 48 49 2438 2439 0 0 0 0
28 xid 4 t i p b U f , 0 1011 0 50 51 2440 2441 0 0 0 0
29 cid 4 t i p b U f , 0 1012 0 52 53 2442 2443 0 0 0 0
30 oidvector -1 f i p b A f , 26 1013 0 54 55 2420 2421 0 0 6179 0
32 pg_ddl_command 8 t d p p P f , 0 0 0 86 87 88 90 0 0 0 0
114 json -1 f i x b U f , 0 199 0 321 322 323 324 0 0 0 0
142 xml -1 f i x b U f , 0 143 0 2893 2894 2898 2899 0 0 0 0
194 pg_node_tree -1 f i x b Z f , 0 0 100 195 196 197 198 0 0 0 0
269 table_am_handler 4 t i p p P f , 0 0 0 267 268 0 0 0 0 0 0
325 index_am_handler 4 t i p p P f , 0 0 0 326 327 0 0 0 0 0 0
600 point 16 f d p b G f , 701 1017 0 117 118 2428 2429 0 0 6180 0
601 lseg 32 f d p b G f , 600 1018 0 119 120 2480 2481 0 0 6180 0
602 path -1 f d x b G f , 0 1019 0 121 122 2482 2483 0 0 0 0
603 box 32 f d p b G f ; 600 1020 0 123 124 2484 2485 0 0 6180 0
604 polygon -1 f d x b G f , 0 1027 0 347 348 2486 2487 0 0 0 0
628 line 24 f d p b G f , 701 629 0 1490 1491 2488 2489 0 0 6180 0
650 cidr -1 f i m b I f , 0 651 0 1267 1427 2498 2499 0 0 0 0
700 float4 4 t i p b N f , 0 1021 0 200 201 2424 2425 0 0 0 0
701 float8 8 t d p b N t , 0 1022 0 214 215 2426 2427 0 0 0 0
705 unknown -2 f c p p X f , 0 0 0 109 110 2416 2417 0 0 0 0
718 circle 24 f d p b G f , 0 719 0 1450 1451 2490 2491 0 0 0 0
774 macaddr8 8 f i p b U f , 0 775 0 4110 4111 3446 3447 0 0 0 0
790 money 8 t d p b N f , 0 791 0 886 887 2492 2493 0 0 0 0
829 macaddr 6 f i p b U f , 0 1040 0 436 437 2494 2495 0 0 0 0
869 inet -1 f i m b I t , 0 1041 0 910 911 2496 2497 0 0 0 0
1033 aclitem 12 f i p b U f , 0 1034 0 1031 1032 0 0 0 0 0 0
1042 bpchar -1 f i x b S f , 0 1014 100 1044 1045 2430 2431 2913 2914 0 0
1043 varchar -1 f i x b S f , 0 1015 100 1046 1047 2432 2433 2915 2916 0 0
1082 date 4 t i p b D f , 0 1182 0 1084 1085 2468 2469 0 0 0 0
1083 time 8 t d p b D f , 0 1183 0 1143 1144 2470 2471 2909 2910 0 0
1114 timestamp 8 t d p b D f , 0 1115 0 1312 1313 2474 2475 2905 2906 0 0
1184 timestamptz 8 t d p b D t , 0 1185 0 1150 1151 2476 2477 2907 2908 0 0
1186 interval 16 f d p b T t , 0 1187 0 1160 1161 2478 2479 2903 2904 0 0
1266 timetz 12 f d p b D f , 0 1270 0 1350 1351 2472 2473 2911 2912 0 0
1560 bit -1 f i x b V f , 0 1561 0 1564 1565 2456 2457 2919 2920 0 0
1562 varbit -1 f i x b V t , 0 1563 0 1579 1580 2458 2459 2902 2921 0 0
1700 numeric -1 f i m b N f , 0 1231 0 1701 1702 2460 2461 2917 2918 0 0
1790 refcursor -1 f i x b U f , 0 2201 0 46 47 2414 2415 0 0 0 0
2202 regprocedure 4 t i p b N f , 0 2207 0 2212 2213 2446 2447 0 0 0 0
2203 regoper 4 t i p b N f , 0 2208 0 2214 2215 2448 2449 0 0 0 0
2204 regoperator 4 t i p b N f , 0 2209 0 2216 2217 2450 2451 0 0 0 0
2205 regclass 4 t i p b N f , 0 2210 0 2218 2219 2452 2453 0 0 0 0
2206 regtype 4 t i p b N f , 0 2211 0 2220 2221 2454 2455 0 0 0 0
2249 record -1 f d x p P f , 0 2287 0 2290 2291 2402 2403 0 0 0 0
2275 cstring -2 f c p p P f , 0 1263 0 2292 2293 2500 2501 0 0 0 0
2276 any 4 t i p p P f , 0 0 0 2294 2295 0 0 0 0 0 0
2277 anyarray -1 f d x p P f , 0 0 0 2296 2297 2502 2503 0 0 0 0
2278 void 4 t i p p P f , 0 0 0 2298 2299 3120 3121 0 0 0 0
2279 trigger 4 t i p p P f , 0 0 0 2300 2301 0 0 0 0 0 0
2280 language_handler 4 t i p p P f , 0 0 0 2302 2303 0 0 0 0 0 0
2281 internal 8 t d p p P f , 0 0 0 2304 2305 0 0 0 0 0 0
2283 anyelement 4 t i p p P f , 0 0 0 2312 2313 0 0 0 0 0 0
2287 _record -1 f d x p P f , 2249 0 0 750 751 2400 2401 0 0 6179 3816
2776 anynonarray 4 t i p p P f , 0 0 0 2777 2778 0 0 0 0 0 0
2950 uuid 16 f c p b U f , 0 2951 0 2952 2953 2961 2962 0 0 0 0
2970 txid_snapshot -1 f d x b U f , 0 2949 0 2939 2940 2941 2942 0 0 0 0
3115 fdw_handler 4 t i p p P f , 0 0 0 3116 3117 0 0 0 0 0 0
3220 pg_lsn 8 t d p b U f , 0 3221 0 3229 3230 3238 3239 0 0 0 0
3310 tsm_handler 4 t i p p P f , 0 0 0 3311 3312 0 0 0 0 0 0
3361 pg_ndistinct -1 f i x b Z f , 0 0 100 3355 3356 3357 3358 0 0 0 0
3402 pg_dependencies -1 f i x b Z f , 0 0 100 3404 3405 3406 3407 0 0 0 0
3500 anyenum 4 t i p p P f , 0 0 0 3504 3505 0 0 0 0 0 0
3614 tsvector -1 f i x b U f , 0 3643 0 3610 3611 3639 3638 0 0 0 3688
3615 tsquery -1 f i p b U f , 0 3645 0 3612 3613 3641 3640 0 0 0 0
3642 gtsvector -1 f i p b U f , 0 3644 0 3646 3647 0 0 0 0 0 0
3734 regconfig 4 t i p b N f , 0 3735 0 3736 3737 3738 3739 0 0 0 0
3769 regdictionary 4 t i p b N f , 0 3770 0 3771 3772 3773 3774 0 0 0 0
3802 jsonb -1 f i x b U f , 0 3807 0 3806 3804 3805 3803 0 0 6098 0
3831 anyrange -1 f d x p P f , 0 0 0 3832 3833 0 0 0 0 0 0
3838 event_trigger 4 t i p p P f , 0 0 0 3594 3595 0 0 0 0 0 0
3904 int4range -1 f i x r R f , 0 3905 0 3834 3835 3836 3837 0 0 0 3916
3906 numrange -1 f i x r R f , 0 3907 0 3834 3835 3836 3837 0 0 0 3916
3908 tsrange -1 f d x r R f , 0 3909 0 3834 3835 3836 3837 0 0 0 3916
3910 tstzrange -1 f d x r R f , 0 3911 0 3834 3835 3836 3837 0 0 0 3916
3912 daterange -1 f i x r R f , 0 3913 0 3834 3835 3836 3837 0 0 0 3916
3926 int8range -1 f d x r R f , 0 3927 0 3834 3835 3836 3837 0 0 0 3916
4072 jsonpath -1 f i x b U f , 0 4073 0 4001 4003 4002 4004 0 0 0 0
4089 regnamespace 4 t i p b N f , 0 4090 0 4084 4085 4087 4088 0 0 0 0
4096 regrole 4 t i p b N f , 0 4097 0 4098 4092 4094 4095 0 0 0 0
4191 regcollation 4 t i p b N f , 0 4192 0 4193 4194 4196 4197 0 0 0 0
4451 int4multirange -1 f i x m R f , 0 6150 0 4231 4232 4233 4234 0 0 0 4242
4532 nummultirange -1 f i x m R f , 0 6151 0 4231 4232 4233 4234 0 0 0 4242
4533 tsmultirange -1 f d x m R f , 0 6152 0 4231 4232 4233 4234 0 0 0 4242
4534 tstzmultirange -1 f d x m R f , 0 6153 0 4231 4232 4233 4234 0 0 0 4242
4535 datemultirange -1 f i x m R f , 0 6155 0 4231 4232 4233 4234 0 0 0 4242
4536 int8multirange -1 f d x m R f , 0 6157 0 4231 4232 4233 4234 0 0 0 4242
4537 anymultirange -1 f d x p P f , 0 0 0 4229 4230 0 0 0 0 0 0
4538 anycompatiblemultirange -1 f d x p P f , 0 0 0 4226 4227 0 0 0 0 0 0
4600 pg_brin_bloom_summary -1 f i x b Z f , 0 0 100 4596 4597 4598 4599 0 0 0 0
4601 pg_brin_minmax_multi_summary -1 f i x b Z f , 0 0 100 4638 4639 4640 4641 0 0 0 0
5017 pg_mcv_list -1 f i x b Z f , 0 0 100 5018 5019 5020 5021 0 0 0 0
5038 pg_snapshot -1 f d x b U f , 0 5039 0 5055 5056 5057 5058 0 0 0 0
5069 xid8 8 t d p b U f , 0 271 0 5070 5081 5082 5083 0 0 0 0
5077 anycompatible 4 t i p p P f , 0 0 0 5086 5087 0 0 0 0 0 0
5078 anycompatiblearray -1 f d x p P f , 0 0 0 5088 5089 5090 5091 0 0 0 0
5079 anycompatiblenonarray 4 t i p p P f , 0 0 0 5092 5093 0 0 0 0 0 0
5080 anycompatiblerange -1 f d x p P f , 0 0 0 5094 5095 0 0 0 0 0 0
)";

inline constexpr std::string_view kTypeProcedures = R"(
3:heap_tableam_handler:269:v:2281 31:byteaout:2275:i:17 33:charout:2275:i:18 34:namein:19:i:2275
35:nameout:2275:i:19 38:int2in:21:i:2275 39:int2out:2275:i:21 40:int2vectorin:22:i:2275
41:int2vectorout:2275:i:22 42:int4in:23:i:2275 43:int4out:2275:i:23 44:regprocin:24:s:2275
45:regprocout:2275:s:24 46:textin:25:i:2275 47:textout:2275:i:25 48:tidin:27:i:2275
49:tidout:2275:i:27 50:xidin:28:i:2275 51:xidout:2275:i:28 52:cidin:29:i:2275 53:cidout:2275:i:29
54:oidvectorin:30:i:2275 55:oidvectorout:2275:i:30 86:pg_ddl_command_in:32:i:2275
87:pg_ddl_command_out:2275:i:32 88:pg_ddl_command_recv:32:i:2281 90:pg_ddl_command_send:17:i:32
109:unknownin:705:i:2275 110:unknownout:2275:i:705 117:point_in:600:i:2275
118:point_out:2275:i:600 119:lseg_in:601:i:2275 120:lseg_out:2275:i:601 121:path_in:602:i:2275
122:path_out:2275:i:602 123:box_in:603:i:2275 124:box_out:2275:i:603
195:pg_node_tree_in:194:i:2275 196:pg_node_tree_out:2275:i:194 197:pg_node_tree_recv:194:s:2281
198:pg_node_tree_send:17:s:194 200:float4in:700:i:2275 201:float4out:2275:i:700
214:float8in:701:i:2275 215:float8out:2275:i:701 267:table_am_handler_in:269:i:2275
268:table_am_handler_out:2275:i:269 321:json_in:114:i:2275 322:json_out:2275:i:114
323:json_recv:114:i:2281 324:json_send:17:i:114 326:index_am_handler_in:325:i:2275
327:index_am_handler_out:2275:i:325 330:bthandler:325:v:2281 331:hashhandler:325:v:2281
332:gisthandler:325:v:2281 333:ginhandler:325:v:2281 334:spghandler:325:v:2281
335:brinhandler:325:v:2281 347:poly_in:604:i:2275 348:poly_out:2275:i:604
436:macaddr_in:829:i:2275 437:macaddr_out:2275:i:829 460:int8in:20:i:2275 461:int8out:2275:i:20
750:array_in:2277:s:2275,26,23 751:array_out:2275:s:2277 886:cash_in:790:s:2275
887:cash_out:2275:s:790 910:inet_in:869:i:2275 911:inet_out:2275:i:869 1031:aclitemin:1033:s:2275
1032:aclitemout:2275:s:1033 1044:bpcharin:1042:i:2275,26,23 1045:bpcharout:2275:i:1042
1046:varcharin:1043:i:2275,26,23 1047:varcharout:2275:i:1043 1084:date_in:1082:s:2275
1085:date_out:2275:s:1082 1143:time_in:1083:s:2275,26,23 1144:time_out:2275:i:1083
1150:timestamptz_in:1184:s:2275,26,23 1151:timestamptz_out:2275:s:1184
1160:interval_in:1186:s:2275,26,23 1161:interval_out:2275:s:1186 1242:boolin:16:i:2275
1243:boolout:2275:i:16 1244:byteain:17:i:2275 1245:charin:18:i:2275 1267:cidr_in:650:i:2275
1312:timestamp_in:1114:s:2275,26,23 1313:timestamp_out:2275:s:1114
1350:timetz_in:1266:s:2275,26,23 1351:timetz_out:2275:i:1266 1427:cidr_out:2275:i:650
1450:circle_in:718:i:2275 1451:circle_out:2275:i:718 1490:line_in:628:i:2275
1491:line_out:2275:i:628 1564:bit_in:1560:i:2275,26,23 1565:bit_out:2275:i:1560
1579:varbit_in:1562:i:2275,26,23 1580:varbit_out:2275:i:1562 1701:numeric_in:1700:i:2275,26,23
1702:numeric_out:2275:i:1700 1798:oidin:26:i:2275 1799:oidout:2275:i:26
2212:regprocedurein:2202:s:2275 2213:regprocedureout:2275:s:2202 2214:regoperin:2203:s:2275
2215:regoperout:2275:s:2203 2216:regoperatorin:2204:s:2275 2217:regoperatorout:2275:s:2204
2218:regclassin:2205:s:2275 2219:regclassout:2275:s:2205 2220:regtypein:2206:s:2275
2221:regtypeout:2275:s:2206 2246:fmgr_internal_validator:2278:s:26 2247:fmgr_c_validator:2278:s:26
2248:fmgr_sql_validator:2278:s:26 2290:record_in:2249:s:2275,26,23 2291:record_out:2275:s:2249
2292:cstring_in:2275:i:2275 2293:cstring_out:2275:i:2275 2294:any_in:2276:i:2275
2295:any_out:2275:i:2276 2296:anyarray_in:2277:i:2275 2297:anyarray_out:2275:s:2277
2298:void_in:2278:i:2275 2299:void_out:2275:i:2278 2300:trigger_in:2279:i:2275
2301:trigger_out:2275:i:2279 2302:language_handler_in:2280:i:2275
2303:language_handler_out:2275:i:2280 2304:internal_in:2281:i:2275 2305:internal_out:2275:i:2281
2312:anyelement_in:2283:i:2275 2313:anyelement_out:2275:i:2283 2400:array_recv:2277:s:2281,26,23
2401:array_send:17:s:2277 2402:record_recv:2249:s:2281,26,23 2403:record_send:17:s:2249
2404:int2recv:21:i:2281 2405:int2send:17:i:21 2406:int4recv:23:i:2281 2407:int4send:17:i:23
2408:int8recv:20:i:2281 2409:int8send:17:i:20 2410:int2vectorrecv:22:i:2281
2411:int2vectorsend:17:i:22 2412:bytearecv:17:i:2281 2413:byteasend:17:i:17
2414:textrecv:25:s:2281 2415:textsend:17:s:25 2416:unknownrecv:705:i:2281
2417:unknownsend:17:i:705 2418:oidrecv:26:i:2281 2419:oidsend:17:i:26 2420:oidvectorrecv:30:i:2281
2421:oidvectorsend:17:i:30 2422:namerecv:19:s:2281 2423:namesend:17:s:19
2424:float4recv:700:i:2281 2425:float4send:17:i:700 2426:float8recv:701:i:2281
2427:float8send:17:i:701 2428:point_recv:600:i:2281 2429:point_send:17:i:600
2430:bpcharrecv:1042:s:2281,26,23 2431:bpcharsend:17:s:1042 2432:varcharrecv:1043:s:2281,26,23
2433:varcharsend:17:s:1043 2434:charrecv:18:i:2281 2435:charsend:17:i:18 2436:boolrecv:16:i:2281
2437:boolsend:17:i:16 2438:tidrecv:27:i:2281 2439:tidsend:17:i:27 2440:xidrecv:28:i:2281
2441:xidsend:17:i:28 2442:cidrecv:29:i:2281 2443:cidsend:17:i:29 2444:regprocrecv:24:i:2281
2445:regprocsend:17:i:24 2446:regprocedurerecv:2202:i:2281 2447:regproceduresend:17:i:2202
2448:regoperrecv:2203:i:2281 2449:regopersend:17:i:2203 2450:regoperatorrecv:2204:i:2281
2451:regoperatorsend:17:i:2204 2452:regclassrecv:2205:i:2281 2453:regclasssend:17:i:2205
2454:regtyperecv:2206:i:2281 2455:regtypesend:17:i:2206 2456:bit_recv:1560:i:2281,26,23
2457:bit_send:17:i:1560 2458:varbit_recv:1562:i:2281,26,23 2459:varbit_send:17:i:1562
2460:numeric_recv:1700:i:2281,26,23 2461:numeric_send:17:i:1700 2468:date_recv:1082:i:2281
2469:date_send:17:i:1082 2470:time_recv:1083:i:2281,26,23 2471:time_send:17:i:1083
2472:timetz_recv:1266:i:2281,26,23 2473:timetz_send:17:i:1266
2474:timestamp_recv:1114:i:2281,26,23 2475:timestamp_send:17:i:1114
2476:timestamptz_recv:1184:i:2281,26,23 2477:timestamptz_send:17:i:1184
2478:interval_recv:1186:i:2281,26,23 2479:interval_send:17:i:1186 2480:lseg_recv:601:i:2281
2481:lseg_send:17:i:601 2482:path_recv:602:i:2281 2483:path_send:17:i:602 2484:box_recv:603:i:2281
2485:box_send:17:i:603 2486:poly_recv:604:i:2281 2487:poly_send:17:i:604 2488:line_recv:628:i:2281
2489:line_send:17:i:628 2490:circle_recv:718:i:2281 2491:circle_send:17:i:718
2492:cash_recv:790:i:2281 2493:cash_send:17:i:790 2494:macaddr_recv:829:i:2281
2495:macaddr_send:17:i:829 2496:inet_recv:869:i:2281 2497:inet_send:17:i:869
2498:cidr_recv:650:i:2281 2499:cidr_send:17:i:650 2500:cstring_recv:2275:s:2281
2501:cstring_send:17:s:2275 2502:anyarray_recv:2277:s:2281 2503:anyarray_send:17:s:2277
2777:anynonarray_in:2776:i:2275 2778:anynonarray_out:2275:i:2776 2893:xml_in:142:s:2275
2894:xml_out:2275:i:142 2898:xml_recv:142:s:2281 2899:xml_send:17:s:142
2902:varbittypmodin:23:i:1263 2903:intervaltypmodin:23:i:1263 2904:intervaltypmodout:2275:i:23
2905:timestamptypmodin:23:i:1263 2906:timestamptypmodout:2275:i:23
2907:timestamptztypmodin:23:i:1263 2908:timestamptztypmodout:2275:i:23 2909:timetypmodin:23:i:1263
2910:timetypmodout:2275:i:23 2911:timetztypmodin:23:i:1263 2912:timetztypmodout:2275:i:23
2913:bpchartypmodin:23:i:1263 2914:bpchartypmodout:2275:i:23 2915:varchartypmodin:23:i:1263
2916:varchartypmodout:2275:i:23 2917:numerictypmodin:23:i:1263 2918:numerictypmodout:2275:i:23
2919:bittypmodin:23:i:1263 2920:bittypmodout:2275:i:23 2921:varbittypmodout:2275:i:23
2939:txid_snapshot_in:2970:i:2275 2940:txid_snapshot_out:2275:i:2970
2941:txid_snapshot_recv:2970:i:2281 2942:txid_snapshot_send:17:i:2970 2952:uuid_in:2950:i:2275
2953:uuid_out:2275:i:2950 2961:uuid_recv:2950:i:2281 2962:uuid_send:17:i:2950
3116:fdw_handler_in:3115:i:2275 3117:fdw_handler_out:2275:i:3115 3120:void_recv:2278:i:2281
3121:void_send:17:i:2278 3229:pg_lsn_in:3220:i:2275 3230:pg_lsn_out:2275:i:3220
3238:pg_lsn_recv:3220:i:2281 3239:pg_lsn_send:17:i:3220 3311:tsm_handler_in:3310:i:2275
3312:tsm_handler_out:2275:i:3310 3355:pg_ndistinct_in:3361:i:2275
3356:pg_ndistinct_out:2275:i:3361 3357:pg_ndistinct_recv:3361:s:2281
3358:pg_ndistinct_send:17:s:3361 3404:pg_dependencies_in:3402:i:2275
3405:pg_dependencies_out:2275:i:3402 3406:pg_dependencies_recv:3402:s:2281
3407:pg_dependencies_send:17:s:3402 3446:macaddr8_recv:774:i:2281 3447:macaddr8_send:17:i:774
3504:anyenum_in:3500:i:2275 3505:anyenum_out:2275:s:3500 3594:event_trigger_in:3838:i:2275
3595:event_trigger_out:2275:i:3838 3610:tsvectorin:3614:i:2275 3611:tsvectorout:2275:i:3614
3612:tsqueryin:3615:i:2275 3613:tsqueryout:2275:i:3615 3638:tsvectorsend:17:i:3614
3639:tsvectorrecv:3614:i:2281 3640:tsquerysend:17:i:3615 3641:tsqueryrecv:3615:i:2281
3646:gtsvectorin:3642:i:2275 3647:gtsvectorout:2275:i:3642 3688:ts_typanalyze:16:s:2281
3736:regconfigin:3734:s:2275 3737:regconfigout:2275:s:3734 3738:regconfigrecv:3734:i:2281
3739:regconfigsend:17:i:3734 3771:regdictionaryin:3769:s:2275 3772:regdictionaryout:2275:s:3769
3773:regdictionaryrecv:3769:i:2281 3774:regdictionarysend:17:i:3769 3803:jsonb_send:17:i:3802
3804:jsonb_out:2275:i:3802 3805:jsonb_recv:3802:i:2281 3806:jsonb_in:3802:i:2275
3816:array_typanalyze:16:s:2281 3832:anyrange_in:3831:s:2275,26,23 3833:anyrange_out:2275:s:3831
3834:range_in:3831:s:2275,26,23 3835:range_out:2275:s:3831 3836:range_recv:3831:s:2281,26,23
3837:range_send:17:s:3831 3914:int4range_canonical:3904:i:3904
3915:daterange_canonical:3912:i:3912 3916:range_typanalyze:16:s:2281
3922:int4range_subdiff:701:i:23,23 3923:int8range_subdiff:701:i:20,20
3924:numrange_subdiff:701:i:1700,1700 3925:daterange_subdiff:701:i:1082,1082
3928:int8range_canonical:3926:i:3926 3929:tsrange_subdiff:701:i:1114,1114
3930:tstzrange_subdiff:701:i:1184,1184 4001:jsonpath_in:4072:i:2275 4002:jsonpath_recv:4072:i:2281
4003:jsonpath_out:2275:i:4072 4004:jsonpath_send:17:i:4072 4084:regnamespacein:4089:s:2275
4085:regnamespaceout:2275:s:4089 4087:regnamespacerecv:4089:i:2281 4088:regnamespacesend:17:i:4089
4092:regroleout:2275:s:4096 4094:regrolerecv:4096:i:2281 4095:regrolesend:17:i:4096
4098:regrolein:4096:s:2275 4110:macaddr8_in:774:i:2275 4111:macaddr8_out:2275:i:774
4193:regcollationin:4191:s:2275 4194:regcollationout:2275:s:4191 4196:regcollationrecv:4191:i:2281
4197:regcollationsend:17:i:4191 4226:anycompatiblemultirange_in:4538:s:2275,26,23
4227:anycompatiblemultirange_out:2275:s:4538 4229:anymultirange_in:4537:s:2275,26,23
4230:anymultirange_out:2275:s:4537 4231:multirange_in:4537:s:2275,26,23
4232:multirange_out:2275:s:4537 4233:multirange_recv:4537:s:2281,26,23
4234:multirange_send:17:s:4537 4242:multirange_typanalyze:16:s:2281
4596:brin_bloom_summary_in:4600:i:2275 4597:brin_bloom_summary_out:2275:i:4600
4598:brin_bloom_summary_recv:4600:s:2281 4599:brin_bloom_summary_send:17:s:4600
4638:brin_minmax_multi_summary_in:4601:i:2275 4639:brin_minmax_multi_summary_out:2275:i:4601
4640:brin_minmax_multi_summary_recv:4601:s:2281 4641:brin_minmax_multi_summary_send:17:s:4601
5018:pg_mcv_list_in:5017:i:2275 5019:pg_mcv_list_out:2275:i:5017 5020:pg_mcv_list_recv:5017:s:2281
5021:pg_mcv_list_send:17:s:5017 5055:pg_snapshot_in:5038:i:2275 5056:pg_snapshot_out:2275:i:5038
5057:pg_snapshot_recv:5038:i:2281 5058:pg_snapshot_send:17:i:5038 5070:xid8in:5069:i:2275
5081:xid8out:2275:i:5069 5082:xid8recv:5069:i:2281 5083:xid8send:17:i:5069
5086:anycompatible_in:5077:i:2275 5087:anycompatible_out:2275:i:5077
5088:anycompatiblearray_in:5078:i:2275 5089:anycompatiblearray_out:2275:s:5078
5090:anycompatiblearray_recv:5078:s:2281 5091:anycompatiblearray_send:17:s:5078
5092:anycompatiblenonarray_in:5079:i:2275 5093:anycompatiblenonarray_out:2275:i:5079
5094:anycompatiblerange_in:5080:s:2275,26,23 5095:anycompatiblerange_out:2275:s:5080
6098:jsonb_subscript_handler:2281:i:2281 6179:array_subscript_handler:2281:i:2281
6180:raw_array_subscript_handler:2281:i:2281
)";

}  // namespace mortise::sql_catalog
