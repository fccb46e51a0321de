#pragma once
#include "CTorch.h"

#ifdef __cplusplus
extern "C"
#else
extern
#endif
/* What the library hands out. */
const gt_functions gt_table;
