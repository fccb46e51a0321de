#include "LibTorch.h"

#define GT_ENTRY(name) gt_##name,
const gt_functions gt_table = {GT_FUNCTIONS(GT_ENTRY)};
