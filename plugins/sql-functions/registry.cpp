// SPDX-License-Identifier: Apache-2.0

#include "registry.hpp"

#include "aggregate/lists.hpp"
#include "array/lists.hpp"
#include "casts/lists.hpp"
#include "datetime/lists.hpp"
#include "math/lists.hpp"
#include "numeric/lists.hpp"
#include "session/lists.hpp"
#include "table/lists.hpp"
#include "text/lists.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

Registry build() {
  Registry all;
  for (const FunctionList list :
       {kIntegerFunctions,   kFloatFunctions,    kOrderFunctions,      kNumericOperators,
        kNumericComparisons, kNumericFunctions,  kDateArithmetic,      kIntervalFunctions,
        kDateComparisons,    kPartFunctions,     kTruncationFunctions, kClockFunctions,
        kJoinFunctions,      kMeasureFunctions,  kSliceFunctions,      kShapeFunctions,
        kLikeFunctions,      kCountAggregates,   kExtremeAggregates,   kFloatAggregates,
        kNumericAggregates,  kStringAggregates,  kMakeFunctions,       kNumberWriters,
        kNumberReaders,      kTemplateWriters,   kTemplateReaders,     kRegexFunctions,
        kQuoteFunctions,     kEncodingFunctions, kFormatFunctions,     kFloatMathFunctions,
        kSessionFunctions,   kValueFunctions,    kSeriesFunctions,     kSplitFunctions,
        kArrayMeasures,      kArrayComparisons,  kArrayEdits,          kArrayConcatenation,
        kArraySearches,      kArrayTexts,        kArraySets,           kArrayAggregates,
        kRegexArrayFunctions}) {
    all.functions.insert(all.functions.end(), list.begin(), list.end());
  }
  for (const CastList list : {kNumberCasts, kNumericCasts, kTextCasts, kTimeCasts}) {
    all.casts.insert(all.casts.end(), list.begin(), list.end());
  }
  for (const TypeList list : {kIntegerTypes, kFloatTypes, kNumericTypes, kTextTypes, kBytesTypes,
                              kTimeTypes, kVectorTypes}) {
    all.types.insert(all.types.end(), list.begin(), list.end());
  }
  return all;
}

}  // namespace

const Registry& registry() {
  static const Registry all = build();
  return all;
}

const mortise_type_info_t* find_type(uint32_t sql_type) {
  for (const mortise_type_info_t& info : registry().types) {
    if (info.sql_type == sql_type) return &info;
  }
  return nullptr;
}

}  // namespace mortise::sql_functions
